"""Paths of attributes in keys, PATCH and filters, taken apart."""

from __future__ import annotations

import re


def last_name(path: str) -> str:
    """The last name of an attribute's path, in lower case: `value` of `emails.value`."""
    return re.split(r"[.:\]]", path)[-1].lower()


def first_name(path: str) -> str:
    """The first name of an attribute's path, without a URN, in lower case."""
    name = path.rpartition(":")[2] if path[:4].lower() == "urn:" else path
    return re.split(r"[.\[]", name)[0].lower()
