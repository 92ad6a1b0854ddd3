"""Writes the OIN pack as one page without scripts, in the looks of report.html."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from scimproof.catalog import knowledge_root
from scimproof.extent import asked
from scimproof.render.oin import view
from scimproof.render.oin.address import address
from scimproof.render.oin.states import PASSES, Pack
from scimproof.render.visible import visible
from scimproof.render.words import LABELS, count


def html(pack: Pack) -> str:
    """The whole page."""
    return _template().render(
        pack=pack,
        report=pack.report,
        part=asked(pack.report),
        submission=pack.submission,
        headline=view.headline(pack),
        scores=view.scores(pack),
        tally=list(view.tally(pack)),
        stops=view.stops(pack),
        clicks=view.clicks(pack),
        address=address(pack.report["target"], pack.submission),
        sections=view.sections(pack),
        labels=LABELS,
    )


def place(finding: str) -> str:
    """The sequence and step of a finding."""
    return finding.partition("#")[0]


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
    environment.globals |= {"WORDS": view.WORDS, "MEANS": view.MEANS, "PASSES": PASSES, "count": count}
    environment.filters |= {"link": view.link, "place": place, "rule": rule}
    return environment.get_template("oin.html.j2")
