"""Everything at once, as `smoke` plays it: quiet about an honest server, and each fault of load is found.

Prefill, the sequences of `smoke` (groups pushed, renamed and deleted among them), reads and switches of
one's own people, and the races of two workers, all at the same time. The honest server twenty times, each
fault once: nightly.
"""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.core.paths import knowledge_root
from scimproof.load.audit.violation import Result
from scimproof.load.unscheduled.races import Races, summed
from tests.load.audit.bench import Bench, bench, sorts
from tests.load.generator.racing import Workers

SMOKE = tomllib.loads((knowledge_root() / "load" / "plans" / "smoke.toml").read_text(encoding="utf-8"))
OTHERS = [name for name in SMOKE["mix"] if "import" not in name]  # races walk the list themselves
# What the audit says of each fault of load: all of `must`, and nothing beside `may`.
FOUND: dict[str, tuple[set[str], set[str]]] = {
    "drop-one-create-in-fifty": ({"lost"}, set()),
    "lost-membership-updates": ({"membership"}, {"stale"}),
    "duplicate-under-race": ({"duplicate", "race"}, set()),
    "stale-reads-3s": ({"stale"}, set()),
    "race-500": ({"race"}, set()),
    "slower-with-store": (set(), set()),
    "slower-with-group": (set(), set()),
    "one-in-forty-500": (set(), {"race"}),
}


def everything(load: Bench, folder: Path, settle: float = 0.0) -> Result:
    """Play it all at once, and audit it."""
    people, workers = load.prefill(160), Workers(load, folder, 2)
    booked = replace(load.booked, elsewhere=workers.requests)
    races = Races(booked, load.names("b", "races"), load.provider, rounds=4, parallel=4)
    try:
        with ThreadPoolExecutor(max_workers=3) as pool:
            lives = pool.submit(load.lives, people[:12])
            played = pool.submit(load.play, "okta", OTHERS, 4)
            raced = pool.submit(lambda: races.all(people))
            lives.result()
            assert played.result() > 0
            return load.audit(settle=settle, races=summed(raced.result()))
    finally:
        workers.close()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(1, 20))]
)
def test_an_honest_server_is_accused_of_nothing(tmp_path: Path, seed: int) -> None:
    with bench(tmp_path, seed=seed) as load:
        result = everything(load, tmp_path)
        assert result.holds, result.shown
        assert (result.unknown, result.unjudged, result.unread) == (0, 0, [])
        assert result.users > 190
        assert result.groups > 3


@pytest.mark.nightly  # one by one and without the rest on each commit: test_procedure_faults
@pytest.mark.parametrize("fault", FOUND)
def test_each_fault_of_load_is_found_as_what_it_is(tmp_path: Path, fault: str) -> None:
    must, may = FOUND[fault]
    with bench(tmp_path, fault) as load:
        result = everything(load, tmp_path, settle=3.1 if fault == "stale-reads-3s" else 0.0)
        assert must <= sorts(result) <= must | may, result.shown
