"""Rewrites reports/samples: `python -m tests.report.make_samples` from the checkout, then review the diff."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from rich.console import Console

from scimproof.catalog import submission as submissions
from scimproof.catalog.loader import load_catalog
from scimproof.core.http_message import Exchange
from scimproof.core.results import Verdict
from scimproof.render.conformance.terminal import text
from scimproof.render.formats import DocumentKind, formats
from scimproof.render.submission.evidence import Pack
from scimproof.report.document import Report
from tests.report import synthetic
from tests.report.synthetic import PASSWORD, PREFIX, TOKEN, Told, exchange, ordinary, request
from tests.report.waived import waived

SAMPLES = Path(__file__).parents[2] / "reports" / "samples"
NASTY = "<script>alert(1)</script> ]]> & \x1b[31m \x00 \u202e [bold red] ``` | @everyone \ud800"


def honest() -> Report:
    """A server at which all holds."""
    return synthetic.report()


def failing() -> Report:
    """A server that deactivates nobody over PATCH, labels bodies wrongly, is slow, and fails one create."""
    seen = ordinary() | {
        "okta.oin.user.deactivate/read-back": exchange(44, request(), 200, synthetic.USER),
        "okta.aiw.user.deactivate/create": exchange(
            45, request("POST", "/scim/v2/Users", {}), 500, {"detail": "no seats left"}
        ),
    }
    del seen["okta.aiw.user.deactivate/deactivate"]
    gate = "okta.aiw.user.deactivate/create#okta-create-201 did not hold: 500 Internal Server Error"
    blocked = (Verdict.INCONCLUSIVE, "", gate)
    told: Told = {
        "okta.oin.user.deactivate/read-back#okta-deactivate-persists": (
            Verdict.FAIL,
            "active is false after the PATCH",
            "active is true: the PATCH was answered 204 and did nothing",
        ),
        "okta.oin.user.deactivate/deactivate#okta-answers-fast": (Verdict.WARNING, "within 1 s", "2.4 s"),
        "okta.aiw.user.deactivate/deactivate#okta-answers-fast": blocked,
        "okta.aiw.user.deactivate/deactivate#okta-deactivate-persists": blocked,
        "rfc7644.answers/all#rfc7644-3.8-media-type": (
            Verdict.FAIL,
            "Content-Type application/scim+json",
            "application/json (in 3 of 8 answers)",
        ),
    }
    left = [
        {"kind": "User", "name": synthetic.USER["userName"], "id": "u-1", "why": "DELETE was answered 500"}
    ]
    return synthetic.report(seen, told, ledger={"created": 3, "removed": 2, "left": left})


def hostile() -> Report:
    """A server that echoes secrets, shows other people's records, and sends markup and control characters."""
    stranger = {"id": "s-9", "userName": "somebody.real@corp.example", "displayName": "Somebody Real"}
    listed = {"totalResults": 2, "Resources": [synthetic.USER, stranger]}
    echo = f'<html>{NASTY} Bearer {TOKEN} "password": "{PASSWORD}'.encode("utf-8", "replace")
    answers = ordinary()
    seen: dict[str, Exchange] = answers | {
        "okta.oin.user.create/create": replace(
            answers["okta.oin.user.create/create"],
            status=500,
            reason=NASTY.replace("\ud800", ""),
            headers=(("X-Echo", f"Bearer {TOKEN}"), ("Set-Cookie", "session=1"), ("X-Nasty", "\x1b[2J")),
            body=echo,
        ),
        "okta.spec.users.list/list": exchange(47, request("GET", "/scim/v2/Users"), 200, listed),
        "okta.oin.user.deactivate/read-back": exchange(
            44, request(), 0, error=f"the answer broke off {NASTY}"
        ),
    }
    told: Told = {
        "okta.oin.user.create/create#okta-create-201": (
            Verdict.FAIL,
            f"201 {NASTY}",
            seen["okta.oin.user.create/create"].summary(),
        ),
        "okta.spec.users.list/list#spec-status-200": (
            Verdict.FAIL,
            f"only users of {PREFIX}",
            f"also {stranger['userName']}: {seen['okta.spec.users.list/list'].summary()}",
        ),
        "okta.oin.user.deactivate/read-back#okta-deactivate-persists": (Verdict.ERROR, "", NASTY),
    }
    return synthetic.report(seen, told, stop=f"the target stopped answering {NASTY}")


MADE = {"honest": honest, "failing": failing, "hostile": hostile, "waived": waived}


def rendered(report: Report) -> Mapping[str, str]:
    """Every form of a report by file name, the terminal's at 100 columns."""
    console = Console(file=io.StringIO(), width=100, color_system=None, legacy_windows=False)
    console.print(text(report))
    assert isinstance(console.file, io.StringIO)
    shown = "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"
    pack = Pack(report, submission())
    forms = {form.file: form.text(report) for form in formats(DocumentKind.RUN)}
    packed = {form.named("oin"): form.text(pack) for form in formats(DocumentKind.PACK)}
    return forms | packed | {"terminal.txt": shown}


@cache
def submission() -> submissions.Submission:
    """What the catalogue knows of an OIN submission; most of it these small reports never played."""
    return submissions.load(load_catalog(), "oin")


def sample(name: str) -> Report:
    """The synthetic report of that name; its version is none that is released."""
    report = MADE[name]()
    report["tool"]["version"] = "0.0.0"
    # As a reader of the file gets it: pairs are lists, keys are text.
    return dict(json.loads(json.dumps(report)))


def main() -> None:
    """Write every sample in every form."""
    for name in MADE:
        folder = SAMPLES / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in rendered(sample(name)).items():
            (folder / file).write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
