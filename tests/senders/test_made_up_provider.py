"""A new identity provider touches fixtures/, suites/ and load/plans only: a made-up one shows it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scimproof.embedded.app import build
from tests.engine.kit import Recording, recording
from tests.senders import acme

pytestmark = pytest.mark.xdist_group("made-up provider")

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src/scimproof", "suites", "fixtures", "load", "reports/schema", "reports/templates")
ENGINE = ROOT / "src" / "scimproof"
# Identity providers and products, whose names belong into data. Labels of sources (OKTA-nn) are no names.
PROVIDERS = (
    "okta", "entra", "azure", "microsoft", "onelogin", "jumpcloud", "google", "ping identity", "authentik",
    "keycloak", "sailpoint", "bitwarden",
)  # fmt: skip
NAMES = re.compile(rf"\b(?:{'|'.join(PROVIDERS)})\b(?!-\d)", re.IGNORECASE)
ELSEWHERE = ("embedded/",)  # the target to practise on
OTHERS = re.compile(r"\bokta\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is, with a provider more: no file of src/ is another than here."""
    root = tmp_path_factory.mktemp("project")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    acme.add(root)
    return root


def scimproof(copy: Path, *words: str, target: Recording) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy / "src"),
        "SCIMPROOF_TOKEN": "secret-token",
        "SCIMPROOF_CONFIG": os.devnull,
        "SCIMPROOF_LEDGERS": str(copy / "ledgers"),
        "XDG_STATE_HOME": str(copy / "state"),
    }
    command = [sys.executable, "-m", "scimproof", *words, "--target", target.url, "--yes"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=copy)


def served(*faults: str) -> Any:
    return recording(build(token="secret-token", faults=faults))


@pytest.fixture(scope="module")
def failed(copy: Path) -> tuple[Recording, str, Path]:
    """A run whose target keeps somebody who was disabled."""
    with served("active-always-true") as target:
        ran = scimproof(copy, "run", "--profile", "acme", "--out", "failed", target=target)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return target, ran.stdout, copy / "failed"


def test_what_its_administrators_do_is_not_made_up(copy: Path) -> None:
    with served() as target:
        ran = scimproof(copy, "explore", "--profile", "acme", target=target)
    assert (ran.returncode, target.arrived) == (2, [])
    assert "there is no suites/acme/explore.toml" in ran.stderr


def test_a_run_sends_what_the_files_say(copy: Path) -> None:
    with served() as target:
        ran = scimproof(copy, "run", "--profile", "acme", "--out", "report", target=target)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    document = json.loads((copy / "report/report.json").read_text(encoding="utf-8"))
    assert (document["result"], document["sender"]["name"]) == ("conformant", "Acme Identity")
    assert document["summary"]["dialects"].keys() == {"acme.cloud"}
    wire = b"\n".join(target.arrived)
    assert wire.startswith(b"GET /scim/v2/Users?count=1 HTTP/1.1\r\nAuthorization:")
    assert not any(b"User-Agent" in one for one in target.arrived if b"POST" in one), "what its file has not"
    assert re.search(rb"filter=displayName\+eq\+%22\w+\+\w+%22 HTTP", wire), "a query is form-encoded"
    assert re.search(rb'"externalId":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8', wire)
    assert b"+acme@example.com" in wire


def test_it_is_run_in_one_go_with_another_and_compared(copy: Path) -> None:
    with served("active-always-true") as target:
        words = ("run", "acme", "okta.oin.connect", "okta.oin.user.create", "--profile", "okta,acme")
        ran = scimproof(copy, *words, "--out", "both", target=target)
        assert target.everything() == {"Users": [], "Groups": []}
    assert ran.returncode == 1, ran.stdout + ran.stderr
    page = (copy / "both" / "side-by-side.md").read_text()
    assert "**Okta OIN**: Holds as far as asked (2 of" in page
    assert "**Acme Identity Cloud**: Does not work with Acme Cloud: [" in page
    assert "| Other | " in page, "no row names its operations"


