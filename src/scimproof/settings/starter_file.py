"""The initial scimproof.toml of `config --init`: every setting, commented out, with its description."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import cache

from scimproof.catalog.senders import default_sender, read_senders
from scimproof.core.paths import knowledge_root
from scimproof.settings.definition import Setting
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
    """The text of the file; valid as it is, and with any setting uncommented."""
    return HEAD + "".join(f"{line}\n" for section in SECTIONS for line in _section(section))


def example(setting: Setting) -> str:
    """An example value as it stands in the file, with names that the suites really have."""
    text = setting.example
    for word, known in _names().items():
        text = text.replace(f"<{word}>", known)
    return text


@cache
def _names() -> dict[str, str]:
    """What the words in angle brackets of the table's examples stand for: names of the default sender's."""
    suites = knowledge_root() / "suites"
    sender = default_sender(read_senders(suites))
    sequence = sender.mix.partition("=")[0]
    dialect = "-".join(sequence.split(".")[:2])
    profile = dialect if (suites / "profiles" / f"{dialect}.toml").exists() else sender.profile
    product = min((path.stem for path in (suites / "observers").glob("*.toml")), default="NAME")
    beginning = sequence.rpartition(".")[0]
    return {"sequence": sequence, "beginning": beginning, "profile": profile, "product": product}


def _section(section: str) -> Iterator[str]:
    settings = [each for each in SETTINGS if each.section == section]
    if not settings:
        return
    yield ""
    yield f"# {SECTIONS[section]}"
    yield f"[{section}]"
    for each in settings:
        yield from textwrap.wrap(each.words, 96, initial_indent="# ", subsequent_indent="# ")
        yield f"#{each.key} = {example(each)}"
