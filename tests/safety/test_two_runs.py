"""S11: two runs at once on one target do not disturb each other, and `clean` spares who is under way."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.embedded.app import build
from scimproof.report.document import exit_code
from scimproof.session.session import Session
from tests.engine.kit import TOKEN, recording, scimproof, session
from tests.matrix.inprocess import FEW
from tests.safety.bent import Call, Said, bent, refused

PREFIX = "scimproof-00abcdef"
# What looks at lists and at who is there, where another run's people are too, and each kind of write.
SOME = (
    *(f"okta.oin.user.{name}" for name in ("create", "create-existing", "update", "deactivate", "import")),
    *("okta.aiw.user.reassign", "okta.oin.group.push", "okta.oin.group.import", "okta.aiw.group.link"),
)


@pytest.mark.parametrize("wanted", [SOME, pytest.param((), marks=pytest.mark.nightly)], ids=["some", "all"])
def test_s11_two_runs_at_once_both_hold(wanted: tuple[str, ...]) -> None:
    reports: list[dict[str, Any]] = []

    def one(run: Session) -> None:
        with run as played:
            played.preflight()
            for _ in played.play():
                pass
            played.tidy()
            reports.append(played.report())

    with recording(build(token=TOKEN)) as target:
        runs = [
            threading.Thread(target=one, args=(session(target.url, *wanted, most=FEW, parallel=2),))
            for _ in range(2)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert target.everything() == {"Users": [], "Groups": []}
    for report in reports:
        open_ones = [
            f"{f['id']}: {f['observed']}" for f in report["findings"] if f["verdict"] == "inconclusive"
        ]
        wrong = [
            f"{f['id']}: {f['observed']}" for f in report["findings"] if f["verdict"] in ("fail", "error")
        ]
        assert exit_code(report) is Exit.HOLDS, json.dumps(open_ones + wrong, indent=1)


@pytest.mark.parametrize(
    ("minutes", "there"), [(5, True), (59, True), (61, False), (24 * 60, False), (None, True)]
)
def test_s11_clean_by_name_spares_a_run_that_may_be_under_way(
    minutes: int | None, there: bool, tmp_path: Any
) -> None:
    """The ages are by the target's own clock, which is a year behind."""
    now = datetime.now(UTC) - timedelta(days=365)
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}

    def bend(call: Call) -> Said | None:
        said = call.ask()
        if call.method == "GET" and not call.id:
            for row in said.body["Resources"]:
                row["meta"].pop("created", None)
                if minutes is not None:
                    row["meta"]["created"] = (now - timedelta(minutes=minutes)).isoformat()
        said.headers = [(name, value) for name, value in said.headers if name != "Date"]
        said.headers.append(("Date", format_datetime(now, usegmt=True)))
        return said

    with bent(bend) as target:
        target.ask("POST", "/Users", user | {"userName": f"{PREFIX}.0a1b2c.pat@example.com"})
        cleaned = scimproof(tmp_path, "clean", "--target", target.url, "--yes", seconds=300)
        assert cleaned.returncode == Exit.HOLDS, cleaned.stderr
        assert bool(target.everything()["Users"]) is there
        assert (f"--prefix {PREFIX}" in cleaned.stdout) is there
        if there:
            scimproof(tmp_path, "clean", "--target", target.url, "--yes", "--prefix", PREFIX, seconds=300)
            assert target.everything()["Users"] == []


def test_clean_by_name_needs_no_groups(tmp_path: Any) -> None:
    """An app without groups answers 404 to their list: its users are found all the same."""

    def bend(call: Call) -> Said | None:
        return refused(404) if call.kind == "Groups" else None

    with bent(bend) as target:
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}
        target.ask("POST", "/Users", user | {"userName": f"{PREFIX}.0a1b2c.pat@example.com"})
        cleaned = scimproof(
            tmp_path, "clean", "--target", target.url, "--yes", "--prefix", PREFIX, seconds=300
        )
        assert cleaned.returncode == Exit.HOLDS, cleaned.stderr
        assert target.app.store.size("User") == 0
