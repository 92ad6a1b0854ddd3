"""Definition of a setting: its name in file, environment and command line, its kind, default and range."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from scimproof.core.bounds import Range

FLAG_NUMBERS = Range(0, 1)  # unused: only numbers have a range


class Kind(Enum):
    """The kind of a setting's value, and how it is written."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    SWITCH = auto()  # yes, no or unset: --this or --no-this
    FILE = auto()  # has to exist; in the file it is relative to the file
    FOLDER = auto()  # may be made; relative likewise
    PLAN = auto()  # the name of one that is shipped, or a file
    URL = auto()
    VARIABLE = auto()  # the name of an environment variable: never a value
    TEXTS = auto()
    WORDS = auto()  # of a command; the first is relative to the file when it begins with a dot
    HEADERS = auto()  # a table of texts and { env = "NAME" }; elsewhere 'Name: value' lines
    WEIGHTS = auto()  # a table of numbers by sequence id; elsewhere ID=WEIGHT
    MAPPINGS = auto()  # a table of attributes of the profile, or { fixed = value }, by SCIM path
    LIMITS = auto()  # a table of tables, which `load` reads as it reads a plan's


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting: its names in the file, on the command line and in the environment, its kind and its range.

    `key` is its name in `[section]` of the file, `option` that on the command line ("" for none), `name` that
    in the code. `variable` is its environment variable ("" for none). `commands` use it: `only` these, or
    those `also` beside those of its section; `doctor` and `clean` have those of [target]. `words` are its
    description in --help and in editors. A number is within `bounds`; a text is one of `choices`, if any.
    """

    section: str
    key: str
    words: str
    kind: Kind = Kind.TEXT
    option: str = ""
    name: str = ""
    variable: str = ""
    default: Any = None
    metavar: str = ""
    bounds: Range = FLAG_NUMBERS
    choices: tuple[str, ...] = ()
    example: str = ""
    only: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that have this setting."""
        if self.only:
            return self.only
        shared = {
            "target": ("run", "explore", "replay", "load", "doctor", "clean"),
            "observer": ("run", "load"),
            "app": ("run", "load", "learn"),
        }
        return (*shared.get(self.section, (self.section,)), *self.also)

    @property
    def keys(self) -> tuple[str, ...]:
        """Its section and key in the file."""
        return self.section, self.key


def setting(section: str, key: str, words: str, **fields: Any) -> Setting:
    """A setting whose names are derived from its key, unless `fields` give them."""
    option = fields.setdefault("option", f"--{key.replace('_', '-')}")
    fields.setdefault("name", key)
    fields.setdefault("variable", f"SCIMPROOF_{(option.strip('-') or key).replace('-', '_').upper()}")
    return Setting(section=section, key=key, words=words, **fields)
