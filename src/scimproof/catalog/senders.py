"""Senders: identity providers' provisioning clients as data, read from suites/*/sender.toml."""

from __future__ import annotations

import random
import re
import string
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args

from scimproof.core.errors import CatalogError, did_you_mean

FILE = "sender.toml"
ALPHABET = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
Encoding = Literal["percent", "form", "form-lower"]
BaseQuery = Literal["refuse", "carry"]
# What the harness asks for outside sequences. A sender that never sends one of them does not name it: then
# what needs it is left out (races of groups, growing groups), and said so.
NEEDED = ("probe", "create", "read")
PURPOSES = (
    *NEEDED, "create_minimal", "page", "deactivate", "reactivate",
    "list_groups", "create_group", "read_group", "add_member", "remove_member", "add_members",
)  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """One kind of application for which the sender's requests differ, in words.

    `counts` are the dialects whose sequences count with its own, since such an application sends them too
    (`with` in sender.toml). Where one is asked that a dialect counts with, it has no result of its own.
    `suite` is one that stands for no application but for tests of their own. `requests` are those of the
    sender's canonical ones that differ for it, by purpose.
    """

    short: str
    about: str = ""
    works: str = ""
    fails: str = ""
    counts: tuple[str, ...] = ()
    suite: bool = False
    requests: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """What a report says of the dialect."""
        row: dict[str, Any] = {"short": self.short, "about": self.about}
        row |= {"works": self.works, "fails": self.fails}
        row |= {"with": list(self.counts)} if self.counts else {}
        return row | ({"suite": True} if self.suite else {})


@dataclass(frozen=True)
class Identities:
    """Forms of what a sender makes up about people.

    In `external_id` each `*` is a letter or digit and each `#` a hexadecimal digit; one with a variable in
    braces (`{localPart}`) is filled from the person's other values instead. `plus` is what the kind "plus"
    appends to the local part of an address. `user_name` is a template of template variables for the
    userName of ordinary people; without one it is the e-mail address.
    """

    external_id: str = "*" * 20
    plus: str = "+tag"
    user_name: str = ""

    @property
    def fixed_start(self) -> str:
        """What all external ids begin with: the form up to the first character that is drawn."""
        return re.split(r"[*#]", self.external_id)[0]

    def new_external_id(self, rng: random.Random, known: Mapping[str, str]) -> str:
        """An external id of that form, drawn from `rng`, or made of the person's values in `known`."""
        if "{" in self.external_id:
            return self.external_id.format_map(known)
        draws = {"*": ALPHABET, "#": HEX}
        return "".join(rng.choices(draws[c])[0] if c in draws else c for c in self.external_id)


@dataclass(frozen=True)
class Retry:
    """After a 429: seconds of the first wait without Retry-After, its growth, attempts in all."""

    first_wait: float = 300.0
    factor: float = 2.0
    attempts: int = 10


@dataclass(frozen=True)
class StateRules:
    """Requirements by which whole resources are compared with what the sender has written.

    `after` names the requirement for the time after a write, by its operation, and by its method too where an
    operation has several (`OKTA-25 PUT`); `refused` the one after a write whose own requirement is among
    `refusals`. `shown` is for answers after preparing writes only, `bystanders` for those that no write of a
    sequence concerned. `declined` and `lost` are about attributes that were sent and are never shown: the
    target's /Schemas do not list them, or do. `departed` is about deactivated users whom their groups do not
    show any more. `excluded` are beginnings of ids of sequences that are compared
    with nothing.
    """

    after: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    refusals: frozenset[str] = frozenset()
    shown: str = ""
    bystanders: str = ""
    declined: str = ""
    lost: str = ""
    departed: str = ""
    excluded: tuple[str, ...] = ()

    def following(self, operation: str, method: str) -> str:
        """The requirement for the time after a write; empty where nothing is compared."""
        return self.after.get(f"{operation} {method}", self.after.get(operation, ""))

    @property
    def requirements(self) -> list[str]:
        """Those of whole resources that it names."""
        of_run = (self.declined, self.lost, self.departed)
        named = (*self.after.values(), self.refused, self.shown, self.bystanders, *of_run)
        return [name for name in named if name]


