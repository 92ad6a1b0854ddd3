"""Definition of a setting: its name in file, environment and command line, its kind, default and range."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from scimproof.core.bounds import Range

FLAG_NUMBERS = Range(0, 1)  # never asked: a flag has no number


class Kind(Enum):
    """The kind of a setting's value, and how it is written."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    SWITCH = auto()  # yes or no, and nothing said is neither: --this or --no-this
    FILE = auto()  # has to exist; in the file it is relative to the file
    FOLDER = auto()  # may be made; relative likewise
    PLAN = auto()  # the name of one that is shipped, or a file
    URL = auto()
    VARIABLE = auto()  # the name of an environment variable: never a value
    TEXTS = auto()
    WORDS = auto()  # of a command; the first is relative to the file when it begins with a dot
    HEADERS = auto()  # a table of texts and { env = "NAME" }; elsewhere 'Name: value' lines
    WEIGHTS = auto()  # a table of numbers by sequence id; elsewhere ID=WEIGHT
    LIMITS = auto()  # a table of tables, which `load` reads as it reads a plan's


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting.

    `key` is its word in `[section]` of the file, `option` the one on the command line ("" for none), `name`
    what the code calls it. It is also read from `variable`, unless that is "". `commands` are those it
    means something to; `doctor` and `clean` have what is in [target]. `words` are shown in --help and in an
    editor alike. A number lies in `bounds`; a text is one of `choices`, where there are any.
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

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that have this setting."""
        shared = {"target": ("run", "load", "doctor", "clean"), "observer": ("run", "load")}
        return shared.get(self.section, (self.section,))

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
