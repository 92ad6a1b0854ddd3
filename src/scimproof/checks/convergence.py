"""Checks whether what was written reads back: a sender that compares would send nothing again.

A value is looked for under the path by which it was written, in the forms that senders use: `name.givenName`,
`emails[type eq "work"].value`, a URN before the attribute, keys of a value without path, the text "False" for a
boolean, and a bare string for an attribute that is shown as an object with a `value`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, held
from scimproof.core.scim import value_at
from scimproof.state.multi_valued import FILTERED
from scimproof.state.request_effects import TEXT_BOOLEANS, boolean, leaves

# What the target decides itself, or what has questions of its own.
ASIDE = frozenset({"schemas", "meta.resourcetype", "id", "members"})
URN = re.compile(r"(?P<urn>urn:.+:\w+):(?P<attribute>[\w$.-]+)$", re.IGNORECASE)


def written(body: Json) -> Iterator[tuple[str, Json]]:
    """Path and value of all that a create or a PATCH writes; what it removes is not among it."""
    operations = value_at(body, "Operations")
    if not isinstance(operations, list):
        yield from leaves(body) if isinstance(body, dict) else ()
        return
    for operation in operations:
        if not isinstance(operation, dict) or str(operation.get("op")).lower() == "remove":
            continue
        path, value = operation.get("path"), operation.get("value")
        if path:
            yield str(path), value
        elif isinstance(value, dict):
            yield from leaves(value)


def shown_at(body: Json, path: str) -> Json:
    """The value that a resource shows under a path as it is written in a PATCH; None where it shows none.

    Of a filter that selects several entries it is the list of their values.
    """
    holder: Json = body
    found = URN.match(path)
    if found and "[" not in path:
        holder, path = _extension(body, found["urn"]), found["attribute"]
    selected = FILTERED.fullmatch(path)
    if selected is None:
        return value_at(holder, path)
    entries = value_at(holder, selected["attribute"])
    wanted = boolean(_constant(selected["wanted"]))
    meant = [
        entry
        for entry in (entries if isinstance(entries, list) else ())
        if boolean(value_at(entry, selected["key"])) == wanted
    ]
    values = [value_at(entry, selected["part"]) if selected["part"] else entry for entry in meant]
    return values[0] if len(values) == 1 else values or None


def _constant(text: str) -> Json:
    if text.startswith('"'):
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return TEXT_BOOLEANS.get(text.lower(), text)


def _extension(body: Json, urn: str) -> Json:
    """The object of that extension; the whole resource for the schema of its core attributes."""
    found = value_at(body, f"{urn}/".rstrip("/")) if isinstance(body, dict) and urn in body else None
    if found is None and isinstance(body, dict):
        found = next((value for key, value in body.items() if key.lower() == urn.lower()), None)
    return body if found is None and ":core:" in urn.lower() else found


def reads_back(path: str, sent: Json, found: Json) -> bool:
    """Whether a sender that wrote `sent` is content with what is shown.

    A text for a boolean is shown as that boolean. The domain of an address may be shown in other letter case
    (RFC 7643 section 4.1.2), and so may a userName (caseExact false).
    """
    if isinstance(sent, str) and isinstance(found, bool):
        return boolean(sent) is found
    if isinstance(sent, str) and isinstance(found, dict):
        return bool(value_at(found, "value") == sent)
    if isinstance(sent, str) and isinstance(found, str):
        folded = path.lower() == "username" or "@" in sent
        return sent.casefold() == found.casefold() if folded else sent == found
    if isinstance(sent, list):
        entries = found if isinstance(found, list) else []
        return all(any(_within(one, entry) for entry in entries) for one in sent)
    return bool(sent == found) and isinstance(sent, bool) == isinstance(found, bool)


def _within(sent: Json, entry: Json) -> bool:
    """Whether an entry of a list shows the value of the one that was sent."""
    if not isinstance(sent, dict) or not isinstance(entry, dict):
        return bool(sent == entry)
    if sent.get("value") is not None:
        return reads_back("value", sent["value"], value_at(entry, "value"))
    return all(reads_back(key, value, value_at(entry, key)) for key, value in sent.items())


def converges(step: str, *paths: str, but: tuple[str, ...] = ()) -> Ask:
    """Whether all that was written at that step reads back: of these paths, or of all `but` these.

    Paths are beginnings, in any letter case (`name`, `urn:…:User`, `emails`).
    """
    wanted, apart = tuple(path.lower() for path in paths), tuple(path.lower() for path in but)

    def asked(path: str) -> bool:
        low = path.lower()
        return (
            low not in ASIDE
            and (not wanted or low.startswith(wanted))
            and not (apart and low.startswith(apart))
        )

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        pairs = [(path, value) for path, value in written(scene.sent(step)) if asked(path)]
        pairs = [(path, value) for path, value in pairs if value not in (None, "", [], {})]
        expected = f"what {step} wrote: {', '.join(path for path, _ in pairs)}"
        if scene.sent(step) is None:
            return cannot_tell(expected, f"{step} sent nothing")
        if not isinstance(exchange.json, dict):
            return broken(expected, exchange.summary())
        wrong = _differences(pairs, exchange.json)
        told = "; ".join(f"{path}: sent {show(sent)}, shown {show(found)}" for path, sent, found in wrong)
        about = tuple(dict.fromkeys(_attribute(path) for path, _, _ in wrong))
        return broken(expected, told, about=about) if wrong else held(expected)

    return ask


def _differences(pairs: list[tuple[str, Json]], body: dict[str, Any]) -> list[tuple[str, Json, Json]]:
    """What was written and does not read back; of several writes of one path the last counts."""
    last = {path.lower(): (path, value) for path, value in pairs}
    found = [(path, value, shown_at(body, path)) for path, value in last.values()]
    return [(path, sent, shown) for path, sent, shown in found if not reads_back(path, sent, shown)]


def _attribute(path: str) -> str:
    """The attribute that a path is of: `emails` of `emails[type eq "work"].value`."""
    return path.partition("[")[0]
