"""JSON Schema of scimproof.toml, derived from the table of settings."""

from __future__ import annotations

from typing import Any

from scimproof.core.bounds import Range
from scimproof.core.validation import schema as published
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import SETTINGS
from scimproof.settings.file import WEIGHT
from scimproof.settings.resolve import PROFILE, default_of
from scimproof.settings.table import SECTIONS
from scimproof.target.options import VARIABLE

Schema = dict[str, Any]
NAMED: Schema = {
    "type": "string",
    "pattern": rf"^{VARIABLE.pattern}$(?!\n)",  # $ of Python's re is also before a last line feed
    "errorMessage": {"pattern": "is the name of an environment variable, as MY_TOKEN; never its value"},
}
TEXT: Schema = {"type": "string", "pattern": r"\S", "errorMessage": {"pattern": "is empty; leave it out"}}
HEADER: Schema = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "description": "The environment variable that holds the value.",
            "properties": {"env": NAMED},
            "required": ["env"],
            "additionalProperties": False,
        },
    ],
    "errorMessage": {"anyOf": 'should be text, or { env = "NAME" }: the name of an environment variable'},
}
MAPPED: Schema = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "description": "A value that is the same for everybody.",
            "properties": {
                "fixed": {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}}
            },
            "required": ["fixed"],
            "additionalProperties": False,
        },
    ],
    "errorMessage": {"anyOf": "should be an attribute of the profile, or { fixed = value }"},
}


def schema() -> Schema:
    """The schema: an object for each section, a property for each setting, nothing else allowed."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "scimproof.config/1",
        "title": "scimproof.toml",
        "description": "What scimproof does when it is told nothing else. No secret stands in it.",
        "type": "object",
        "properties": {
            section: _object({each.key: _of(each) for each in SETTINGS if each.section == section}, words)
            for section, words in SECTIONS.items()
        },
        "additionalProperties": False,
    }


def _object(properties: Schema, words: str) -> Schema:
    return {"type": "object", "description": words, "properties": properties, "additionalProperties": False}


def _of(setting: Setting) -> Schema:
    found = _type(setting) | {"description": setting.words}
    default = default_of(setting) if setting.keys == PROFILE else setting.default
    if default not in (None, (), ""):
        found["default"] = default
    return found


def _type(setting: Setting) -> Schema:
    if setting.choices:
        return {"type": "string", "enum": list(setting.choices)}
    kinds: dict[Kind, Schema] = {
        Kind.NUMBER: _number(setting.bounds),
        Kind.FLAG: {"type": "boolean"},
        Kind.SWITCH: {"type": "boolean"},
        Kind.VARIABLE: NAMED,
        Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
        Kind.WORDS: {"type": "array", "items": {"type": "string"}},
        Kind.HEADERS: _table(HEADER),
        Kind.WEIGHTS: _table(_number(WEIGHT)),
        Kind.MAPPINGS: _table(MAPPED),
        Kind.LIMITS: published("scimproof.plan-1")["$defs"]["limits"],
    }
    return kinds.get(setting.kind, TEXT)


def _table(values: Schema) -> Schema:
    """An object with any keys, such as header names or ids; the values have nothing beyond `values`."""
    return {"type": "object", "additionalProperties": values}


def _number(bounds: Range) -> Schema:
    kind = "integer" if bounds.whole else "number"
    return {"type": kind, "minimum": bounds.least, "maximum": bounds.most}
