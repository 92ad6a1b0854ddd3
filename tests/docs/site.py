"""A hook of the site generator: links to files of the repository that are no part of the site.

With `SCIMPROOF_DOCS_REPOSITORY` (the address below which files are shown, as `https://host/owner/name/blob/main`)
they lead there; without it they are the text and the file's path, and no dead links.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import Any

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
BLOCK = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)  # of code


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """The page with its links out of docs/ rewritten; what stands in blocks of code is left alone."""
    base = os.environ.get("SCIMPROOF_DOCS_REPOSITORY", "")
    pieces = BLOCK.split(markdown)
    folder = posixpath.join("docs", posixpath.dirname(page.file.src_uri))
    pieces[::2] = [LINK.sub(lambda found: _link(found, folder, base), piece) for piece in pieces[::2]]
    return "".join(pieces)


def _link(found: re.Match[str], folder: str, base: str) -> str:
    text, link = found.groups()
    if "://" in link or link.startswith(("#", "mailto:")):
        return found[0]
    path, _, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(folder, path))
    if target.startswith("docs/"):
        return found[0]
    if base:
        return f"[{text}]({base.rstrip('/')}/{target}{'#' if anchor else ''}{anchor})"
    return text if target in text.replace("`", "") else f"{text} (`{target}`)"
