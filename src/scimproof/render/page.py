"""Shared parts of HTML pages: template environment, inlined styles and scripts, content security policy."""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scimproof.core.escaping import visible
from scimproof.core.paths import knowledge_root

FOLDER = "reports/templates"


def page_environment() -> Environment:
    """The Jinja environment of reports/templates: HTML is escaped, invisible characters spelled out."""
    return Environment(
        loader=FileSystemLoader(knowledge_root() / FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )


def inlined(*styles: str, script: str = "") -> dict[str, object]:
    """The variables `style`, `script` and `policy` (a content security policy that allows only these two)."""
    texts = [(knowledge_root() / FOLDER / name).read_text(encoding="utf-8") for name in styles]
    style = "\n" + "".join(texts)
    code = "\n" + (knowledge_root() / FOLDER / script).read_text(encoding="utf-8") if script else ""
    allowed = f"script-src '{_digest(code)}'; " if script else ""
    policy = f"default-src 'none'; style-src '{_digest(style)}'; {allowed}base-uri 'none'; form-action 'none'"
    return {"script": Markup(code), "style": Markup(style), "policy": policy}  # noqa: S704 - files of our own


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
