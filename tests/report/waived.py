"""A report of a run with waivers, a baseline, an observer and a recognised product."""

from __future__ import annotations

from typing import Any

from scimproof.report import summary
from scimproof.report.document import Report
from tests.report.synthetic import report

WAIVER = {
    "name": "waivers.toml 1",
    "reason": "The deactivation is asynchronous until the next release.",
    "issue": "https://tracker.example.com/17",
    "owner": "Directory team",
    "until": "2027-01-31",
    "source": "",
    "origin": "waivers.toml, line 1",
}
READ = "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
MEDIA = "rfc7644.answers/all#rfc7644-3.8-media-type"


def feature(title: str, findings: str, *requests: str) -> dict[str, Any]:
    return {"title": title, "about": "", "requests": list(requests), "findings": [findings]}


def waived() -> Report:
    """One failure is waived, one waiver has expired, another matched nothing."""
    document = report()
    rows = {finding["id"]: finding for finding in document["findings"]}
    rows[READ] |= {
        "verdict": "waived",
        "unwaived": "fail",
        "waiver": WAIVER,
        "expected": "active is false after the PATCH",
        "observed": "active is true",
    }
    rows[MEDIA] |= {"verdict": "fail", "observed": "application/json (in 3 of 8 answers)", "known": "EX-02"}
    waiver: dict[str, Any] = {**WAIVER, "ids": [READ], "observed": ""}
    document["waivers"] = [
        waiver | {"state": "used", "findings": 1, "fails": False},
        waiver
        | {"name": "waivers.toml 2", "until": "2026-01-31", "state": "expired", "findings": 0, "fails": True},
        waiver
        | {"name": "waivers.toml 3", "issue": "DIR-4", "state": "unused", "findings": 0, "fails": True},
        waiver | {"name": "EX-01", "ids": [], "state": "note", "findings": 0, "until": "", "fails": False},
    ]
    document["baseline"] = {
        "path": "baseline.json",
        "started": "2026-11-20T09:30:00Z",
        "suites": "0123456789ab",
        "same_suites": False,
        "new": [MEDIA],
        "fixed": ["okta.oin.user.create/find#okta-found-by-name"],
        "still": [],
        "gone": ["okta.oin.user.rename/update#okta-rename-answered"],
        "added": [],
        "unsure": [],
        "worse": [],
        "was": {MEDIA: "pass"},
        "why": "",
        "differs": ["The suites have changed since."],
    }
    document["product"] = {"id": "example", "title": "Example Directory", "because": "its Server header"}
    document["observer"] = {"kind": "example", "about": "asks the directory's own interface"}
    document["profile"]["features"] = [
        feature("Deactivate users", "okta.oin.user.deactivate", "OKTA-11"),
        feature("Create users", "okta.oin.user.create", "OKTA-07"),
        feature("Group push", "okta.*.group*"),
    ]
    findings = document["findings"]
    counts = summary.summary(findings, document["sequences"], 14, 6)
    return document | {"summary": counts, "result": summary.result(findings)}
