"""Questions of the RFC suite: refusals, what must not change, what reads back, what a search finds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from scimproof.catalog.request_template import BLANK
from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import changed, equal, only
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.discovery import Attribute, ResourceType
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, ERROR, carries, id_of, resources, value_at

REFUSED = range(400, 500)
UNWRITABLE = (403, 405, 501)  # a type of which a client cannot create any
Wanted = Callable[[ExecutionContext], Json]


def refused(*statuses: int, understood: Collection[int] = (), harmful: bool = True) -> Ask:
    """The request is refused with one of these statuses; one that is `understood` is a warning at most.

    A success is a failure also of a contested rule where it is `harmful`, and a server error always.
    """
    wanted = " or ".join(str(status) for status in statuses)

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"a refusal with {wanted}"
        if exchange.error or (exchange.status >= 500 and exchange.status not in (*statuses, *understood)):
            return grave(expected, exchange.summary())
        if exchange.status in statuses:
            return held(expected, str(exchange.status))
        if exchange.status in understood:
            return declined(expected, exchange.summary())
        return (grave if exchange.ok and harmful else broken)(expected, exchange.summary())

    return ask


def word(*types: str) -> Ask:
    """A refusal names one of these scimTypes; of an answer that is no refusal nothing is asked."""
    wanted = " or ".join(types)

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status not in REFUSED:
            return does_not_apply(f"it was not refused: {exchange.status}")
        found = value_at(exchange.json, "scimType")
        expected = f"scimType {wanted}"
        return held(expected, show(found)) if found in types else broken(expected, show(found))

    return ask


def no_server_error() -> Ask:
    """Any answer but a server error (501 is none: it says that something is not there)."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "an answer that is no server error"
        wrong = exchange.error or (exchange.status >= 500 and exchange.status != 501)
        return grave(expected, exchange.summary()) if wrong else held(expected, str(exchange.status))

    return ask


def type_at(scene: ExecutionContext, exchange: Exchange) -> ResourceType | None:
    """The resource type that an exchange is about, by its path."""
    if scene.discovery is None:
        return None
    path = exchange.request.target.partition("?")[0].removeprefix(scene.blanks.get("base", ""))
    return scene.discovery.type_at(path)


def attribute_at(scene: ExecutionContext, exchange: Exchange, path: str) -> Attribute | None:
    """What the target's schema says of the attribute at that path."""
    type = type_at(scene, exchange)
    return scene.discovery.attribute(type, path) if scene.discovery and type else None


def at(body: Json, path: str) -> Json:
    """The value at a path as PATCH has it: `name.familyName`, `urn:…:User:department`."""
    if not path.lower().startswith("urn:"):
        return value_at(body, path)
    for key, value in body.items() if isinstance(body, Mapping) else ():
        if path.lower() == key.lower():
            return value
        if path.lower().startswith(f"{key.lower()}:"):
            return value_at(value, path[len(key) + 1 :])
    return None


def unchanged(before: str) -> Ask:
    """The resource is as that step showed it, lastModified and version included."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"the resource as {before} showed it"
        earlier = scene.answer(before)
        if not exchange.ok or not isinstance(exchange.json, Mapping):
            return broken(expected, exchange.summary())
        if not isinstance(earlier, Mapping):
            return cannot_tell(expected, f"{before} showed no resource")
        paths = list(changed(earlier, exchange.json, scene.discovery, type_at(scene, exchange), whole=True))
        return held(expected) if not paths else broken(expected, _told(earlier, exchange.json, paths))

    return ask


def shows(values: Mapping[str, Json] | Wanted, *, mild: Collection[str] = ()) -> Ask:
    """The resource shows these values by path, None for an attribute without a value.

    Texts are templates. A wrong value of a path that is `mild` is a warning at most.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = values(scene) if callable(values) else values
        expected = "; ".join(f"{path} = {show(filled(value, scene))}" for path, value in wanted.items())
        if not exchange.ok:
            return broken(expected, exchange.summary())
        wrong = []
        for path, value in wanted.items():
            found = at(exchange.json, path)
            if not equal(filled(value, scene), found, attribute_at(scene, exchange, path)):
                wrong.append((path, found))
        if not wrong:
            return held(expected)
        told = "; ".join(f"{path} = {show(found)}" for path, found in wrong)
        return (declined if all(path in mild for path, _ in wrong) else broken)(expected, told)

    return ask