@dataclass(frozen=True)
class Words:
    """How reports speak of the sender.

    `administrator` is who sees the effect (`an Acme administrator`), `place` where (`in Acme`), `sources`
    what labels of sources mean, `authorities` what its own requirements are called.
    """

    administrator: str = "an administrator"
    place: str = "for the administrator"
    sources: str = ""
    authorities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """An identity provider's provisioning client: what is the same in all that it sends.

    `requests` are files of fixtures/ by purpose (PURPOSES); `headers` the lower-case names of those that its
    requests carry; `timeout` seconds for a whole exchange; `page_size` resources; `batch` members of a group
    in one request, whose body `batch_rule` makes; `deprovisions` the request files that take an account away;
    `mix` what Locust's page plays when nothing else is said. `query` is how values are encoded in a query
    ("form-lower": form-encoded, with the hexadecimal digits in lower case), `base_query`
    what becomes of a query of the base URL.
    """

    id: str
    name: str
    profile: str
    default: bool = False
    timeout: float = 60.0
    headers: frozenset[str] = frozenset()
    requests: Mapping[str, str] = field(default_factory=dict)
    deprovisions: frozenset[str] = frozenset()
    query: Encoding = "percent"
    base_query: BaseQuery = "refuse"
    page_size: int = 100
    retry: Retry = field(default_factory=Retry)
    batch: int = 100
    batch_rule: str = ""
    identities: Identities = field(default_factory=Identities)
    mix: str = ""
    words: Words = field(default_factory=Words)
    state: StateRules = field(default_factory=StateRules)
    dialects: Mapping[str, Dialect] = field(default_factory=dict)

    def has(self, *purposes: str) -> bool:
        """Whether it sends requests of all these purposes."""
        return all(purpose in self.requests for purpose in purposes)

    def speaking(self, dialects: Collection[str]) -> Self:
        """The same sender with the canonical requests of that dialect, where it speaks one only."""
        shared = {name for dialect in self.dialects.values() for name in dialect.counts}
        known = [self.dialects[id] for id in dialects if id in self.dialects and id not in shared]
        own = known[0].requests if len(known) == 1 else {}
        return replace(self, requests={**self.requests, **own}) if own else self

    def request(self, purpose: str) -> str:
        """The request file of that purpose; CatalogError where the sender has none."""
        if purpose not in self.requests:
            raise CatalogError(f"suites/{self.id}/{FILE}: [requests] has no {purpose}, which is needed here")
        return self.requests[purpose]

    def json(self) -> dict[str, Any]:
        """What a report says of the sender, from which its writers take their words."""
        words = self.words
        return {
            "id": self.id,
            "name": self.name,
            "administrator": words.administrator,
            "place": words.place,
            "sources": words.sources,
            "authorities": dict(words.authorities),
            "dialects": {id: dialect.json() for id, dialect in self.dialects.items()},
        }


def together(senders: Iterable[Sender]) -> Sender:
    """Several senders as a report of them all speaks of them: the first one, with the words of each."""
    first, *others = senders
    if not others:
        return first
    every = (first, *others)
    words = [one.words for one in every]
    spoken = Words(
        administrator=" or ".join(one.administrator for one in words),
        place=" or ".join(one.place for one in words),
        sources=" ".join(one.sources for one in words if one.sources),
        authorities={id: text for one in words for id, text in one.authorities.items()},
    )
    dialects = {id: dialect for one in every for id, dialect in one.dialects.items()}
    return replace(first, name=" and ".join(one.name for one in every), words=spoken, dialects=dialects)


