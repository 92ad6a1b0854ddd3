"""Questions to the answers that show one resource: what is in it, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import is_scim_error
from scimproof.checks.schema_equality import changed, equal, instant, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.discovery import COMMON, Attribute
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, held
from scimproof.core.scim import has, id_of, value_at

from ..asks import REFUSED, at, type_at

SECOND = timedelta(seconds=1)


def of_shown(asked: Ask) -> Ask:
    """The question, where the answer shows the resource: 201 and 204 without a body are told elsewhere."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.ok and not isinstance(exchange.json, Mapping):
            return does_not_apply(f"it was answered without the resource: {exchange.summary()}")
        return asked(scene, exchange)

    return ask


def of_search(asked: Ask) -> Ask:
    """The question, where the search was answered; that it has to be is asked elsewhere."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok:
            return does_not_apply(f"the search was refused: {exchange.summary()}")
        return asked(scene, exchange)

    return ask


def after(step: str, asked: Ask, *, refused: bool = False) -> Ask:
    """The question, where that step was done; with `refused` also where it was refused, as it had to be."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        seen = scene.exchange(step)
        if seen is None:
            return does_not_apply(f"{step} was not sent")
        if seen.ok or (refused and not seen.error and seen.status in REFUSED and seen.status != 405):
            return asked(scene, exchange)
        return does_not_apply(f"{step} was not done: {seen.summary()}")

    return ask


def representation() -> Ask:
    """The answer shows the resource: schemas, id, and the name that was sent."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        name = str(scene.facts.get("name", "userName"))
        missing = [path for path in ("schemas", "id", name) if nothing(at(exchange.json, path))]
        expected = f"schemas, id and {name} of the new resource"
        return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)

    return ask


def location(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The answer to a create has a Location header."""
    found = exchange.header("Location")
    return held("a Location header", show(found)) if found else broken("a Location header", "none")


