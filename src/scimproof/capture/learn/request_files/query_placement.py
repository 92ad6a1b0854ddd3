"""Placement of blanks in a captured query: the sender's encoding stays, values of filters go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import unquote, unquote_plus

from scimproof.capture.json_tokens import unescaped
from scimproof.capture.learn.request_files.blank_names import BlankNames
from scimproof.capture.learn.request_files.request_target import RequestTarget
from scimproof.capture.learn.request_files.vocabulary import Vocabulary
from scimproof.catalog.request_template import ENCODINGS, quoted
from scimproof.catalog.senders import Encoding

NAMES = frozenset({
    "filter", "startindex", "count", "attributes", "excludedattributes", "sortby", "sortorder", "cursor",
})  # fmt: skip
QUOTE = r"(?:%22|\")"
ESCAPED = r"(?:%5[Cc]|\\)(?:%22|\"|%5[Cc]|\\|%[0-9A-Fa-f]{2}|.)"
QUOTED = re.compile(rf"({QUOTE})((?:{ESCAPED}|(?!{QUOTE}).)*)({QUOTE})")
# Around the values of a filter: attribute, operator, brackets, in any encoding.
EXPRESSION = re.compile(r"(?:[\w.:$+()\[\]-]|%[0-9A-Fa-f]{2}|,)*")
ATTRIBUTE = re.compile(r"([\w.:$-]+)\s+(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s*$", re.IGNORECASE)
LIST = re.compile(r"(?:[\w.:$-]|,|%2[Cc]|%3[Aa]|%20|\+)*")


def placed_query(
    names: BlankNames, vocabulary: Vocabulary, query: str, place: RequestTarget, encoding: Encoding
) -> str:
    """The query with blanks for what it looks for, everything else as it was spelled."""
    return "&".join(_parameter(names, vocabulary, one, place, encoding) for one in query.split("&"))


def _parameter(
    names: BlankNames, vocabulary: Vocabulary, text: str, place: RequestTarget, encoding: Encoding
) -> str:
    name, equals, value = text.partition("=")
    key = unquote(name).lower()
    if key not in NAMES and name not in vocabulary.words:
        return names.review("query", text, raw=True) if text else text
    if key == "filter":
        placed = _filter(names, value, place, encoding)
    elif value.isdigit() and key in ("startindex", "count"):
        placed = names.take("startIndex", value) if key == "startindex" and value != "1" else value
        placed = placed or names.review(key, value)
    elif key in ("attributes", "excludedattributes", "sortby", "sortorder") and LIST.fullmatch(value):
        placed = value
    else:
        placed = _encoded(names.review(key, unquote(value)), value, unquote(value), encoding) if value else ""
    return f"{name}{equals}{placed}"


def _filter(names: BlankNames, text: str, place: RequestTarget, encoding: Encoding) -> str:
    """A filter with a blank for each of its values in quotes."""
    plus = re.search(r"\+(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr|and|or)\b", text) is not None
    decode: Callable[[str], str] = unquote_plus if plus else unquote
    parts, at = [], 0
    for found in QUOTED.finditer(text):
        before = text[at : found.start()]
        parts += [
            _expression(names, before, decode),
            found[1],
            _value(names, before, found[2], place, decode, encoding),
            found[3],
        ]
        at = found.end()
    return "".join([*parts, _expression(names, text[at:], decode)])


def _expression(names: BlankNames, text: str, decode: Callable[[str], str]) -> str:
    """What stands around the values of a filter; a bare value in it (a number) has to be looked at."""
    bare = re.search(r"(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+[^\s()]*$", decode(text))
    value = bare[0].split()[-1] if bare and " " in bare[0].strip() else ""
    if EXPRESSION.fullmatch(text) and (not value or value.lower() in ("true", "false", "null")):
        return text
    return names.review("filter", text, raw=True)


def _value(
    names: BlankNames,
    before: str,
    raw: str,
    place: RequestTarget,
    decode: Callable[[str], str],
    encoding: Encoding,
) -> str:
    """The blank for a value in quotes."""
    value = unescaped(decode(raw))
    found = ATTRIBUTE.search(decode(before))
    path = found[1] if found else ""
    if path.lower() in ("type", "primary") and re.fullmatch(r"[a-z]{1,12}|True|False", value):
        return raw
    if path.lower() in ("id", "members.value", "members", "value", "manager", "manager.value"):
        blank = names.of_value(value) or (names.id(value, "Users") if value in names.known.by_id else "")
    else:
        blank = ""
    if not blank and path:
        owner = names.known.owner(value)
        role = names.role(owner[0].id if owner else value, place.endpoint)
        path = 'emails[type eq "work"].value' if path.lower() in ("emails", "emails.value") else path
        blank = names.of_value(value) or names.attribute(role, place.endpoint, path, value, update=False)
    blank = blank or names.of_value(value) or names.of_owner(value) or names.review(path or "filter", value)
    return _encoded(blank, raw, value, encoding)


def _encoded(blank: str, raw: str, value: str, encoding: Encoding) -> str:
    """The blank with the mark that fills it in as it was encoded, as far as there is one."""
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    if ENCODINGS[encoding](escaped) == raw or blank.startswith("{{!"):
        return blank
    if quoted(value) == raw:
        return blank.replace("{{", "{{%", 1)
    return blank.replace("{{", "{{!", 1) if value == raw else blank
