"""The words for the identity provider whose traffic a report shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from scimproof.catalog.senders import Sender, default_sender, read_senders, sender_of
from scimproof.core.paths import knowledge_root

Row = dict[str, Any]


def sender(document: Mapping[str, Any]) -> Row:
    """The `sender` of a document; of one that was written before it had one, whose its sequences are.

    `id`, `name`, `administrator` (with its article), `place` (`in ...`), `sources`, `authorities`,
    `dialects`.
    """
    known: Row | None = document.get("sender")
    if known is None:
        sequences = document.get("sequences", ())
        ids = [row if isinstance(row, str) else str(row.get("id", "")) for row in sequences]
        known = sender_of(_senders(), ids).json()
    return known


def authority(name: str, document: Mapping[str, Any]) -> str:
    """`RFC 7644` of `rfc7644`; the sender's own texts by name."""
    known = sender(document)["authorities"]
    rfc = name.replace("rfc", "RFC ", 1) if name.startswith("rfc") else name
    return str(known.get(name, rfc))


def place(document: Mapping[str, Any], *, start: bool = False) -> str:
    """Where an administrator meets what is broken: `in ...`; with a capital at the `start` of a line."""
    text = str(sender(document)["place"])
    return text[:1].upper() + text[1:] if start else text


def default_profile() -> str:
    """The profile of a run that names none."""
    return default_sender(_senders()).profile


@cache
def _senders() -> dict[str, Sender]:
    return read_senders(knowledge_root() / "suites")
