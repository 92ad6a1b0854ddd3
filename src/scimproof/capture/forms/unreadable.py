"""UnreadableEntry entry: what stands in a file of others instead of an exchange."""

from __future__ import annotations


class UnreadableEntry(Exception):
    """Stands for an entry that is no exchange; the text says where it is and what it lacks."""
