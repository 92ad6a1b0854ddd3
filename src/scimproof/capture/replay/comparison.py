"""Comparison of the answer that was recorded with the one that is given now, legal variety aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from scimproof.capture.replay.endpoint import Endpoint
from scimproof.catalog.legal_variety import LegalVariety
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, held
from scimproof.core.scim import Kind, carries, id_of, resources, value_at
from scimproof.state.comparison import few, show
from scimproof.state.equality import NOTHING, equal, unmatched
from scimproof.state.request_effects import leaves

STATUS, SERVED, FIXED = "replay-status-as-recorded", "replay-served-now", "replay-fixed"
WRITTEN, FOUND = "replay-written-as-recorded", "replay-found-as-recorded"
OWN_VALUES, ADDED = "replay-own-values-as-recorded", "replay-nothing-added"
STATE = "replay-state-as-written"

# Statuses of success of which a server may choose one (RFC 7644 sections 3.5.1, 3.5.2 and 3.6).
ALIKE: dict[str, frozenset[int]] = {
    "PATCH": frozenset({200, 204}), "DELETE": frozenset({200, 204}), "PUT": frozenset({200, 204}),
}  # fmt: skip
NOT_OFFERED = 501  # which is no failure of the server
MOST = 5  # differences that a finding tells
Key = tuple[Kind, str]
# The id of a resource that both answers show, as it was recorded, and as it is now.
Shared = tuple[str, Mapping[str, Json], Mapping[str, Json]]


class Compared(NamedTuple):
    """What the comparison says of one requirement."""

    requirement: str
    result: CheckResult


@dataclass(frozen=True)
class AnswerComparison:
    """Compares two answers to one request, both in the terms of this run.

    `promised` tells whether the history has written an attribute of a resource (its path in lower case) by
    then. Of `partial` resources, made without an answer that showed them, only such attributes are compared.
    `there` are the ids of this run's resources.
    """

    prefix: str
    variety: LegalVariety
    promised: Callable[[Key, str], bool]
    partial: frozenset[Key]
    there: Mapping[Kind, set[str]]

    def compare(self, place: Endpoint, recorded: Exchange, seen: Exchange) -> Iterator[Compared]:
        """What each requirement of the answer's content says; the first is the gate of the others."""
        if place.bulk:
            yield Compared(FOUND, self._job(recorded, seen))
            return
        if place.discovery or not place.kind:
            return
        if seen.ok and recorded.ok and (place.search or (seen.request.method == "GET" and not place.id)):
            yield Compared(FOUND, self._rows(place.kind, recorded, seen))
            if shared := list(self._shared(place.kind, recorded, seen)):
                yield from self._resources(place.kind, shared, brief=True)
        elif not recorded.ok:
            yield Compared(OWN_VALUES, _error_type(recorded, seen))
        elif shared := list(self._single(place, recorded, seen)):
            yield from self._resources(place.kind, shared, brief=seen.request.method != "GET")
        elif isinstance(recorded.json, dict) and recorded.ok and recorded.status == seen.status:
            told = seen.summary() if seen.body else "no body"
            yield Compared(OWN_VALUES, broken("the resource, as the recorded answer shows it", told))

    def _job(self, recorded: Exchange, seen: Exchange) -> CheckResult:
        """The results of a bulk job, one by one."""
        expected = "each operation of the job is answered as recorded"
        before, now = (value_at(one.json, "Operations") for one in (recorded, seen))
        if not isinstance(before, list):
            return does_not_apply("the recorded answer shows no results")
        told = [_code(one) for one in before]
        came = [_code(one) for one in now] if isinstance(now, list) else []
        wrong = [
            f"operation {number}: recorded {a}, seen {b or 'nothing'}"
            for number, (a, b) in enumerate(zip(told, [*came, *[""] * len(told)], strict=False), 1)
            if a[:1] != b[:1]
        ]
        return broken(expected, "; ".join(wrong[:MOST])) if wrong else held(expected)

    def _rows(self, kind: Kind, recorded: Exchange, seen: Exchange) -> CheckResult:
        """Whom a list or search finds, of the resources of this run."""
        before = [id for row in resources(recorded.json) if (id := id_of(row))]
        now = [id for row in resources(seen.json) if (id := id_of(row))]
        own = self.there.get(kind, set())
        rows = [row for row in resources(seen.json) if id_of(row) not in own]
        strangers = [row for row in rows if not carries(row, self.prefix, kind)]
        expected, shown = {id for id in before if id in own}, {id for id in now if id in own}
        filtered = "filter=" in seen.request.target or "filter" in str(seen.request.json)[:100_000]
        told = f"{len(expected)} of this run, as recorded"
        # A page of a longer list may have others in it here, since lists have no order of their own.
        page, full = _is_page(recorded.json, before), _is_page(seen.json, now) and len(now) >= len(before)
        whole = _complete(recorded.json, before) and _complete(seen.json, now)
        missing = sorted(expected - shown) if (filtered and not full) or whole else []
        more = sorted(shown - expected) if filtered and not page and len(before) == len(expected) else []
        most = _most_asked(seen)
        twice = sorted(id for id in shown if now.count(id) > 1 and before.count(id) < 2)
        wrong = []
        if missing:
            wrong.append(f"{few(missing)} not found")
        if more:
            wrong.append(f"{few(more)} found, and not when it was recorded")
        if most is not None and len(now) > most >= len(before):
            wrong.append(f"{len(now)} on a page of {most}")
        if twice:
            wrong.append(f"{few(twice)} found more than once")
        if filtered and strangers and not set(before) - expected:
            wrong.append(f"{len(strangers)} found that this run did not create")
        return broken(told, "; ".join(wrong)) if wrong else held(told)

    def _shared(self, kind: Kind, recorded: Exchange, seen: Exchange) -> Iterator[Shared]:
        now = {id_of(row): row for row in resources(seen.json) if isinstance(row, dict)}
        for row in resources(recorded.json):
            id = id_of(row)
            if id in now and id in self.there.get(kind, ()) and isinstance(row, dict):
                yield id, row, now[id]

    def _single(self, place: Endpoint, recorded: Exchange, seen: Exchange) -> Iterator[Shared]:
        if recorded.ok and seen.ok and isinstance(recorded.json, dict) and isinstance(seen.json, dict):
            id = id_of(recorded.json) if place.id else id_of(seen.json)
            yield id, recorded.json, seen.json

    def _resources(self, kind: Kind, shared: list[Shared], *, brief: bool) -> Iterator[Compared]:
        """Of each resource that both answers show: what was written, what the server gave, what is new."""
        lost: list[str] = []
        other: list[str] = []
        added: list[str] = []
        about: list[str] = []
        gone: list[str] = []
        for id, before, now in shared:
            where = f"{kind} {id}: " if len(shared) > 1 else ""
            told = str(value_at(now, "id") or "")
            if value_at(before, "id") and (told != id or not told):
                lost.append(f"{where}id: recorded {id or 'one'}, seen {told or 'no value'}")
            for path, text, was, missing in self._differences(kind, before, now, brief=brief):
                if not was:
                    added.append(f"{where}{text}")
                elif self.promised((kind, id), path.lower()):
                    lost.append(f"{where}{text}")
                    about.append(path)
                    gone += [path] if missing else []
                elif (kind, id) not in self.partial:
                    other.append(f"{where}{text}")
        expected = "the values that were sent, as they were shown when it was recorded"
        some = _told(expected, lost)
        yield Compared(
            WRITTEN, some._replace(about=tuple(dict.fromkeys(about)), lost=tuple(dict.fromkeys(gone)))
        )
        yield Compared(OWN_VALUES, _told("the values that the recorded server gave", other))
        yield Compared(ADDED, _told("no attribute beyond the recorded ones", added))

    def _differences(
        self, kind: Kind, before: Mapping[str, Json], now: Mapping[str, Json], *, brief: bool
    ) -> Iterator[tuple[str, str, bool, bool]]:
        """Of what differs: path, words, whether the recorded answer shows it, whether this one does not."""
        old = {path.lower(): (path, value) for path, value in leaves(before)}
        new = {path.lower(): (path, value) for path, value in leaves(now)}
        for low in sorted(old.keys() | new.keys()):
            if self.variety.ignores(kind, low) or low in ("status", "scimtype"):
                continue
            (path, was), (shown, value) = old.get(low, ("", None)), new.get(low, ("", None))
            if low == "members":
                was, value = self._own_members(was), self._own_members(value)
                if brief and "members" not in new:
                    continue  # a list may leave the members out, and so may the answer to a write
            if not equal(low, was, value, self.variety):
                told = _difference(low, path or shown, was, value, self.variety)
                yield path or shown, told, was not in NOTHING, value in NOTHING

    def _own_members(self, members: Json) -> Json:
        """The members that are resources of this run; of others nothing is compared."""
        if not isinstance(members, list):
            return members
        own = self.there.get("User", set()) | self.there.get("Group", set())
        return [one for one in members if str(value_at(one, "value")) in own]


