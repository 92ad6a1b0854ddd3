"""Recognition of a captured request: which sender's operation it is, and where it differs from ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DifferenceKind = Literal[
    "header missing", "header added", "header order", "header spelling", "header value",
    "path", "query encoding", "query",
    "key order", "element order", "attribute added", "attribute missing", "attribute spelling", "value",
    "formatting",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RequestDifference:
    """One place where a captured request is not as the template says: what ours has, what was seen.

    `where` is the place in words of HTTP or SCIM: the name of a header, the path of an attribute, `filter`.
    """

    kind: DifferenceKind
    where: str
    ours: str
    seen: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a captured request is: the nearest request template and its operation; all empty for unknown.

    `sender` is the id of its folder in suites/, `dialect` that of one of its dialects ("acme.cloud"), empty
    where the request is the same in all of them. `also` are other operations of the sender whose requests are
    the same bytes: what came before tells them apart. `blanks` are the values of the template's variables.
    """

    sender: str = ""
    dialect: str = ""
    operation: str = ""
    template: str = ""
    differences: tuple[RequestDifference, ...] = ()
    also: tuple[str, ...] = ()
    blanks: tuple[tuple[str, str], ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is one of our operations."""
        return bool(self.operation)

    @property
    def as_sent(self) -> bool:
        """Whether it is exactly as we send it."""
        return self.known and not self.differences
