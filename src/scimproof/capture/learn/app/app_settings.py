"""App settings of a capture: the [app] part of scimproof.toml that would send what was seen."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from scimproof.capture.learn.app.app_evidence import AppEvidence, SenderEvidence
from scimproof.capture.learn.app.mapped_attributes import MappedAttribute, mapped_attributes
from scimproof.capture.learn.app.user_name_format import ENOUGH, UserNameFormat, user_name_format
from scimproof.catalog.app import AppSettings, Source
from scimproof.catalog.loader import Catalog
from scimproof.core.errors import UsageError
from scimproof.core.toml_source import toml_key

ENOUGH_REQUESTS = 30  # of the sender, before what is not among them is taken for what the app never does
WIDTH = 96


@dataclass(frozen=True)
class LearntApp:
    """What a capture says of an app: each part with its evidence; a part that is None or empty is left out.

    `actions` are those that were seen, None where there were too few requests to tell; `usual` says that the
    mapped attributes are those of an app of which nothing is said.
    """

    sender: str
    name: str
    evidence: SenderEvidence
    user_name: UserNameFormat
    mapped: tuple[MappedAttribute, ...]
    usual: bool
    actions: tuple[str, ...] | None
    push_batch: int | None
    pushed: str

    @classmethod
    def of(cls, evidence: AppEvidence, catalog: Catalog) -> LearntApp:
        """What is concluded; UsageError where no sender of the capture has apps that can be set up."""
        found = evidence.most
        if found is None:
            names = ", ".join(catalog.senders[id].name for id in catalog.apps)
            raise UsageError(
                "--app: no request of the capture was recognised as one of a sender whose apps can be set up "
                f"({names}); without --app the table says what was recognised"
            )
        sender, seen = found
        rules, creates = seen.rules, list(seen.creates.values())
        mapped = mapped_attributes(creates, seen.updates, rules) if len(creates) >= ENOUGH else []
        batch, pushed = _batch(seen, catalog.senders[sender].batch)
        return cls(
            sender=sender,
            name=catalog.senders[sender].name,
            evidence=seen,
            user_name=user_name_format(creates, rules),
            mapped=tuple(mapped),
            usual={one.path: one.source for one in mapped} == rules.mappings,
            actions=_actions(seen),
            push_batch=batch,
            pushed=pushed,
        )

    @property
    def settings(self) -> AppSettings:
        """The settings as a run takes them."""
        stated = {one.path: one.source for one in self.mapped if one.source is not None}
        every = self.actions is None or set(self.actions) == set(self.evidence.rules.actions)
        return AppSettings(
            user_name=self.user_name.value,
            mappings=None if self.usual or not stated else stated,
            actions=None if every else self.actions,
            push_batch=self.push_batch,
        )

    def text(self, source: str) -> str:
        """The [app] part as it stands in scimproof.toml, with comments on what each line follows from."""
        return "".join(f"{line}\n" for line in self._lines(source))

    def _lines(self, source: str) -> Iterator[str]:
        seen, settings = self.evidence, self.settings
        days = [datetime.fromtimestamp(one, UTC).date().isoformat() for one in (seen.first, seen.last)]
        when = days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"
        yield from _words(f"What {source} shows of your app: {seen.total} requests of {self.name}, {when}.")
        yield "[app]"
        yield from _words(f"userName: {self.user_name.why}.")
        if settings.user_name is not None:
            yield f"user_name = {json.dumps(settings.user_name, ensure_ascii=False)}"
        yield from self._action_lines(settings)
        yield from _words(f"Members of a group in one request: {self.pushed}.")
        if settings.push_batch is not None:
            yield f"push_batch = {settings.push_batch}"
        yield ""
        yield from self._mapping_lines(settings)

    def _action_lines(self, settings: AppSettings) -> Iterator[str]:
        total, every = self.evidence.total, self.evidence.rules.actions
        if self.actions is None:
            yield from _words(
                f"actions: too few requests to tell what is never done: {total}, and {ENOUGH_REQUESTS} are "
                "needed."
            )
            return
        lacking = [action for action in every if action not in self.actions]
        if not lacking:
            yield from _words("actions: all of them were seen, which needs no line.")
            return
        yield from _words(
            f"Not once among {total} requests: {', '.join(lacking)}. Add what is enabled and merely did not "
            "happen."
        )
        yield f"actions = [{', '.join(json.dumps(one) for one in settings.actions or ())}]"

    def _mapping_lines(self, settings: AppSettings) -> Iterator[str]:
        creates = len(self.evidence.creates)
        if not self.mapped:
            yield from _words(
                f"Mapped attributes: too few creates to tell: {creates}, and {ENOUGH} are needed."
            )
            return
        if self.usual:
            yield from _words(
                f"The {creates} creates have the attributes that are usually mapped, which needs no table."
            )
            return
        yield from _words(
            f"What the {creates} creates had, in how many of them, and mapped to what it usually is unless "
            "said otherwise: that a value comes from another attribute of the profile no request shows."
        )
        yield "[app.mappings]" if settings.mappings else "#[app.mappings]"
        for one in self.mapped:
            words = f"{one.seen} of {creates}" + (f"; {one.why}" if one.why else "")
            line = f"{toml_key(one.path)} = {_source(one.source)}"
            yield f"{'#' if one.source is None else ''}{line}  # {words}"


def _actions(seen: SenderEvidence) -> tuple[str, ...] | None:
    """The actions of which a request was seen; None where too few requests were seen at all."""
    if seen.total < ENOUGH_REQUESTS:
        return None
    actions = seen.rules.actions.items()
    return tuple(action for action, operations in actions if any(seen.requests[one] for one in operations))


def _batch(seen: SenderEvidence, usual: int) -> tuple[int | None, str]:
    """Members a request where several were needed for a group, and how that is known."""
    full = {sizes[0] for sizes in seen.pushes.values() if _in_batches(sizes, seen.rules.least)}
    largest = max((size for sizes in seen.pushes.values() for size in sizes), default=0)
    if len(full) != 1:
        told = (
            f"never as many as it takes two requests for; at most {largest} at once"
            if largest
            else "none were seen"
        )
        return None, told if not full else f"no one number ({', '.join(map(str, sorted(full)))})"
    (size,) = full
    number = sum(_in_batches(sizes, seen.rules.least) for sizes in seen.pushes.values())
    words = f"{size} in {number} group{'' if number == 1 else 's'} that needed several"
    return (None, f"{words}, which needs no line") if size == usual else (size, words)


def _in_batches(sizes: list[int], least: int) -> bool:
    """Whether these are full requests and what was left over."""
    *full, rest = sizes
    return bool(full) and full[0] >= least and set(full) == {full[0]} and rest <= full[0]


def _source(source: Source | None) -> str:
    if source is None:
        return '"?"'
    if isinstance(source, dict):
        return f"{{ fixed = {json.dumps(source['fixed'], ensure_ascii=False)} }}"
    return json.dumps(source)


def _words(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")