def paths_of(resource: Json) -> set[str]:
    """The paths of the attributes of which a resource shows a value, in lower case."""
    shown = leaves(resource) if isinstance(resource, dict) else ()
    return {path.lower() for path, value in shown if value not in NOTHING}


def as_recorded(state: CheckResult, recorded: Exchange, seen: Exchange, variety: LegalVariety) -> CheckResult:
    """A difference from the expected state that the recorded answer shows too: a warning, and said so."""
    shown = recorded.ok and seen.ok and isinstance(recorded.json, dict) and isinstance(seen.json, dict)
    if not shown:
        return state
    before, now = ({path.lower(): value for path, value in leaves(one.json)} for one in (recorded, seen))
    paths = [path.lower() for path in state.about]
    if not paths or not all(equal(path, before.get(path), now.get(path), variety) for path in paths):
        return state
    return state._replace(weight="declined", observed=f"as it was when it was recorded: {state.observed}")


def status_of(recorded: Exchange, seen: Exchange, *, fixed: bool = False) -> Compared:
    """What the status says: the same, one that means the same, another of its class, or another class."""
    was = recorded.error or f"{recorded.status} {recorded.reason}".strip()
    if fixed:
        expected = f"success (recorded: {was})"
        return Compared(FIXED, (held if seen.ok else broken)(expected, seen.summary()))
    if recorded.error or not recorded.status or (recorded.status >= 500 and recorded.status != NOT_OFFERED):
        expected = f"an answer that is no error of the server (recorded: {was})"
        served = not seen.error and seen.status < 500
        return Compared(SERVED, (held if served else broken)(expected, seen.summary()))
    expected = f"{recorded.status}, as recorded"
    if seen.error:
        return Compared(STATUS, broken(expected, seen.error))
    alike = ALIKE.get(seen.request.method, frozenset())
    if seen.status == recorded.status or {seen.status, recorded.status} <= alike:
        return Compared(STATUS, held(expected, f"{seen.status} {seen.reason}".strip()))
    same_class = seen.status // 100 == recorded.status // 100
    judge = declined if same_class else broken
    return Compared(STATUS, judge(expected, seen.summary()))


