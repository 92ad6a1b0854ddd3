"""Writes a learn document as one HTML page without scripts and network access."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from scimproof.render.learn import sentences
from scimproof.render.page import inlined, page_environment
from scimproof.render.phrases import count


def html(document: dict[str, Any]) -> str:
    """The whole page."""
    return _template().render(
        learn=document,
        headline=sentences.headline(document),
        summary=sentences.summary(document),
        shares=list(sentences.shares(document)),
        owner=sentences.owner(document["traffic"]),
    )


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {"count": count, "standing": sentences.standing}
    environment.globals |= inlined("report.css", "learn.css")
    return environment.get_template("learn.html.j2")
