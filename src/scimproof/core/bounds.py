"""Numeric range with validation and a description for people."""

from __future__ import annotations

from typing import NamedTuple


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