def location_is_meta(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Location and meta.location are the same."""
    header, meta = exchange.header("Location"), value_at(exchange.json, "meta.location")
    if header is None or meta is None:
        return does_not_apply("Location or meta.location is missing, which has been told")
    expected = f"Location and meta.location the same: {show(meta)}"
    return held(expected) if header == meta else broken(expected, show(header))


def assigned(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What the server gives each resource is there."""
    paths = ("id", *(f"meta.{name}" for name in ("resourceType", "created", "lastModified", "location")))
    missing = [path for path in paths if not has(exchange.json, path)]
    expected = "id, and meta with resourceType, created, lastModified and location"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def never_modified(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A new resource was modified when it was created, a second aside."""
    created, modified = (value_at(exchange.json, f"meta.{name}") for name in ("created", "lastModified"))
    first, last = instant(created), instant(modified)
    if first is None or last is None:
        return does_not_apply(f"created {show(created)} and lastModified {show(modified)} are no two moments")
    expected = f"lastModified = created = {created}"
    return held(expected) if abs(last - first) <= SECOND else broken(expected, show(modified))


def external_id_not_invented(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What was sent without externalId has none."""
    found = value_at(exchange.json, "externalId")
    expected = "no externalId, since none was sent"
    if found == "":
        return declined(expected, "an empty one")
    return held(expected) if nothing(found) else broken(expected, show(found))


def filled_in(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Tells which attributes the server gave a value by itself."""
    sent = {key.lower() for key in exchange.request.json} | {name.lower() for name in COMMON}
    shown = exchange.json if isinstance(exchange.json, Mapping) else {}
    own = [key for key, value in shown.items() if key.lower() not in sent and not nothing(value)]
    return held("any attributes", ", ".join(own) or "none was filled in")


def left_out(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Tells how an attribute without a value is shown."""
    type = type_at(scene, exchange)
    shown = exchange.json if isinstance(exchange.json, Mapping) else {}
    lower = {key.lower(): value for key, value in shown.items()}
    names = [one.name for one in scene.discovery.schema(type.schema)] if scene.discovery and type else []
    empty: dict[str, Json] = {"null": None, "[]": [], "{}": {}}
    told = [
        f"{label}: {', '.join(some)}"
        for label, value in empty.items()
        if (some := [one for one in names if one.lower() in lower and lower[one.lower()] == value])
    ]
    absent = sum(1 for one in names if one.lower() not in lower)
    return held("absent, null or []", "; ".join([*told, f"absent: {absent} attributes"]))


def itself(role: str = "user") -> Ask:
    """A read answers 200 with the one resource of that id."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"200 with the resource of id {scene.blanks.get(f'{role}.id')}"
        right = exchange.status == 200 and id_of(exchange.json) == scene.blanks.get(f"{role}.id")
        return held(expected) if right else broken(expected, exchange.summary())

    return ask


def as_answered(*steps: str) -> Ask:
    """What the answer to the last of these writes showed is what is stored; what it left out is not asked."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        shown = latest(scene, *steps)
        if shown is None:
            return does_not_apply(f"{steps[-1]} was answered without the resource")
        expected = f"what the answer to {steps[-1]} showed"
        if not exchange.ok or not isinstance(exchange.json, Mapping):
            return broken(expected, exchange.summary())
        paths = changed(shown, exchange.json, scene.discovery, type_at(scene, exchange))
        wrong = [path for path in paths if not nothing(at(shown, path)) and by_default(scene, exchange, path)]
        told = [f"{path}: {show(at(shown, path))}, stored {show(at(exchange.json, path))}" for path in wrong]
        return broken(expected, "; ".join(told[:3])) if wrong else held(expected)

    return ask


def latest(scene: ExecutionContext, *steps: str) -> Json:
    """The resource as the last of these steps that was done showed it; None where it showed none."""
    for step in reversed(steps):
        seen = scene.exchange(step)
        if seen and seen.ok:
            return seen.json if isinstance(seen.json, Mapping) and id_of(seen.json) else None
    return None


def by_default(scene: ExecutionContext, exchange: Exchange, path: str) -> bool:
    """Whether a read shows the attribute without being asked for it, as far as a schema says so.

    The answer to a write may show what only who asks for it sees, since it was sent.
    """
    type = type_at(scene, exchange)
    known = scene.discovery.attribute(type, path) if scene.discovery and type else None
    return known is None or known.returned in ("always", "default")


def as_before(*steps: str) -> Ask:
    """The resource is as the last of these steps showed it, lastModified and version included."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before = latest(scene, *steps)
        expected = "the resource as it was before"
        if before is None:
            return does_not_apply("no answer showed the resource before")
        if not exchange.ok or not isinstance(exchange.json, Mapping):
            return broken(expected, exchange.summary())
        paths = changed(before, exchange.json, scene.discovery, type_at(scene, exchange), whole=True)
        found = [path for path in paths if by_default(scene, exchange, path)]
        told = [f"{path} was {show(at(before, path))}, is {show(at(exchange.json, path))}" for path in found]
        return broken(expected, "; ".join(told[:3])) if told else held(expected)

    return ask


def sent_values(
    scene: ExecutionContext, step: str, exchange: Exchange
) -> Iterator[tuple[str, Json, Attribute]]:
    """The attributes that a step sent and a read shows by default: path, value, characteristics."""
    type, body = type_at(scene, exchange), scene.sent(step)
    if scene.discovery is None or type is None or not isinstance(body, Mapping):
        return
    extensions = {urn.lower() for urn in type.extensions}
    for name, value in body.items():
        if name.lower() in extensions and isinstance(value, Mapping):
            pairs = [(f"{name}:{sub}", one) for sub, one in value.items()]
        else:
            pairs = [(name, value)]
        for path, one in pairs:
            attribute = scene.discovery.attribute(type, path)
            shown = attribute and attribute.returned in ("always", "default")
            if (
                attribute
                and shown
                and attribute.mutability in ("readWrite", "immutable")
                and not nothing(one)
            ):
                yield path, one, attribute


def shows_sent(*steps: str) -> Ask:
    """Each attribute that the last of these steps sent is shown with the value that was sent."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        step = next((one for one in reversed(steps) if scene.exchange(one)), steps[-1])
        expected = f"the values that {step} sent"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        wrong = [
            f"{path} = {show(at(exchange.json, path))}, not {show(value)}"
            for path, value, attribute in sent_values(scene, step, exchange)
            if not equal(value, at(exchange.json, path), attribute)
        ]
        return broken(expected, "; ".join(wrong[:3])) if wrong else held(expected)

    return ask


def shows_all(step: str) -> Ask:
    """A read shows each attribute that was sent, or shown by the answer to the create."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        paths = [path for path, _, _ in sent_values(scene, step, exchange)]
        answer = scene.answer(step)
        for path, value in answer.items() if isinstance(answer, Mapping) else ():
            if not nothing(value) and path not in paths and by_default(scene, exchange, path):
                paths.append(path)
        missing = [path for path in paths if nothing(at(exchange.json, path))]
        expected = f"all that has a value: {', '.join(paths)}"
        return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)

    return ask


def moved_forward(earlier: str) -> Ask:
    """meta.lastModified is later than that step showed it."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before, now = (value_at(body, "meta.lastModified") for body in (scene.answer(earlier), exchange.json))
        first, last = instant(before), instant(now)
        expected = f"meta.lastModified later than {show(before)}"
        if first is None or last is None:
            return does_not_apply(f"lastModified was {show(before)} and is {show(now)}: not two moments")
        return held(expected, str(now)) if last > first else broken(expected, str(now))

    return ask


def not_found(*, understood: Collection[int] = (400,), error: bool = True) -> Ask:
    """404 with an Error; 400 is understood, since an id may be of a form that no id has."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "404 with an Error" if error else "404"
        if exchange.status == 404 and not exchange.error:
            right = is_scim_error(exchange) or not error or exchange.request.method == "HEAD"
            return held(expected, "404") if right else broken(expected, exchange.summary())
        if exchange.status in understood and not exchange.error:
            return declined(expected, exchange.summary())
        return broken(expected, exchange.summary())

    return ask


def refused_somehow(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Any refusal: 4xx, or 501."""
    right = not exchange.error and (exchange.status in REFUSED or exchange.status == 501)
    expected = "a refusal"
    return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())
