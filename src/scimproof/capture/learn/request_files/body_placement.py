"""Placement of blanks in a captured body: keys, order and spaces stay, values of people and groups go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.json_tokens import JsonToken, json_tokens, replaced
from scimproof.capture.learn.attribute_paths import OPERATIONS, attribute_path, value_of
from scimproof.capture.learn.request_files.blank_names import BlankNames
from scimproof.capture.learn.request_files.request_target import RequestTarget, quotations
from scimproof.capture.learn.request_files.vocabulary import COMPUTED, Vocabulary
from scimproof.catalog.request_template import BLANK, Template
from scimproof.core.http_message import Json

URN = re.compile(r"urn:[A-Za-z0-9:._-]+")
DIGITS = re.compile(r"^(?!urn:)(?:.*?\d){4}")  # an id, not the name of an attribute
KEY = re.compile(r"\$?[A-Za-z][\w.-]*")
# A path of PATCH, what stands in quotes left out.
SCIM_PATH = re.compile(
    r"(?:urn:[\w:.-]+:)?\$?[A-Za-z][\w.-]*"
    r'(?:\[[\w.]+ [a-z]{2} (?:""|true|false)\])?(?:\.\$?\w+)?'
)
CHOICES = frozenset({"true", "false", ""})
WORDS = {
    "op": frozenset({"add", "remove", "replace"}),
    "method": frozenset({"post", "put", "patch", "delete"}),
    "resourcetype": frozenset({"user", "group"}),
}
TYPES = frozenset({
    "work", "home", "other", "mobile", "fax", "pager", "direct", "indirect", "user", "group", "photo",
    "thumbnail",
})  # fmt: skip
URL = re.compile(r"(?:(https?://)([^/\s]+))?(.*?)/(Users|Groups)/([^/?\s]+)")


@dataclass
class BodyPlacement:
    """One body and what its values are placed by: the nearest template, and the blanks so far."""

    names: BlankNames
    vocabulary: Vocabulary
    exchange: CapturedExchange
    template: Template | None
    place: RequestTarget

    def placed(self) -> str:
        """The body with blanks; the whole of it is one to review where it is not JSON."""
        try:
            text = self.exchange.request.content.decode()
        except UnicodeDecodeError:
            text = self.exchange.request.content.decode("latin-1")
        if not text:
            return ""
        tokens = json_tokens(text)
        if tokens is None:
            return self.names.review("body", text, raw=True)
        return replaced(text, self._replacements(text, tokens))

    def _replacements(self, text: str, tokens: list[JsonToken]) -> Iterator[tuple[JsonToken, str]]:
        for token in tokens:
            old = text[token.start : token.end]
            new = self._key(token, old) if token.kind == "key" else self._value(token, old)
            if new != old:
                yield token, new

    @cached_property
    def _body(self) -> Json:
        return self.exchange.request.json

    @cached_property
    def _ours(self) -> dict[tuple[str | int, ...], str]:
        """The values of the template's body by their paths, as they are spelled there."""
        if self.template is None:
            return {}
        text = COMPUTED.sub("null", self.template.body)
        return {one.path: text[one.start : one.end] for one in json_tokens(text) or () if one.kind != "key"}

    def _key(self, token: JsonToken, old: str) -> str:
        key = str(token.value)
        plain = key in self.vocabulary.words or not (self._is_known(key) or DIGITS.search(key))
        if plain and (KEY.fullmatch(key) or URN.fullmatch(key) or self._is_path(key)):
            return old
        return f'"{self.names.review("key", key)}"'

    def _value(self, token: JsonToken, old: str) -> str:
        """What stands for a value: itself where it is a word of the protocol, else a blank."""
        value = token.value
        if token.kind == "word" or value == "":
            return old
        where = attribute_path(self._body, token.path)
        if self._ours.get(token.path) == old or self.vocabulary.is_public(where, str(value)):
            return old
        if token.kind == "number":
            blank = self.names.of_value(old)
            if not blank and old in self.names.known.by_id and token.path[-1:] in (("value",), ("id",)):
                blank = self.names.id(old, "Users")
            return blank.replace("{{", "{{!", 1) if blank else self.names.review(where, old, raw=True)
        return f'"{self._text(token, where, value)}"'

    def _text(self, token: JsonToken, where: str, value: str) -> str:
        names = self.names
        last = str(next((part for part in reversed(token.path) if isinstance(part, str)), "")).lower()
        found = self._by_template(token, value) or self._of_protocol(token, last, value)
        found = found or self._of_reference(token, where, last, value)
        if not found and not where.lower().startswith(("members", "groups", "meta")):
            found = self._of_subject(where, value)
        return found or names.of_value(value) or names.of_owner(value) or names.review(where or last, value)

    def _by_template(self, token: JsonToken, value: str) -> str:
        """The template's own text with its blanks, where it gives this value."""
        ours = self._ours.get(token.path, "")
        if not ours.startswith('"') or not BLANK.search(ours):
            return ""
        ours = ours[1:-1]
        parts = BLANK.split(json.loads(f'"{ours}"'))
        pattern = "".join(re.escape(one) if not place % 2 else "(.+?)" for place, one in enumerate(parts))
        match = re.fullmatch(pattern, value, re.DOTALL)
        blanks = parts[1::2]
        if not match or any(name[0] in "=!%" for name in blanks):
            return ""
        pairs = list(zip(blanks, match.groups(), strict=True))
        if any(self.names.values.get(name, one) != one for name, one in pairs):
            return ""
        for name, one in pairs:
            role, _, key = name.partition(".")
            self.names.take(name, one)
            if key == "id":
                self.names.roles.setdefault(one, role)
        return ours

    def _of_protocol(self, token: JsonToken, last: str, value: str) -> str:
        """A word of SCIM itself."""
        folded = value.casefold()
        if last == "schemas" and URN.fullmatch(value) and not self._is_known(value):
            return value
        if token.path[:1] == (OPERATIONS,) and len(token.path) == 3 and last in ("op", "method", "path"):
            return self._scim_path(value) if last == "path" else value * (folded in WORDS[last])
        allowed = {"type": TYPES | CHOICES, "primary": CHOICES, "active": CHOICES}.get(last, WORDS.get(last))
        return value if allowed and folded in allowed else ""

    def _of_reference(self, token: JsonToken, where: str, last: str, value: str) -> str:
        """An id of a resource, its URL, or the name beside its id."""
        names = self.names
        if last in ("$ref", "location"):
            return self._url(value)
        if last == "id" and value == self.place.id:
            return names.id(value, self.place.endpoint)
        if last == "display":
            return self._display(token, value)
        return self._id(where.lower(), last, value)

    def _id(self, where: str, last: str, value: str) -> str:
        """An id where members, groups and managers stand."""
        names = self.names
        known = value in names.known.by_id
        if where.startswith("members") and last in ("value", "members"):
            return names.id(value, "Users") if known or self.place.endpoint.lower() == "groups" else ""
        if where.startswith("groups") and last == "value":
            return names.id(value, "Groups")
        return names.id(value, "Users", "manager") if known and "manager" in where else ""

    def _display(self, token: JsonToken, value: str) -> str:
        """The name of a member beside its id."""
        entry = value_of(self._body, token.path[:-1])
        id = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(id, str) or id not in self.names.roles:
            return ""
        owner = self.names.known.by_id.get(id)
        endpoint = owner.endpoint if owner else "Users"
        paths = [path for path, one in owner.values.items() if one == value] if owner else []
        named = "displayName" if endpoint.lower() == "groups" else "userName"
        role = self.names.roles[id]
        blanks = (self.names.attribute(role, endpoint, one, value, update=False) for one in (*paths, named))
        return next(filter(None, blanks), "")

    def _of_subject(self, where: str, value: str) -> str:
        """The blank for an attribute of the resource that the request is about."""
        endpoint, key = self.place.endpoint, self._subject
        if not endpoint:
            return ""
        update = self.exchange.method == "PATCH"
        return self.names.attribute(self.names.role(key, endpoint), endpoint, where, value, update=update)

    @cached_property
    def _subject(self) -> str:
        first = next(iter(self.names.roles), "") if self.exchange.method == "POST" else ""
        return self.place.id or first or "subject"

    def _scim_path(self, value: str) -> str:
        """A path of PATCH with blanks for what its filter looks for; empty for what is none."""
        if not self._is_path(value):
            return ""
        parts = []
        for place, one in enumerate(re.split(r'("(?:[^"\\]|\\.)*")', value)):
            if not place % 2:
                parts.append(one)
                continue
            (text,) = quotations(one)
            by = re.search(r"(\w+) [a-z]{2} $", parts[-1])
            if by and by[1] in ("type", "primary") and text.casefold() in (TYPES | CHOICES):
                parts.append(f'\\"{text}\\"')
                continue
            blank = self.names.id(text, "Users") if text in self.names.known.by_id else ""
            if not blank and value.startswith("members["):
                blank = self.names.id(text, "Users")
            blank = blank or self.names.of_owner(text) or self.names.review("filter", text)
            parts.append(f'\\"{blank}\\"')
        return "".join(parts)

    def _is_path(self, text: str) -> bool:
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
        return SCIM_PATH.fullmatch(bare) is not None and not self._is_known(bare)

    def _url(self, value: str) -> str:
        """A URL of a resource with blanks for host, base path and id."""
        found = URL.fullmatch(value)
        if not found:
            return ""
        scheme, host, base, endpoint, id = found.groups(default="")
        values = self.names.values
        if host and values.get("host") != host:
            return ""
        if base and base != values.get("base") and not re.fullmatch(r"(\.{1,2}/?)*", base):
            return ""
        start = f"{scheme}{{{{host}}}}" if host else ""
        middle = "{{base}}" if base and base == values.get("base") else base
        return f"{start}{middle}/{endpoint}/{self.names.id(id, endpoint)}"

    def _is_known(self, text: str) -> bool:
        """Whether a text is one that the capture has as data."""
        return self.names.known.is_data(text) and text not in self.vocabulary.words
