"""Text of a template with variables, as a pattern that values are held to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from scimproof.catalog.request_template import BLANK, MARKS, PATHS

# What some variables stand for, by name; all others stand for any text.
FORMS = {
    "guid": "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "startIndex": "[0-9]+",
    "number": "[0-9]+",
}


@dataclass(frozen=True)
class TextPattern:
    """Text in which each `{{variable}}` stands for any text, also for none.

    `source` is the text as the template has it. A variable that stands twice may have two values: whether
    they agree is nothing that the bytes of one request say.
    """

    source: str

    @cached_property
    def literal(self) -> str | None:
        """The text itself, None where it has variables."""
        return None if BLANK.search(self.source) else self.source

    @cached_property
    def is_blank(self) -> bool:
        """Whether it is one variable and nothing else."""
        return BLANK.fullmatch(self.source) is not None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its variables in order, without their marks."""
        return tuple(name.lstrip(MARKS) for name in BLANK.findall(self.source))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = BLANK.split(self.source)  # literal, name, literal, ...
        forms = (f"({FORMS.get(name.lstrip(MARKS), '.*')})" for name in parts[1::2])
        first, *others = map(re.escape, parts[::2])
        text = first + "".join(form + literal for form, literal in zip(forms, others, strict=True))
        return re.compile(text, re.DOTALL)

    @cached_property
    def encoded(self) -> bool:
        """Whether its variables are filled into a path as they are, encoded already."""
        found: list[str] = BLANK.findall(self.source)
        return any(name[0] in MARKS or name in PATHS for name in found)

    @cached_property
    def form(self) -> str:
        """What the only variable of a text stands for, as a regular expression."""
        return FORMS.get(self.names[0], ".*") if self.is_blank else ""

    @property
    def free(self) -> bool:
        """Whether every variable stands for any text."""
        return not any(name in FORMS for name in self.names)

    @cached_property
    def vague(self) -> int:
        """How much it leaves open: one for a variable of a known form, two for any other."""
        return sum(1 if name in FORMS else 2 for name in self.names)

    @cached_property
    def _tolerant(self) -> re.Pattern[str]:
        return re.compile(self._pattern.pattern, re.DOTALL | re.IGNORECASE)

    def matches(self, text: str) -> bool:
        """Whether the text is of that form."""
        return text == self.source if self.literal is not None else bool(self._pattern.fullmatch(text))

    def resembles(self, text: str) -> bool:
        """Whether it is of that form in another letter case."""
        return bool(self._tolerant.fullmatch(text))

    def values(self, text: str) -> tuple[tuple[str, str], ...]:
        """What the variables stand for in a text of that form; empty for any other."""
        found = self._tolerant.fullmatch(text) if self.names else None
        return tuple(zip(self.names, found.groups(), strict=True)) if found else ()
