"""What a number may be."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """What a number may be: from, to, and whether it has to be whole."""

    least: float
    most: float
    whole: bool = False

    @property
    def words(self) -> str:
        """The range for a person."""
        return f"{'a whole number' if self.whole else 'a number'} from {self.least:g} to {self.most:g}"

    def holds(self, value: object) -> bool:
        """Whether that is such a number; true and false are none."""
        kinds = (int,) if self.whole else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and self.least <= value <= self.most
