"""Questions of Microsoft's test tools: what was sent, attribute by attribute, is what a read shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import CORE_USER, ENTERPRISE_USER, resources, value_at

# emails[type eq "work"].value, roles[primary eq "True"].display
SELECTED = re.compile(r'(?P<list>\w+)\[(?P<by>\w+) eq "(?P<value>[^"]*)"\](?:\.(?P<sub>\w+))?')
CASELESS = ("userName", "emails")  # a right server may show these in other letters
DISCOVER = "discover"  # the step that reads /Schemas before anything is sent


def entries(body: Json, path: str) -> list[Json]:
    """The entries of a list that a path with a value filter is about; a text "True" means true."""
    match = SELECTED.match(path)
    rows = value_at(body, match["list"]) if match else None
    if not match or not isinstance(rows, list):
        return []
    return [row for row in rows if _plain(value_at(row, match["by"])) == match["value"].casefold()]


def at(body: Json, path: str) -> Json:
    """The value at the path of a PATCH operation: dotted, behind a URN, or in the entry of a list."""
    if match := SELECTED.match(path):
        found = entries(body, path)
        sub = match["sub"]
        return (value_at(found[0], sub) if sub else found[0]) if found else None
    if path.startswith("urn:"):
        urn, _, rest = path.rpartition(":")
        return value_at(body.get(urn), rest) if isinstance(body, Mapping) else None
    return value_at(body, path)


def leaves(body: Json) -> Iterator[tuple[str, Json]]:
    """Every value of a resource as it is sent, with the path that a PATCH would have for it."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if name in ("schemas", "meta"):
            continue
        if isinstance(value, Mapping):
            for sub, inner in value.items():
                yield f"{name}{':' if name.startswith('urn:') else '.'}{sub}", inner
        elif isinstance(value, list):
            for entry in value:
                by = "type" if "type" in entry and "primary" not in _texts(entry) else "primary"
                for sub, inner in entry.items():
                    if sub != by:
                        yield f'{name}[{by} eq "{entry[by]}"].{sub}', inner
        else:
            yield name, value


def operations(body: Json) -> list[tuple[str, Json]]:
    """The paths and values of a PATCH, in order; keys of a value without a path are paths too."""
    rows = body.get("Operations") if isinstance(body, Mapping) else None
    told: list[tuple[str, Json]] = []
    for row in rows or []:
        removed = row["op"].lower() == "remove"
        if "path" in row:
            told.append((row["path"], None if removed else row["value"]))
        else:
            told += list(row["value"].items())
    return told


def equal(path: str, sent: Json, found: Json) -> bool:
    """Whether a read shows what was sent: an empty value as none, a text "True" as true, a manager's id."""
    if path.endswith(":manager"):
        sent, found = (value_at(one, "value") if isinstance(one, Mapping) else one for one in (sent, found))
    if sent in (None, ""):
        return found in (None, "", [], {})
    if isinstance(sent, bool) or sent in ("True", "False"):
        return isinstance(found, bool) and str(sent).casefold() == str(found).casefold()
    if path.startswith(CASELESS) and isinstance(sent, str) and isinstance(found, str):
        return sent.casefold() == found.casefold()
    return bool(sent == found)


def listed(document: Json, path: str) -> bool:
    """Whether the target's schemas have the attribute; a target without readable schemas may have all."""
    schemas = {str(value_at(row, "id")): value_at(row, "attributes") for row in resources(document)}
    if CORE_USER not in schemas:
        return True
    urn, _, name = path.rpartition(":") if path.startswith("urn:") else (CORE_USER, "", path)
    rows = schemas.get(urn)
    name, _, sub = SELECTED.sub(r"\g<list>.\g<sub>", name).partition(".")
    found = _named(rows, name)
    return found is not None and (not sub or _named(value_at(found, "subAttributes"), sub) is not None)


