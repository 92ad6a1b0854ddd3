"""The scimproof.toml that somebody begins with: every setting, commented out, with what it means."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from scimproof.settings.table import SECTIONS, SETTINGS

HEAD = """\
# Settings of `scimproof run` and `scimproof load`, for what the command line does not say.
# `scimproof config` shows the effective settings. No secret stands here, and no consent:
# an environment variable holds the one, --yes gives the other.
#
# An editor checks and explains this file once it knows its schema:
#   scimproof config --schema > scimproof.schema.json
# and a first line that says: #:schema ./scimproof.schema.json
"""


def starter() -> str:
    """The text of the file; valid as it is, and with any of its settings uncommented."""
    return HEAD + "".join(f"{line}\n" for section in SECTIONS for line in _section(section))


def _section(section: str) -> Iterator[str]:
    settings = [each for each in SETTINGS if each.section == section]
    if not settings:
        return
    yield ""
    yield f"# {SECTIONS[section]}"
    yield f"[{section}]"
    for each in settings:
        yield from textwrap.wrap(each.words, 96, initial_indent="# ", subsequent_indent="# ")
        yield f"#{each.key} = {each.example}"