def test_every_form_of_a_report_has_its_own_words(failed: tuple[Recording, str, Path]) -> None:
    _, terminal, folder = failed
    page, text, junit = (
        (folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md", "junit.xml")
    )
    assert "Does not work with Acme Cloud." in text
    for said in (terminal, page, text, junit):
        assert "Somebody who left keeps access." in said
        assert re.search("in Acme Identity|an Acme Identity administrator", said, re.IGNORECASE)
        assert not OTHERS.search(said), OTHERS.search(said)


def test_every_form_of_a_report_says_what_its_log_shows(failed: tuple[Recording, str, Path]) -> None:
    _, terminal, folder = failed
    page, text, junit = (
        (folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md", "junit.xml")
    )
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert document["requirements"]["acme-disabled"]["then"] == ["again"]
    assert document["log"]["then"]["again"] == "Acme sends it again. That is after an hour."
    assert re.search(r"log +done\n +then +Acme sends it again\.\n", terminal), "in short"
    assert "<b>Job log</b> done<b>Then</b> Acme sends it again. That is after an hour.</p>" in page
    assert "<dt>Job log</dt><dd>done</dd>" in page
    assert "  - Job log: done\n  - Then: Acme sends it again. That is after an hour.\n" in text
    assert re.search(r"log: +done\nthen: +Acme sends it again\.\n", junit)


def test_a_query_of_the_base_url_is_carried_where_the_sender_does(copy: Path) -> None:
    with served() as target:
        url = f"{target.url}?tenant=7"
        asked = Recording(target.app, url, target.arrived)
        ran = scimproof(copy, "run", "acme.cloud.user.create", "--profile", "acme", target=asked)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        refused = scimproof(copy, "run", "okta.oin.connect", target=asked)
    wire = b"\n".join(target.arrived).decode()
    assert re.search(r"POST /scim/v2/Users\?tenant=7 HTTP", wire)
    assert re.search(r"GET /scim/v2/Users\?filter=userName\+eq\+%22\S+%22&tenant=7 HTTP", wire)
    assert (refused.returncode, "must not have a query" in refused.stderr) == (2, True)


def test_its_traffic_is_put_under_load_and_audited(copy: Path) -> None:
    with served() as target:
        ran = scimproof(copy, "load", "offboarding", "--profile", "acme", "--out", "load-out", target=target)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    document = json.loads((copy / "load-out/load.json").read_text(encoding="utf-8"))
    assert document["sender"]["name"] == "Acme Identity"
    spans = {row["id"]: row for row in document["spans"]}
    assert spans["time-to-deprovision"]["answered"] > 0, 'active as the text "False" takes an account away'
    assert document["audit"]["counts"]["undead"] == 0
    for said in (ran.stdout, (copy / "load-out/load.html").read_text(encoding="utf-8")):
        assert not OTHERS.search(said), OTHERS.search(said)


def test_the_audit_finds_who_was_not_disabled(copy: Path) -> None:
    with served("active-always-true") as target:
        ran = scimproof(copy, "load", "offboarding", "--profile", "acme", "--out", "bad", target=target)
    document = json.loads((copy / "bad/load.json").read_text(encoding="utf-8"))
    assert (ran.returncode, document["audit"]["counts"]["undead"] > 0) == (1, True), ran.stdout


def test_a_header_of_its_own_is_refused_and_another_sent(copy: Path) -> None:
    with served() as target:
        words = ("run", "acme.cloud.connect", "--profile", "acme", "--header")
        own = scimproof(copy, *words, "Content-Type: text/plain", target=target)
        free = scimproof(copy, *words, "User-Agent: mine", target=target)
    assert (own.returncode, "Acme Identity sends that header itself" in own.stderr) == (2, True)
    assert free.returncode == 0


def test_the_engine_names_no_provider_and_no_fixture() -> None:
    files = [p for p in ENGINE.rglob("*.py") if not p.relative_to(ENGINE).as_posix().startswith(ELSEWHERE)]
    fixtures = {p.relative_to(ROOT / "fixtures").as_posix() for p in (ROOT / "fixtures").rglob("*.http")}
    own = {name for name in fixtures if name.startswith("harness/")}
    found = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        found += [f"{path.name}: {match[0]}" for match in NAMES.finditer(text)]
        found += [f"{path.name}: {name}" for name in fixtures - own if name in text]
    assert not found
