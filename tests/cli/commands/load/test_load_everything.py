"""A load run with everything switched on: quiet about an honest server, and each fault of load is found.

Two processes, races between them, writes sent again, groups of growing size, renamed and deleted ones, the
page, and all exports, one of them to a collector that is not there. Nightly, twenty times.
"""

from __future__ import annotations

import os
import tomllib
from contextlib import closing
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from scimproof.core.paths import knowledge_root
from scimproof.embedded.server import Served
from scimproof.load.audit.document import KEYS
from tests.cli.commands.load.test_load import TOKEN, document
from tests.engine.kit import scimproof_in
from tests.load.audit.test_procedure_everything import FOUND

SMOKE = tomllib.loads((knowledge_root() / "load" / "plans" / "smoke.toml").read_text(encoding="utf-8"))
PLAN = """\
question = "Is anybody accused of what is right, or anything missed, with everything switched on?"
rate = 8
arrivals = "poisson"
warm_up = 1
seconds = 10
seed = {seed}
prefill = 30
full_check_every = 10
max_schedule_lag_ms = 60000
drain = 120
races = true
resend = {{ every = 4, after_ms = 1 }}
group_sizes = [100, 300]
{mix}
"""

# What was said to be made and is not there is made again when it is sent again: two ids for one user.
RESENT = {"drop-one-create-in-fifty": {"race"}}


def free_port() -> int:
    with closing(create_server(("127.0.0.1", 0))) as one:
        return int(one.getsockname()[1])


def loaded(folder: Path, seed: int, *faults: str) -> dict[str, Any]:
    """The document of such a run against the embedded server with these faults."""
    mix = "\n".join(["[mix]", *(f'"{id}" = {weight}' for id, weight in SMOKE["mix"].items())])
    plan = folder / "everything.toml"
    plan.write_text(PLAN.format(seed=seed, mix=mix), encoding="utf-8")
    nobody, ours = f"http://127.0.0.1:{free_port()}", str(free_port())
    on = ["--processes", "2", "--dashboard", "--csv", "--prometheus", ours, "--otlp", nobody]
    with Served(token=TOKEN, faults=faults) as served:
        words = ["load", str(plan), "--target", served.base_url, "--out", str(folder / "out"), *on]
        environment = {"SCIMPROOF_LEDGERS": str(folder / "ledgers"), "SCIMPROOF_TOKEN": TOKEN}
        ran = scimproof_in(folder, words, os.environ | environment)
    assert ran.returncode in (0, 1, 3), ran.stderr
    found = document(folder)
    assert found["audit"]["done"], found["audit"]["why"]
    assert (folder / "out" / "load-series.csv").stat().st_size > 1000
    return found


def told(found: dict[str, Any]) -> set[str]:
    """The sorts of violations that the audit counts."""
    return {str(sort) for sort, key in KEYS.items() if found["audit"]["counts"].get(key)}


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1, 21))
def test_an_honest_server_is_accused_of_nothing(tmp_path: Path, seed: int) -> None:
    found = loaded(tmp_path, seed)
    assert told(found) == set(), found["audit"]
    assert found["sampled"] == []
    assert sum(row["errors"] for row in found["operations"]) == 0
    assert found["ledger"]["left"] == []
    assert found["result"] == "pass", found["why"]


@pytest.mark.nightly
@pytest.mark.parametrize("fault", FOUND)
def test_each_fault_of_load_is_found_as_what_it_is(tmp_path: Path, fault: str) -> None:
    must, may = FOUND[fault]
    found = told(loaded(tmp_path, 1, fault))
    assert must <= found <= must | may | RESENT.get(fault, set())
