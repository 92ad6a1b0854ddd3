"""Options of the pytest plugin, from the table of settings."""

from __future__ import annotations

from scimproof.settings.definition import Kind
from scimproof.settings.table import in_table

FIXTURE = "scim_finding"


# The options of `scimproof run`, with the prefix --scim-, except those that write packs for submissions.
OPTIONS = [each for each in in_table("run") if each.option]


LISTS = (Kind.HEADERS, Kind.WEIGHTS)


MORE = {  # words for options that differ from `scimproof run`
    "target": "The SCIM base URL; the embedded target when not given.",
    "out": "Write report.json, junit.xml, report.html and report.md into this folder.",
    "parallel": "Above 1, play all selected sequences up front, so many at a time.",
}
