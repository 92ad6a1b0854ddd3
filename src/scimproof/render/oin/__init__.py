"""The OIN pack: what a submission to Okta's catalog needs, as one run's document supports it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scimproof.catalog.oin_submission import Submission
from scimproof.core.errors import UsageError
from scimproof.render.atomic_write import ready, why_not, write_whole
from scimproof.render.oin.evidence import Pack
from scimproof.render.oin.html import html
from scimproof.render.oin.markdown import markdown
from scimproof.render.oin.sections import brief

PACK: Mapping[str, Callable[[Pack], str]] = {"oin.html": html, "oin.md": markdown}

__all__ = ["PACK", "Pack", "brief", "html", "markdown", "write_pack"]


def write_pack(report: dict[str, Any], submission: Submission, folder: Path) -> str:
    """Write the pack beside the reports and give the line that says where it is and what it amounts to."""
    pack = Pack(report, submission)
    ready(folder, PACK)
    try:
        files = [write_whole(folder / name, [writer(pack)]) for name, writer in PACK.items()]
    except OSError as problem:
        raise UsageError(f"the OIN pack cannot be written to {folder}: {why_not(folder, problem)}") from None
    return f"OIN pack: {', '.join(map(str, files))} ({brief(pack)})"
