from __future__ import annotations

import json
import random

import pytest

from scimproof.load.plan.packed_moments import Moments


@pytest.mark.parametrize("sequences", [1, 2, 7, 300])
def test_what_is_packed_comes_out_again(sequences: int) -> None:
    draw = random.Random(sequences)
    pairs, ms = [], 0
    for _ in range(2000):
        ms += draw.choice([0, 0, 1, 20, 5000, 86_400_000])
        pairs.append((ms, draw.randrange(sequences)))
    moments = Moments.of(pairs)
    assert list(Moments.unpack(moments.pack(sequences), sequences)) == pairs
    assert len(moments) == 2000


def test_none_are_packed_too() -> None:
    assert list(Moments.unpack(Moments.of([]).pack(1), 1)) == []


def test_an_hour_at_fifty_a_second_is_less_than_half_a_megabyte() -> None:
    draw, ms, pairs = random.Random(1), 0.0, []
    for _ in range(180_000):
        ms += draw.expovariate(1 / 20)
        pairs.append((round(ms), draw.randrange(20)))
    assert len(json.dumps(Moments.of(pairs).pack(20))) < 500_000