def rest_unchanged(before: str, *named: str) -> Ask:
    """All attributes but the named ones (and what lies in them) are as that step showed them."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"all but {', '.join(named) or 'nothing'} as {before} showed it"
        earlier = scene.answer(before)
        if not exchange.ok or not isinstance(exchange.json, Mapping):
            return broken(expected, exchange.summary())
        if not isinstance(earlier, Mapping):
            return cannot_tell(expected, f"{before} showed no resource")
        paths = only(list(changed(earlier, exchange.json, scene.discovery, type_at(scene, exchange))), named)
        return held(expected) if not paths else broken(expected, _told(earlier, exchange.json, paths))

    return ask


def kept(step: str, path: str) -> Ask:
    """The attribute reads back equal to what that step sent, by what its schema says."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, found = at(scene.sent(step), path), at(exchange.json, path)
        expected = f"{path} = {show(sent)}, as sent in {step}"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        right = equal(sent, found, attribute_at(scene, exchange, path))
        return held(expected, show(found)) if right else broken(expected, show(found))

    return ask


def ours(scene: ExecutionContext, exchange: Exchange) -> list[Json]:
    """The run's own resources in a list, all its pages where the step walked it; no strangers."""
    for step, some in scene.exchanges.items():
        if any(one.number == exchange.number for one in some) and scene.pages.get(step):
            return [row for page in scene.pages[step] for row in page.ours]
    rows = [row for row in resources(exchange.json) if isinstance(row, Mapping)]
    known = {value for name, value in scene.blanks.items() if name.endswith(".id")}
    prefix = scene.blanks["prefix"]
    return [row for row in rows if id_of(row) in known or carries(row, prefix) or _mentions(row, prefix)]


def _mentions(row: Json, prefix: str) -> bool:
    return any(isinstance(value, str) and prefix in value.casefold() for value in row.values())


def finds(names: Iterable[str], *, optional: bool = False, or_nobody: bool = False) -> Ask:
    """A list in which exactly these people or groups of ours are, by their roles; strangers are not judged.

    A clean refusal is a warning at most where the filter is `optional`. A wrong result is a failure always.
    """
    wanted = tuple(names)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"{', '.join(wanted) or 'nobody'} of ours"
        if exchange.status in (400, 403, 501) and not exchange.error:
            return (declined if optional else broken)(expected, exchange.summary())
        if not exchange.ok:
            return grave(expected, exchange.summary())
        by_id = {
            value: name.removesuffix(".id") for name, value in scene.blanks.items() if name.endswith(".id")
        }
        found = [by_id.get(id_of(row), id_of(row)) for row in ours(scene, exchange)]
        right = sorted(found) == sorted(wanted) or (or_nobody and not found)
        told = ", ".join(sorted(found)) or "nobody"
        return held(expected, told) if right else grave(expected, told)

    return ask


def is_error(body: Json) -> bool:
    """Whether a body is the Error of RFC 7644 section 3.12."""
    schemas = value_at(body, "schemas")
    return isinstance(schemas, list) and ERROR in schemas


def filled(value: Json, scene: ExecutionContext) -> Json:
    """A value whose texts are templates, filled in."""
    if isinstance(value, str):
        return BLANK.sub(lambda match: scene.blanks[match[1]], value)
    if isinstance(value, list):
        return [filled(one, scene) for one in value]
    if isinstance(value, Mapping):
        return {key: filled(one, scene) for key, one in value.items()}
    return value


def _told(before: Json, after: Json, paths: list[str]) -> str:
    """What changed, the first three of it."""
    some = [f"{path} was {show(at(before, path))}, is {show(at(after, path))}" for path in paths[:3]]
    more = f"; and {len(paths) - 3} more" if len(paths) > 3 else ""
    return "; ".join(some) + more


def created() -> Ask:
    """A create is answered 201. A type beside users that cannot be created here is left out."""
    right = answers(201)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        return not_writable(scene, exchange) or right(scene, exchange)

    return ask


def not_writable(scene: ExecutionContext, exchange: Exchange) -> CheckResult | None:
    """That the type does not apply, where its create is answered so; of users that is never said."""
    type = type_at(scene, exchange)
    if exchange.error or exchange.status not in UNWRITABLE or type is None or type.schema == CORE_USER:
        return None
    return does_not_apply(f"no client creates the type {type.name} here: {exchange.status}")


def writable(asked: Ask) -> Ask:
    """The question, unless the answer says that no client can create any of the type."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        return not_writable(scene, exchange) or asked(scene, exchange)

    return ask
