"""Shared parts of HTML pages: template environment, inlined styles and scripts, content security policy."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence

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


def inlined(*styles: str, scripts: Sequence[str] = (), asks_its_server: bool = False) -> dict[str, object]:
    """The variables `style`, `script` and `policy` (a content security policy that allows only these two).

    With `asks_its_server` the page may fetch from where it was served, and from nowhere else.
    """
    style, code = _joined(styles), _joined(scripts) if scripts else ""
    allowed = f"script-src '{_digest(code)}'; " if code else ""
    allowed += "connect-src 'self'; " if asks_its_server else ""
    policy = f"default-src 'none'; style-src '{_digest(style)}'; {allowed}base-uri 'none'; form-action 'none'"
    return {"script": Markup(code), "style": Markup(style), "policy": policy}  # noqa: S704 - files of our own


def data_block(value: object) -> Markup:
    """A value as JSON for a script element: no `<` is left that could end it, no character is invisible."""
    text = json.dumps(_spelled_out(value), ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - see above


def _spelled_out(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(str(key)): _spelled_out(found) for key, found in value.items()}
    return [_spelled_out(one) for one in value] if isinstance(value, list | tuple) else value


def _joined(names: Sequence[str]) -> str:
    texts = [(knowledge_root() / FOLDER / name).read_text(encoding="utf-8") for name in names]
    return "\n" + "".join(texts)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
