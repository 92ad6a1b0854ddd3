"""Writes a pack as one HTML page without scripts, in the style of report.html."""

from __future__ import annotations

from functools import cache
from html import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from scimproof.core.escaping import visible
from scimproof.core.paths import knowledge_root
from scimproof.render.phrases import count
from scimproof.render.sender import sender
from scimproof.render.submission import sections
from scimproof.render.submission.evidence import PASSES, Pack
from scimproof.render.submission.url_rules import address
from scimproof.report.extent import asked


def html(pack: Pack) -> str:
    """The whole page."""
    return _template().render(
        pack=pack,
        report=pack.report,
        part=asked(pack.report),
        submission=pack.submission,
        said=pack.submission.words,
        words=sections.words(pack),
        cases=[case.id for case, _ in pack.cases],
        headline=sections.headline(pack),
        scores=sections.scores(pack),
        tally=list(sections.case_counts(pack)),
        stops=sections.blockers(pack),
        clicks=sections.clicks(pack),
        address=address(pack.report["target"], pack.submission),
        sections=sections.sections(pack),
        labels=sender(pack.report)["sources"],
    )


def place(finding: str) -> str:
    """The sequence and step of a finding."""
    return finding.partition("#")[0]


def text(words: str) -> Markup:
    """Words of our own between two elements, where quotation marks are ordinary characters."""
    return Markup(escape(words, quote=False))  # noqa: S704 - it is escaped


def rule(finding: str) -> str:
    """The requirement of a finding."""
    return finding.rpartition("#")[2]


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(knowledge_root() / "reports" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.globals |= {
        "PASSES": PASSES,
        "count": count,
        "lower": sections.lower,
    }
    environment.filters |= {"link": sections.link, "place": place, "rule": rule, "text": text}
    return environment.get_template("submission.html.j2")
