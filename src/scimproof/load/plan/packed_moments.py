"""Packed moments: when which sequence arrived, in two or three bytes each, so that they can be sent."""

from __future__ import annotations

import base64
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Moments:
    """Moments in order: `at` in ms, and what `plays` then, as a place in a list of sequences."""

    at: array[int]
    plays: array[int]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Self:
        """The moments of (ms, place) pairs that are in order."""
        at, plays = array("Q"), array("H")
        for ms, place in pairs:
            at.append(ms)
            plays.append(place)
        return cls(at, plays)

    def __len__(self) -> int:
        return len(self.at)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.at, self.plays, strict=True)

    def pack(self, sequences: int) -> str:
        """As text: for each, the ms since the one before times `sequences` plus its place; 7 bits a byte."""
        data, before = bytearray(), 0
        for ms, place in self:
            number, before = (ms - before) * sequences + place, ms
            while number > 0x7F:
                data.append(number & 0x7F | 0x80)
                number >>= 7
            data.append(number)
        return base64.b64encode(zlib.compress(bytes(data), 9)).decode()

    @classmethod
    def unpack(cls, text: str, sequences: int) -> Self:
        """The moments that `pack` made text of, with as many sequences."""
        return cls.of(_pairs(zlib.decompress(base64.b64decode(text)), sequences))


def _pairs(data: bytes, sequences: int) -> Iterator[tuple[int, int]]:
    number = shift = ms = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            since, place = divmod(number, sequences)
            ms += since
            yield ms, place
            number = shift = 0