def shows(step: str, *only: str) -> Ask:
    """A read shows every value that this create or PATCH sent, of attributes that the target's schemas have.

    With `only` the paths that begin so. Of several operations on one path the last one counts.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = scene.sent(step)
        told = dict(operations(sent) if isinstance(sent, Mapping) and "Operations" in sent else leaves(sent))
        schemas = scene.answer(DISCOVER)
        asked = {p: v for p, v in told.items() if (not only or p.startswith(only)) and listed(schemas, p)}
        wrong = {p: v for p, v in asked.items() if not equal(p, v, at(exchange.json, p))}
        expected = f"what {step} sent ({len(asked)} values)"
        if not asked:
            return does_not_apply("the target's schemas have none of the attributes")
        if wrong:
            said = [f"{p} = {show(at(exchange.json, p))}, sent {show(v)}" for p, v in wrong.items()]
            return broken(expected, "; ".join(said[:8]) + (f"; and {len(said) - 8} more" if said[8:] else ""))
        return held(expected)

    return ask


def each_type_once(step: str) -> Ask:
    """Of every list that this request wrote to, a read shows one entry of each type or of the one primary."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        paths = [path.partition("]")[0] + "]" for path, _ in operations(scene.sent(step)) if "[" in path]
        twice = [path for path in dict.fromkeys(paths) if len(entries(exchange.json, path)) > 1]
        expected = "one entry for each type"
        return broken(expected, f"several for {', '.join(twice)}") if twice else held(expected)

    return ask


def manager_is(blank: str) -> Ask:
    """The enterprise manager is an object whose value is that id."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = _manager(exchange.json)
        expected = f"manager.value = {show(scene.blanks[blank])}"
        right = isinstance(found, Mapping) and value_at(found, "value") == scene.blanks[blank]
        return held(expected) if right else broken(expected, show(found))

    return ask


def manager_gone() -> Ask:
    """The user has no manager: none, or one without anything in it."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = _manager(exchange.json)
        return held("no manager") if found in (None, "", {}) else broken("no manager", show(found))

    return ask


def found(blank: str, path: str) -> Ask:
    """Exactly one resource is found, by that name in any letter case."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks[blank]
        rows = resources(exchange.json)
        names = [value_at(row, path) for row in rows]
        expected = f"one resource, {path} = {show(wanted)}"
        right = len(names) == 1 and str(names[0]).casefold() == wanted.casefold()
        observed = f"{len(names)} resources, {path}: {show(names[:5])}"
        return held(expected) if right else broken(expected, observed if exchange.ok else exchange.summary())

    return ask


def found_active(*, active: bool) -> Ask:
    """The one user who is found is active, or not."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        shown = value_at(exchange.json, "Resources.0.active")
        expected = f"active = {show(active)}"
        return held(expected) if shown is active else broken(expected, show(shown))

    return ask


def no_members() -> Ask:
    """No group that is shown has the attribute members."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        body = exchange.json
        rows = resources(body) or [body]
        some = [row for row in rows if value_at(row, "members")]
        expected = "groups without members"
        return broken(expected, f"members: {show(value_at(some[0], 'members'))}") if some else held(expected)

    return ask


def has_schemas(*urns: str) -> Ask:
    """The list of schemas has these, each with attributes."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        rows = {str(value_at(row, "id")): value_at(row, "attributes") for row in resources(exchange.json)}
        lacking = [urn for urn in urns if not isinstance(rows.get(urn), list) or not rows[urn]]
        expected = f"the schemas {', '.join(urns)}, with attributes"
        observed = f"without {', '.join(lacking)}; there are {', '.join(rows) or 'none'}"
        return broken(expected, observed) if lacking else held(expected)

    return ask


def has_attributes(*paths: str) -> Ask:
    """The schemas describe the attributes at these paths."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        lacking = [path for path in paths if not listed(exchange.json, path)]
        expected = f"{len(paths)} attributes described"
        return broken(expected, f"not described: {', '.join(lacking)}") if lacking else held(expected)

    return ask


def _manager(body: Json) -> Json:
    return value_at(body, f"{ENTERPRISE_USER}/manager")


def _named(rows: Json, name: str) -> Json:
    found = rows if isinstance(rows, list) else []
    return next((row for row in found if str(value_at(row, "name")).casefold() == name.casefold()), None)


def _plain(value: Json) -> str:
    return str(value).casefold()


def _texts(entry: Mapping[str, Json]) -> list[str]:
    """The keys whose value is a text "True": such an entry is named by them, as the validator does."""
    return [key for key, value in entry.items() if value == "True"]
