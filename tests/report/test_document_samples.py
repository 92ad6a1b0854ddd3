"""The reports in reports/samples: what they show, that they are valid, and that they give nothing away."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from scimproof.render.formats import DocumentKind, write_all
from tests.report.make_samples import MADE, SAMPLES, rendered, sample
from tests.report.synthetic import PASSWORD, TOKEN, exchange, ordinary, report, request

SCHEMA: dict[str, Any] = json.loads((SAMPLES.parent / "schema" / "scimproof.report-1.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", MADE)
def test_samples_are_what_the_writers_make(name: str) -> None:
    for file, content in rendered(sample(name)).items():
        kept = (SAMPLES / name / file).read_bytes().decode()
        assert kept == content, f"{name}/{file} differs; make samples rewrites it"


@pytest.mark.parametrize("name", MADE)
def test_samples_are_valid(name: str) -> None:
    VALIDATOR.validate(json.loads((SAMPLES / name / "report.json").read_text()))


def test_a_kept_report_renders_as_it_did() -> None:
    for folder in SAMPLES.iterdir():
        kept = json.loads((folder / "report.json").read_text())
        assert rendered(kept)["report.html"] == (folder / "report.html").read_bytes().decode()


def test_the_schema_refuses_what_is_wrong() -> None:
    document = sample("honest")
    assert VALIDATOR.is_valid(document | {"added": "later"})
    assert not VALIDATOR.is_valid(document | {"result": "fine"})
    assert not VALIDATOR.is_valid({key: value for key, value in document.items() if key != "ledger"})


def test_a_canary_in_every_place_a_server_can_echo_it_is_in_no_output(tmp_path: Path) -> None:
    """Token and password, plain, in a longer text, percent-encoded, escaped and as base64."""
    forms = [
        form
        for secret in (TOKEN, PASSWORD)
        for form in (
            secret,
            quote(secret, safe=""),
            json.dumps(secret)[1:-1],
            base64.b64encode(secret.encode()).decode(),
            base64.b64encode(f"Bearer {secret}".encode()).decode(),
        )
    ]
    canary = " ".join(forms)
    seen = {
        name: exchange(
            old.number,
            old.request,
            500,
            {"detail": canary},
            reason=canary,
            headers=(("X-Echo", canary), (canary, "")),
        )
        for name, old in ordinary().items()
    }
    seen["okta.spec.users.list/list"] = exchange(
        99, request("GET", f"/Users?{canary}"), 0, error=f"broke off: {canary}"
    )
    told = {finding["id"]: (finding["verdict"], canary, canary) for finding in report()["findings"]}
    left = [{"kind": "User", "name": canary, "id": canary, "why": canary}]
    document = report(
        seen,
        told,
        stop=canary,
        ledger={"created": 1, "removed": 0, "left": left},
        options={"wanted": [canary]},
    )
    paths = write_all(DocumentKind.RUN, document, tmp_path)
    texts = [path.read_text() for path in paths] + list(rendered(document).values())
    for text in texts:
        for form in [*forms, TOKEN[:8], PASSWORD[:6], base64.b64encode(TOKEN.encode()).decode()[:12]]:
            assert form not in text
