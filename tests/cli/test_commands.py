"""The command line: what is said, what is sent, and the exit code of every way to end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import Exit
from scimproof.embedded.app import build
from scimproof.session.in_process import TOKEN as EXAMPLE
from tests.engine.kit import TOKEN, recording, scimproof, session
from tests.hostile.servers import empty, hostile

FILES = {"report.json", "junit.xml", "report.html", "report.md"}


def test_run_without_a_target_tests_the_embedded_one(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "okta.oin.user.create", "okta.aiw.group.push", more={})
    assert ran.returncode == Exit.HOLDS, ran.stderr
    first, second = ran.stdout.splitlines()[:2]
    assert "embedded" in first
    assert "remove them again" in second
    assert {path.name for path in (tmp_path / "report").iterdir()} == FILES
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["target"]["embedded"]
    assert report["ledger"]["left"] == []
    assert "checks hold; 2 of " in ran.stdout
    assert not list((tmp_path / "ledgers").iterdir())
    again = scimproof(tmp_path, "render", "report/report.json", "--out", "again")
    assert again.returncode == Exit.HOLDS
    assert {path.name for path in (tmp_path / "again").iterdir()} == FILES


@pytest.mark.fresh
def test_a_wrong_target_is_told_with_the_reason_and_exit_code_1(tmp_path: Path) -> None:
    with recording(build(token=TOKEN, faults=["patch-active-ignored"])) as target:
        ran = scimproof(tmp_path, "run", "okta.oin.user.deactivate", "--target", target.url, "--out", "here")
    assert ran.returncode == Exit.DOES_NOT_HOLD
    assert "expected" in ran.stdout
    assert "observed" in ran.stdout
    assert TOKEN not in ran.stdout + ran.stderr
    assert {path.name for path in (tmp_path / "here").iterdir()} == FILES


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "okta.oin.user.deactivat"), "did you mean 'okta.oin.user.deactivate'"),
        (("run", "okta.oin.usr"), "did you mean 'okta.oin.user'"),
        (("run", "--profile", "oktaa"), "did you mean 'okta'"),
        (("run", "--target", "host/scim"), "https://host/scim/v2"),
        (("run", "--tokn", "x"), "No such option"),
        (("run", "--out", "taken"), "taken"),
        (("show", "okta.oin.usr.create"), "did you mean"),
        (("show", "okta.oin.user"), "okta.oin.user.create"),
        (("serve", "--fault", "create-not-stord"), "create-not-stored"),
        (("serve", "--host", "192.0.2.1"), "loopback"),
        (("clean", "--prefix", "me"), "scimproof-1a2b3c4d"),
        (("render", "taken"), "not a report"),
        (("rum",), "did you mean 'run'"),
    ],
)
def test_a_slip_is_a_usage_error_with_a_hint(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "taken").write_text("a file")
    ran = scimproof(tmp_path, *arguments)
    assert ran.returncode == Exit.USAGE, ran.stdout + ran.stderr
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_consent_is_asked_for_what_is_then_created() -> None:
    chosen = ("okta.oin.group.import-pages", "okta.oin.group.seven-at-once", "okta.oin.group.large")
    with session(None, *chosen, parallel=4) as played:
        users, groups = played.creations()
        for _ in played.play():
            pass
        made = [entry.kind for entry in played.run.ledger.entries.values() if entry.ids]
    assert (users, groups) == (made.count("User"), made.count("Group"))
    assert groups > 100


@pytest.mark.fresh
def test_quiet_is_the_result_and_where_the_reports_are(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "okta.oin.user.create", "--quiet", more={})
    first, second = ran.stdout.splitlines()
    assert re.match(r"\d+ checks hold; 1 of \d+ sequences of okta was asked", first)
    assert "report.html" in second
    assert ran.stderr == ""


def test_a_target_that_cannot_be_reached_gets_the_cause_once(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "okta.oin", "--target", "http://127.0.0.1:1/scim/v2")
    assert ran.returncode == Exit.CANNOT_TELL
    assert ran.stderr.count("\n") == 1
    assert "refuses the connection" in ran.stderr
    assert len(ran.stdout.splitlines()) == 4  # target, plan, result, files
    assert ran.stdout.splitlines()[2] == "INCONCLUSIVE  Nothing was judged."


def test_what_is_piped_is_neither_wrapped_nor_padded(tmp_path: Path) -> None:
    with recording(build(token=TOKEN, faults=["patch-active-ignored"])) as target:
        ran = scimproof(tmp_path, "run", "okta.oin.user.deactivate", "--target", target.url)
    lines = ran.stdout.splitlines()
    assert lines == [line.rstrip() for line in lines]
    rules = load_catalog().requirements
    told = [line.partition(", ")[0].split()[-1] for line in lines if line.startswith("  rule ")]
    assert told
    assert all(rule in rules for rule in told)
    assert max(map(len, lines)) > 110


def test_nothing_is_written_elsewhere_without_consent(tmp_path: Path) -> None:
    # 192.0.2.0/24 is nobody's network (RFC 5737): a request would run into the time limit, not into exit 2.
    ran = scimproof(tmp_path, "run", "--target", "https://192.0.2.1/scim/v2")
    assert ran.returncode == Exit.USAGE
    assert "--yes" in ran.stderr
    assert "users and" in ran.stderr
    assert "nothing was sent" in ran.stderr


def test_a_selection_of_inferred_requests_only_is_no_empty_success(tmp_path: Path) -> None:
    catalog = load_catalog()
    inferred = [sequence.id for sequence in catalog.sequences.values() if catalog.grade(sequence) == "D"]
    stem = next(id for id in inferred if not catalog.select([id + "."]))
    ran = scimproof(tmp_path, "run", stem + ".")
    assert ran.returncode == Exit.USAGE
    assert "--include-inferred" in ran.stderr
    assert scimproof(tmp_path, "run", stem).returncode == Exit.HOLDS


@pytest.mark.fresh
def test_trouble_inside_is_one_line_and_a_hint(tmp_path: Path) -> None:
    broken = {"SCIMPROOF_TOKEN": TOKEN, "PYTHONPATH": str(tmp_path)}
    (tmp_path / "sitecustomize.py").write_text(
        "import scimproof.catalog.loader\n"
        "def broken(*_):\n    raise RuntimeError('a bug')\n"
        "scimproof.catalog.loader.load_catalog = broken\n"
    )
    ran = scimproof(tmp_path, "run", more=broken)
    assert ran.returncode == Exit.TROUBLE
    assert ran.stderr.count("\n") == 1
    assert "SCIMPROOF_DEBUG=1" in ran.stderr
    assert "Traceback" in scimproof(tmp_path, "run", more=broken | {"SCIMPROOF_DEBUG": "1"}).stderr


@pytest.mark.fresh
def test_a_ledger_that_cannot_be_written_stops_before_anything_is_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with hostile(empty) as server:
        more = {"SCIMPROOF_TOKEN": TOKEN, "SCIMPROOF_LEDGERS": str(tmp_path / "file/in")}
        ran = scimproof(tmp_path, "run", "--target", server.url, more=more)
    assert ran.returncode == Exit.USAGE
    assert "SCIMPROOF_LEDGERS" in ran.stderr
    assert server.requests == []


@pytest.mark.fresh
def test_list_names_every_sequence(tmp_path: Path) -> None:
    listed = scimproof(tmp_path, "list").stdout
    for sequence in load_catalog().sequences.values():
        assert sequence.id in listed
        assert sequence.title in listed
    wizard = scimproof(tmp_path, "list", "--profile", "okta-aiw").stdout
    assert "okta.aiw.user.deactivate" in wizard
    assert "okta.oin" not in wizard


@pytest.mark.parametrize(
    "id", [sequence.id for sequence in load_catalog().sequences.values() if not sequence.population]
)
def test_show_documents_a_sequence_from_its_source(id: str) -> None:
    from scimproof.cli.commands.show import _conversation  # noqa: PLC0415
    from scimproof.cli.curl_script import commands  # noqa: PLC0415 - the embedded target comes with it
    from scimproof.session.in_process import rehearse  # noqa: PLC0415

    catalog = load_catalog()
    sequence = catalog.sequences[id]
    outcomes, scene = rehearse(catalog, sequence)
    shown = "\n".join(_conversation(catalog, sequence, outcomes))
    assert "docs/sources.md" in shown
    assert re.search(r"HTTP/1\.1 (2|4|501)", shown)  # 501: what the embedded server does not have
    assert all(f"the observer is asked: {step.observe}" in shown for step in sequence.steps if step.observe)
    for step in sequence.sent:
        template = catalog.templates[step.request]
        assert f"{template.operation}, grade {template.grade}, {template.source}" in shown
        for check in step.checks:
            assert catalog.requirements[check.requirement].statement in shown
    script = "\n".join(commands(sequence, outcomes, scene))
    assert script.count("curl -sS") == sum(1 for outcome in outcomes if outcome.exchanges)
    assert EXAMPLE not in script


def test_show_prints_a_worked_example_of_a_merge(tmp_path: Path) -> None:
    shown = scimproof(tmp_path, "show", "okta.oin.user.update").stdout
    assert "worked out by the rule" in shown
    assert '"familyName"' in shown
    assert f"Bearer {EXAMPLE}" not in shown
    assert "PUT /scim/v2/Users/" in shown
