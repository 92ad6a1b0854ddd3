"""Holds data to a JSON Schema, and says of what does not fit where it is, what is expected and what is there.

jsonschema decides; the words are ours, since they are for people who have never seen a JSON Schema.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scimproof.core.http_message import short
from scimproof.core.paths import knowledge_root

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

Schema = dict[str, Any]
Place = tuple[str | int, ...]
KINDS = {
    "string": "text",
    "object": "an object",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
BOUNDS = {
    "minItems": ("at least", "entries"),
    "maxItems": ("at most", "entries"),
    "minLength": ("at least", "characters"),
    "maxLength": ("at most", "characters"),
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
REMARKS = ("$schema", "$comment", "$defs", "readOnly", "writeOnly")


class Wrong(NamedTuple):
    """One place that does not fit: the keyword that says so, what it wants, and what is there."""

    place: Place
    rule: str
    wanted: Any
    value: Any
    schema: Mapping[str, Any]

    @property
    def pointer(self) -> str:
        """The place as a JSON Pointer (RFC 6901), fit to be printed; empty for the whole."""
        return "".join(f"/{_step(str(step))}" for step in self.place)

    @property
    def sentence(self) -> str:
        """What was expected and what is there."""
        if self.rule == "required":
            return f"it lacks {', '.join(name for name in self.wanted if name not in self.value)}"
        if self.rule in BOUNDS:
            bound, what = BOUNDS[self.rule]
            return f"{bound} {self.wanted} {what} are expected, not {len(self.value)}"
        return f"{self.expected} is expected, not {told(self.value)}"

    @property
    def expected(self) -> str:
        """What may stand there, in words."""
        wanted = self.wanted
        form = str(self.schema.get("title", f"text of the form {self.schema.get('pattern')}"))
        words: dict[str, Callable[[], str]] = {
            "type": lambda: form if {"title", "pattern"} <= set(self.schema) else _kinds(wanted),
            "enum": lambda: f"one of {', '.join(map(told, wanted))}",
            "const": lambda: told(wanted),
            "minimum": lambda: f"at least {wanted}",
            "maximum": lambda: f"at most {wanted}",
            "exclusiveMinimum": lambda: f"more than {wanted}",
            "pattern": lambda: form,
            "format": lambda: "a moment, as 2026-12-31T12:00:00Z,",
        }
        return words.get(self.rule, lambda: f"what {self.rule} of the schema allows")()


@cache
def published(name: str) -> Validator:
    """What holds documents to the schema of that name in reports/schema; moments are in the calendar."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - 0.1 s others do not need

    checker = FormatChecker(formats=())
    checker.checks("date-time")(_is_moment)
    return Draft202012Validator(schema(name), format_checker=checker)


def schema(name: str) -> Schema:
    """The published schema of that name, as it stands in reports/schema."""
    return _read(knowledge_root() / "reports" / "schema" / f"{name}.json")


@cache
def of_toml(name: str) -> Validator:
    """What holds TOML to the schema of that name: 5.0 is no whole number there, and nan none at all."""
    from jsonschema.validators import extend, validator_for  # noqa: PLC0415

    found = schema(name)
    asks = validator_for(found)
    numbers = {"integer": _is_whole, "number": _is_number}
    types = asks.TYPE_CHECKER.redefine_many(numbers)
    made: type[Validator] = extend(asks, type_checker=types)  # type: ignore[no-untyped-call]
    return made(found)


