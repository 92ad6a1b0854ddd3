"""What the tests of the gate share: reports made by hand, in which some findings do not hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scimproof.core.results import Verdict
from scimproof.render.conformance.terminal import lines, text
from scimproof.report.document import Report
from tests.report import synthetic
from tests.report.synthetic import CATALOG, Told

READ_BACK = "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
WIZARD = "okta.aiw.user.deactivate/deactivate#okta-deactivate-persists"
FOUND = "okta.oin.user.create/find#okta-found-by-name"
CREATE = "okta.oin.user.create/create#okta-create-201"
RFC = "rfc7644.answers/all#rfc7644-3.8-media-type"
WAIVER = """[[waiver]]
id = "{id}"
reason = "the store keeps it"
issue = "https://issues.example.com/7"
owner = "team-identity"
until = {until}
"""


def told(*ids: str, verdict: Verdict = Verdict.FAIL) -> Told:
    """These findings have that verdict, in a report in which all else holds."""
    return dict.fromkeys(ids, (verdict, "that it holds", f"it was {verdict}"))


def report(*ids: str, verdict: Verdict = Verdict.FAIL, **more: Any) -> Report:
    """A report in which these findings have that verdict."""
    return synthetic.report(told=told(*ids, verdict=verdict), **more)


def waivers(path: Path, *ids: str, until: str = "2026-12-31", more: str = "") -> Path:
    """A file of waivers for these ids."""
    path.write_text("\n".join(WAIVER.format(id=id, until=until) + more for id in ids))
    return path


def saved(path: Path, document: Report) -> Path:
    """The document in that file."""
    path.write_text(json.dumps(document))
    return path


def shown(document: Report) -> str:
    """What a terminal that is none shows."""
    return lines(text(document))


__all__ = ["CATALOG", "synthetic"]
