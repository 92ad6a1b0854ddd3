"""Who removes what after a run of several processes, and that nobody claims what somebody else does."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from scimproof.catalog.loader import load_catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.embedded.server import Served
from scimproof.load.launch.cleanup import books_of, remove_created
from scimproof.load.launch.session import Cluster, LoadSession
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.job import Job
from scimproof.load.result.document import LoadRecord, build_load_report
from scimproof.render.load.html import html
from scimproof.render.load.terminal import text
from scimproof.target.credentials import Bearer
from scimproof.target.options import TargetOptions
from scimproof.target.target import Target
from tests.cli.commands.load.test_load import SCHEMA
from tests.engine.kit import TOKEN, Recording, recording
from tests.render.load.test_terminal import PLAN

PREFIX = "scimproof-tidytest"
PROCESSES = {"master-0": 1, "worker-0": 2, "worker-1": 3, "worker-10": 1}


@pytest.fixture
def served() -> Iterator[Recording]:
    with recording() as served:
        yield served


@pytest.fixture
def folder(served: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The ledgers of four processes of one run on one machine, which created that many users."""
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(tmp_path))
    for process, count in PROCESSES.items():
        ledger = Ledger(tmp_path / f"{PREFIX}-{process}.jsonl", served.url, PREFIX)
        for number in range(count):
            name = f"{PREFIX}.{process.replace('-', '').ljust(8, 'x')}.{number}@example.com"
            user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}
            ledger.intend("User", name)
            ledger.made("User", name, served.ask("POST", "/Users", user).json["id"])
        ledger._file.close()  # as when its process ended: nothing holds it any more
    return tmp_path


def left(folder: Path) -> set[str]:
    return {path.stem.removeprefix(f"{PREFIX}-") for path in folder.iterdir()}


def test_a_worker_removes_what_its_own_ledger_names_only(served: Recording, folder: Path) -> None:
    target = Target(served.url, Bearer(TOKEN), seconds=20)
    found = remove_created(load_catalog(), target, books_of(PREFIX, "worker-1"))
    assert found == {"created": 3, "removed": 3, "left": [], "unknown": []}
    assert left(folder) == {"master-0", "worker-0", "worker-10"}
    assert len(served.everything()["Users"]) == 4
    assert remove_created(load_catalog(), target, books_of(PREFIX))["removed"] == 4
    assert left(folder) == set()


def test_a_master_leaves_the_workers_theirs_and_counts_them(served: Recording, folder: Path) -> None:
    access, catalog = TargetOptions(url=served.url), load_catalog()
    environment = {"SCIMPROOF_TOKEN": TOKEN, "SCIMPROOF_WORKER_SECRET": "s" * 43}
    session = LoadSession(PLAN, access, catalog, Served, environment, cluster=Cluster("127.0.0.1", 1, 2))
    session.prefix, session._elsewhere = PREFIX, 6
    found = session.tidy()
    assert found.pop("seconds") > 0
    assert found == {"created": 7, "removed": 1, "left": [], "unknown": []}
    assert left(folder) == {"worker-0", "worker-1", "worker-10"}


def test_the_document_says_who_removes_what_workers_created() -> None:
    job = Job(plan=PLAN, access=TargetOptions(url="http://127.0.0.1:1/scim/v2"), prefix=PREFIX, role="master")
    loaded = LoadRecord(
        job=replace(job, apart=True),
        catalog=load_catalog(),
        target=job.target({"SCIMPROOF_TOKEN": "a-token-nobody-may-see"}),
        timeline=TimeSeries(10),
        started=datetime(2026, 11, 23, tzinfo=UTC),
        seconds=10.0,
        elsewhere=95,
    )
    document = build_load_report(loaded)
    Draft202012Validator(SCHEMA).validate(document)
    assert (document["ledger"]["created"], document["ledger"]["removed_by"]) == (95, "workers")
    shown = io.StringIO()
    Console(file=shown, width=200).print(text(document))
    for page in (shown.getvalue(), html(document)):
        assert "95 created: 95 by workers, each of which removes its own after the run" in page
        assert "0 removed" not in page
    assert "at least 95 created" in html(build_load_report(replace(loaded, lost=("a",))))
    assert "removed_by" not in build_load_report(replace(loaded, job=job, elsewhere=0))["ledger"]