def _error_type(recorded: Exchange, seen: Exchange) -> CheckResult:
    was, now = value_at(recorded.json, "scimType"), value_at(seen.json, "scimType")
    if was in NOTHING:
        return does_not_apply("the recorded error has no scimType")
    expected = f"scimType {show(was)}, as recorded"
    return held(expected) if was == now else broken(expected, f"scimType {show(now)}")


def _told(expected: str, wrong: list[str]) -> CheckResult:
    if not wrong:
        return held(expected)
    more = [f"and {len(wrong) - MOST} more"] if len(wrong) > MOST else []
    return broken(expected, "; ".join([*wrong[:MOST], *more]))


def _difference(low: str, path: str, was: Json, now: Json, variety: LegalVariety) -> str:
    if isinstance(was, list) and isinstance(now, list):
        was, now = unmatched(low, was, now, variety)
    return f"{path}: recorded {show(was)}, seen {show(now)}"


def _complete(body: Json, ids: list[str]) -> bool:
    total = value_at(body, "totalResults")
    return isinstance(total, int) and total <= len(ids)


def _is_page(body: Json, ids: list[str]) -> bool:
    """Whether a list says that there are more than it shows."""
    total = value_at(body, "totalResults")
    return isinstance(total, int) and total > len(ids)


def _most_asked(exchange: Exchange) -> int | None:
    """How many a list or search asked for at most; None where it did not say."""
    said = parse_qs(urlsplit(exchange.request.target).query).get("count", [""])[0]
    count = int(said) if said.isdecimal() else value_at(exchange.request.json, "count")
    return count if isinstance(count, int) else None


def _code(result: Json) -> str:
    status = value_at(result, "status")
    return str(value_at(status, "code") if isinstance(status, dict) else status or "")
