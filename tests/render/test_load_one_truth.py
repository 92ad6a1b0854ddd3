"""G02 to G04 for load runs: result, baseline, JUnit and exit code agree, and figures are sentences."""

from __future__ import annotations

import json
import socket
import xml.etree.ElementTree as ET
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scimproof.cli.commands.compare import CODES as COMPARED
from scimproof.cli.commands.load.load import CODES
from scimproof.core.errors import Exit
from scimproof.core.paths import knowledge_root
from scimproof.render.conformance.terminal import lines
from scimproof.render.load.html import html
from scimproof.render.load.junit import junit
from scimproof.render.load.terminal import brief
from scimproof.report.load_comparison import baseline, compare_load
from tests.engine.kit import recording, scimproof
from tests.render.load.test_terminal import hostile

KINDS = ("lost", "phantom")
RESULTS = ("pass", "fail", "invalid")


def run(result: str, *broken: int, lost: int = 0) -> dict[str, Any]:
    """A load run of that result, at which these limits are broken and so many resources were lost."""
    found = hostile()
    for place, row in enumerate(found["thresholds"]):
        row["verdict"], row["why"], row["value"] = ("broken" if place in broken else "held"), "", 812.0
    row = found["audit"]["lost"][0]
    counts = dict.fromkeys(found["audit"]["counts"], 0) | {"lost": lost}
    found["audit"] |= {"done": True, "counts": counts, "lost": [row] * lost}
    why = {"pass": "all limits held", "fail": "a limit is broken", "invalid": "a worker died"}[result]
    return found | {"result": result, "why": why}


def told(*broken: int, lost: int = 0) -> dict[str, Any]:
    return run("fail" if broken or lost else "pass", *broken, lost=lost)


def against(old: dict[str, Any] | None, new: dict[str, Any]) -> tuple[dict[str, Any], Exit]:
    """The document and the exit code, as `scimproof load --baseline` makes them."""
    if old is None:
        return new, CODES[new["result"]]
    found = compare_load(old, new, paths=("old.json", "this run"))
    return new | {"baseline": baseline(found, old, new)}, COMPARED[found["result"]]


@cache
def runs() -> list[dict[str, Any]]:
    return [told(), told(0), told(0, 1), told(lost=1), told(0, lost=2), run("invalid"), run("invalid", 0)]


def test_g04_junit_of_a_load_run_is_red_where_the_exit_code_is_not_0() -> None:
    codes = set()
    for old, new in product([None, *runs()], runs()):
        document, code = against(old, new)
        root = ET.fromstring(junit(document))  # noqa: S314 - our own
        red = len(root.findall(".//failure")) + len(root.findall(".//error"))
        assert (red > 0) == (code is not Exit.HOLDS), (document.get("baseline"), junit(document))
        assert int(root.get("failures", "")) + int(root.get("errors", "")) == red
        codes.add(code)
    assert codes == {Exit.HOLDS, Exit.DOES_NOT_HOLD, Exit.CANNOT_TELL}


def test_g02_where_a_baseline_decides_every_form_says_so() -> None:
    then = "got worse since the baseline of 2026-11-23"
    says = {
        Exit.HOLDS: f"Nothing that decides {then}, so that the run passes",
        Exit.DOES_NOT_HOLD: f"audit {then}",
        Exit.CANNOT_TELL: f"Whether anything {then} cannot be told",
    }
    for old, new in product(runs(), runs()):
        document, code = against(old, new)
        for form in (lines(brief(document)), html(document)):
            said = form.replace("audits", "audit")
            assert [exit for exit, words in says.items() if words in said] == [code], said


def test_g02_the_schema_knows_what_is_said_of_a_baseline() -> None:
    schema = json.loads((knowledge_root() / "reports/schema/scimproof.load-1.json").read_text())
    for old, new in product(runs(), runs()):
        document, _ = against(old, new)
        told = schema["properties"]["baseline"] | {"$defs": schema["$defs"]}
        jsonschema.Draft202012Validator(told).validate(document["baseline"])


def test_g03_a_broken_limit_is_a_sentence() -> None:
    failure = next(ET.fromstring(junit(told(0))).iter("failure"))  # noqa: S314 - our own
    message = str(failure.get("message"))
    assert message.startswith("okta.oin.user.create/create: ")
    assert message.endswith("p95 at most 5 ms; it was 812 (mine.toml:3)")


def test_g02_what_is_broken_as_before_is_skipped_and_says_so() -> None:
    document, code = against(told(0), told(0))
    assert code is Exit.HOLDS
    root = ET.fromstring(junit(document))  # noqa: S314 - our own
    messages = [str(skipped.get("message")) for skipped in root.iter("skipped")]
    assert [message for message in messages if "as in the baseline: it was 812" in message]


@pytest.mark.parametrize("token", ["secret-token", "wr0ng-token"])
def test_g04_a_load_run_that_cannot_be_made_leaves_one_error(tmp_path: Path, token: str) -> None:
    with socket.socket() as one, recording() as server:
        one.bind(("127.0.0.1", 0))  # and does not listen
        down = f"http://127.0.0.1:{one.getsockname()[1]}/scim/v2"
        url = down if token == "secret-token" else server.url
        ran = scimproof(
            tmp_path, "load", "smoke", "--target", url, "--out", "made", more={"SCIMPROOF_TOKEN": token}
        )
    assert ran.returncode == Exit.CANNOT_TELL, ran.stderr
    root = ET.parse(tmp_path / "made/load-junit.xml").getroot()  # noqa: S314 - our own
    (error,) = root.iter("error")
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    says = "refuses the connection" if url == down else "refuses the credentials"
    assert says in str(error.get("message"))
    assert token not in (tmp_path / "made/load-junit.xml").read_text()