def read_senders(suites: Path) -> dict[str, Sender]:
    """The senders by the name of their folder in suites/; CatalogError with the file where one is wrong."""
    found = {path.parent.name: _sender(path) for path in sorted(suites.glob(f"*/{FILE}"))}
    if len([sender for sender in found.values() if sender.default]) > 1:
        raise CatalogError(f"more than one {FILE} says default = true; one sender is that of what names none")
    return found


def default_sender(senders: Mapping[str, Sender]) -> Sender:
    """The sender of what names none."""
    chosen = next((sender for sender in senders.values() if sender.default), None)
    if chosen is None and not senders:
        raise CatalogError(f"no suites/*/{FILE}: a run has no sender")
    return chosen or next(iter(senders.values()))


def sender_of(senders: Mapping[str, Sender], ids: Iterable[str]) -> Sender:
    """Whose sequences these are, by the first part of their ids; else the default sender."""
    owners = (id.partition(".")[0] for id in ids)
    return next((senders[owner] for owner in owners if owner in senders), None) or default_sender(senders)


def _sender(path: Path) -> Sender:
    where = f"{path.parent.name}/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{where}: {problem}") from None
    query, paging, push = (data.pop(key, {}) for key in ("query", "paging", "push"))
    requests = data.pop("requests", {})
    _check_purposes(f"{where}: [requests]", requests)
    if lacking := [purpose for purpose in NEEDED if purpose not in requests]:
        raise CatalogError(f"{where}: [requests] lacks {', '.join(lacking)}")
    values, base = query.get("values", "percent"), query.get("base", "refuse")
    for key, value, known in (("values", values, get_args(Encoding)), ("base", base, get_args(BaseQuery))):
        if value not in known:
            raise CatalogError(f"{where}: [query] {key} = {value!r} is none of {', '.join(known)}")
    try:
        return Sender(
            id=path.parent.name,
            headers=frozenset(name.lower() for name in data.pop("headers", ())),
            requests=requests,
            deprovisions=frozenset(data.pop("deprovision", {}).get("requests", ())),
            query=values,
            base_query=base,
            page_size=paging.get("size", 100),
            retry=Retry(**data.pop("retry", {})),
            batch=push.get("batch", 100),
            batch_rule=push.get("rule", ""),
            identities=Identities(**data.pop("identities", {})),
            mix=data.pop("load", {}).get("mix", ""),
            words=Words(**data.pop("words", {})),
            state=_state(data.pop("state", {})),
            dialects=_dialects(where, data.pop("dialects", {})),
            **data,
        )
    except TypeError as problem:
        raise CatalogError(f"{where}: {problem}") from None


def _check_purposes(where: str, requests: Mapping[str, str]) -> None:
    for purpose in requests:
        if purpose not in PURPOSES:
            raise CatalogError(
                f"{where} {purpose} is nothing that is asked for{did_you_mean(purpose, PURPOSES)}"
            )


def _dialects(where: str, tables: dict[str, Any]) -> dict[str, Dialect]:
    """The dialects; what one counts with its own is a dialect beside it that has none itself."""
    shared = {id: tuple(table.pop("with", ())) for id, table in tables.items()}
    for id, names in shared.items():
        for name in names:
            if name not in tables:
                hint = did_you_mean(name, tables)
                raise CatalogError(f"{where}: [dialects.{id!r}] with: no dialect is called {name!r}{hint}")
            if name == id or shared[name]:
                raise CatalogError(f"{where}: [dialects.{id!r}] with: {name!r} counts others with it itself")
        _check_purposes(f"{where}: [dialects.{id!r}.requests]", tables[id].get("requests", {}))
    return {id: Dialect(**words, counts=shared[id]) for id, words in tables.items()}


def _state(table: dict[str, Any]) -> StateRules:
    refusals, excluded = table.pop("refusals", ()), table.pop("excluded", ())
    return StateRules(refusals=frozenset(refusals), excluded=tuple(excluded), **table)
