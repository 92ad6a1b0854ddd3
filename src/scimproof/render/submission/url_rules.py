"""Rules of a submission for a target's URL and authentication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from scimproof.catalog.submission import Submission

LOCAL = {"127.0.0.1", "::1", "localhost"}


def address(target: Mapping[str, Any], submission: Submission) -> list[tuple[str, str, str]]:
    """For each rule: the rule, `keeps`, `breaks` or `open`, and why."""
    rows = [(row["rule"], *_kept(row, target["url"])) for row in submission.url]
    known = next((row for row in submission.auth if row["kind"] == target["auth"]), {})
    state = {True: "keeps", False: "breaks", None: "open"}[known.get("keeps")]
    words = submission.words
    return [*rows, (words.offered, state, known.get("says", words.not_offered))]


def _kept(row: Mapping[str, Any], url: str) -> tuple[str, str]:
    """Whether a URL keeps one rule, and why; a URL on this machine breaks none yet."""
    if "longest" in row:
        keeps, says = len(url) <= row["longest"], f"{len(url):,} characters"
    else:
        keeps = url.startswith(row["begins"]) if "begins" in row else row["without"] not in url
        says = url
    if keeps or urlsplit(url).hostname not in LOCAL:
        return ("keeps" if keeps else "breaks"), says
    return "open", f"{says} is an address on this machine; the one that is submitted decides"