@cache
def scim(name: str) -> Validator:
    """What holds the bodies of SCIM to the schema of that name in fixtures/schemas.

    Attribute names match in any letter case (RFC 7643 section 2.1); null and an empty list are as absent
    (section 2.5); what the schema does not name is allowed.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    rules = {"properties": _attributes, "required": _required_attributes}
    asks: type[Validator] = extend(Draft202012Validator, rules)  # type: ignore[no-untyped-call]
    return asks(_scim_schema(f"{name}.json"))


def wrongs(validator: Validator, data: Any) -> Iterator[Wrong]:
    """Each place where the data does not fit, in the order of the schema."""
    return (_wrong(error) for error in validator.iter_errors(data))


def _wrong(error: ValidationError) -> Wrong:
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    words = error.schema.get("errorMessage", {}) if isinstance(error.schema, Mapping) else {}
    if error.context and error.validator not in words:  # of several ways to be right: the nearest
        error = best_match([error]) or error
    around: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    place = tuple(error.absolute_path)
    return Wrong(place, str(error.validator), error.validator_value, error.instance, around)


def _kinds(wanted: str | Iterable[str]) -> str:
    return " or ".join(KINDS[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))


def told(value: Any) -> str:
    """A value for a person: its text, or which kind of thing it is."""
    if isinstance(value, dict | list):
        return KINDS["object" if isinstance(value, dict) else "array"]
    if isinstance(value, str):
        return repr(short(value, 60))
    return json.dumps(value)


def printable(text: str) -> str:
    """The text without what a terminal would act on."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _read(path: Path) -> Schema:
    found: Schema = json.loads(path.read_text(encoding="utf-8"))
    return found


def _is_whole(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    return _is_whole(_, value) or (isinstance(value, float) and not math.isnan(value))


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return True  # of another type, which is another rule's matter
    if not MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


def _step(name: str) -> str:
    return printable(short(name, 80)).replace("~", "~0").replace("/", "~1")


@cache
def _scim_schema(reference: str) -> Schema:
    """The schema that a `$ref` of fixtures/schemas means, made ready."""
    file, _, within = reference.partition("#")
    found: Any = _read(knowledge_root() / "fixtures" / "schemas" / file)
    for step in within.split("/")[1:]:
        found = found[step]
    ready: Schema = _ready(found)
    return ready


def _ready(said: Any) -> Any:
    """The schema with what it refers to in place, and attribute names in the letters they are looked up in.

    A user takes 0.1 ms like this, and 0.5 ms where each reference is followed anew.
    """
    if isinstance(said, list):
        return [_ready(one) for one in said]
    if not isinstance(said, dict):
        return said
    found = {
        key: {name.lower(): _ready(one) for name, one in value.items()}
        if key == "properties"
        else _ready(value)
        for key, value in said.items()
        if key not in REMARKS
    }
    if "$ref" in found:
        meant = _scim_schema(str(found.pop("$ref")))
        return {**found, "allOf": [meant]} if found else meant
    return found


def _attributes(validator: Any, properties: Mapping[str, Any], body: Any, _: Any) -> Iterator[Any]:
    if not isinstance(body, dict):
        return
    for key, value in body.items():
        wanted = properties.get(name := key.lower())
        if wanted is None or value is None or value == []:
            continue
        if len(wanted) == 1 and "type" in wanted and validator.is_type(value, wanted["type"]):
            continue  # as most are: asking in full takes ten times as long
        yield from validator.descend(value, wanted, path=key, schema_path=name)


def _required_attributes(_: Any, names: Iterable[str], body: Any, __: Any) -> Iterator[Any]:
    from jsonschema import ValidationError  # noqa: PLC0415

    if not isinstance(body, dict):
        return
    there = {key.lower() for key, value in body.items() if value is not None and value != []}
    for name in names:
        if name.lower() not in there:
            yield ValidationError(f"{name} is missing", path=(name,), instance=None)


class Range(NamedTuple):
    """A numeric range: `least` to `most`, both included, and whether the number has to be whole."""

    least: float
    most: float
    whole: bool = False

    @property
    def words(self) -> str:
        """The range in words, as `a whole number from 1 to 64`."""
        return f"{'a whole number' if self.whole else 'a number'} from {self.least:g} to {self.most:g}"

    def holds(self, value: object) -> bool:
        """Whether the value is a number within the range; booleans are not numbers."""
        kinds = (int,) if self.whole else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most
