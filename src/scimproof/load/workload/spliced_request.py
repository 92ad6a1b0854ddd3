"""Spliced request: cached for each identity template, only the tag of the playing is spliced in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from scimproof.load.client.filled import Filled
from scimproof.load.plan.identities import IdentitySet
from scimproof.load.workload.compiled_request import CompiledRequest

Parts = tuple[list[bytes], list[str], int]


@dataclass
class SplicedRequest:
    """Spliced request, whose blanks all come from the cast: a join instead of a dozen look-ups.

    The parts are cut out of what `CompiledRequest` fills, and only believed when they give what it fills with
    another text too.
    """

    compiled: CompiledRequest
    moulds: IdentitySet
    _known: dict[tuple[int, int], Parts | None] = field(default_factory=dict)
    _authorization: str = ""

    @classmethod
    def of(cls, compiled: CompiledRequest, moulds: IdentitySet) -> Self | None:
        """The stencil of that request; None when it needs something that only an answer tells."""
        if moulds.residents or compiled.ruled:
            return None
        if not compiled.blanks or not compiled.blanks <= set(moulds(0, ())):
            return None
        return cls(compiled, moulds)

    def fill(self, number: int, core: str, authorization: str) -> Filled | None:
        """The request of that playing; None when it does not lend itself to this."""
        if authorization != self._authorization:
            self._known.clear()
            self._authorization = authorization
        place = (self.moulds.variety(number), len(core))
        if place not in self._known:
            self._known[place] = self._cut(number, len(core), authorization)
        parts = self._known[place]
        if parts is None:
            return None
        wire = core.encode().join(parts[0])
        return Filled(wire, self.compiled.template.method, core.join(parts[1]), wire[parts[2] :])

    def _cut(self, number: int, length: int, authorization: str) -> Parts | None:
        first, second = "q" * length, "z" * length  # in small letters: capitals of it have to differ
        filled, again = (
            self.compiled.fill(self.moulds(number, (), core=core), authorization) for core in (first, second)
        )
        wire, target = filled.wire.split(first.encode()), filled.target.split(first)
        if second.encode().join(wire) != again.wire or second.join(target) != again.target:
            return None
        return wire, target, len(filled.wire) - len(filled.body)
