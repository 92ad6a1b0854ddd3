"""Known secrets of a recording, and where any of them shows again in text, in every usual encoding."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from scimproof.core.redaction import encoded_forms

Span = tuple[int, int]
Decode = Callable[[re.Match[str]], str]

MOST = 1000  # passwords, and as many tokens and the like, that are remembered: those that were seen last
GRAM = 4  # characters by which a form is looked up
ALIGNED = 2 * GRAM - 1  # a form of that length has a whole gram at one of any GRAM places in a row

_UNICODE_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}")
_PERCENT_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_JSON_ESCAPE = re.compile(_UNICODE_ESCAPE.pattern + r"|\\.", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

# What HTTP and SCIM say themselves: who has one of these for a password is not helped by a capture in which
# every such word is a row of marks. Where it stands as a password it is masked.
VOCABULARY = frozenset(
    {
        "true", "false", "null", "none", "json", "scim", "user", "users", "group", "groups", "password",
        "username", "displayname", "active", "emails", "email", "members", "member", "value", "type",
        "work", "home", "primary", "schemas", "schema", "meta", "location", "resourcetype", "version",
        "created", "lastmodified", "operations", "path", "replace", "remove", "name", "givenname",
        "familyname", "formatted", "externalid", "userid", "title", "locale", "timezone", "http", "https",
        "bearer", "basic", "authorization", "content", "length", "host", "accept", "post", "patch",
        "delete", "filter", "count", "startindex", "totalresults", "itemsperpage", "resources", "detail",
        "status", "token", "roles", "entitlements", "addresses", "phonenumbers", "manager", "department",
        "organization", "division", "costcenter", "employeenumber",
    }
)  # fmt: skip


class DecodedText:
    """Text with its escapes undone, and where each part of it stands in the text that it was made of."""

    def __init__(self, text: str, escape: re.Pattern[str], decode: Decode) -> None:
        parts: list[str] = []
        self._at: list[int] = []  # where parts begin in `text`
        self._raw: list[Span] = []  # where they stand in the original
        self._whole: list[bool] = []  # whether a part is one escape
        size = last = 0
        for found in escape.finditer(text):
            for piece, span, whole in (
                (text[last : found.start()], (last, found.start()), False),
                (decode(found), found.span(), True),
            ):
                if piece:
                    parts.append(piece)
                    self._at.append(size)
                    self._raw.append(span)
                    self._whole.append(whole)
                    size += len(piece)
            last = found.end()
        parts.append(text[last:])
        self._at.append(size)
        self._raw.append((last, len(text)))
        self._whole.append(False)
        self.text = "".join(parts)

    def original(self, span: Span) -> Span:
        """The part of the original that this part of the decoded text was made of."""
        return self._place(span[0], end=False), self._place(span[1] - 1, end=True)

    def _place(self, at: int, *, end: bool) -> int:
        part = bisect_right(self._at, at) - 1
        start, stop = self._raw[part]
        if self._whole[part]:
            return stop if end else start
        return start + at - self._at[part] + end


def without_json_escapes(text: str) -> DecodedText:
    """The inside of a JSON string as the text that it is."""
    return DecodedText(text, _JSON_ESCAPE, _of_json)


def _of_json(found: re.Match[str]) -> str:
    escape = found[0]
    return _of_unicode(found) if escape[1] == "u" and len(escape) > 2 else _LETTERS.get(escape[1], escape[1])


def _of_unicode(found: re.Match[str]) -> str:
    units = bytes.fromhex(found[0].replace("\\u", ""))
    return bytes_view(units.decode("utf-16-be", "replace").encode())


def _of_percent(found: re.Match[str]) -> str:
    return chr(int(found[0][1:], 16))


def bytes_view(data: bytes) -> str:
    """Bytes as text in which each character stands for one of them."""
    return data.decode("latin-1")


class KnownSecrets:
    """Secrets seen so far. Texts are views of bytes, one character for each (`bytes_view`).

    Each secret has some ten to fifty forms. They are looked up by grams: a text is probed at every fourth
    place, so that what it takes does not depend on how many secrets there are.
    """

    def __init__(self) -> None:
        self._lasting: dict[str, None] = {}
        self._passwords: dict[str, None] = {}
        self._aligned: dict[str, list[tuple[str, int]]] = {}
        self._short: dict[str, list[str]] = {}

    def add(self, secret: str, *, lasting: bool) -> None:
        """Remember a secret; a lasting one is a token, of which there are few, another one a password.

        Of each kind the MOST that were seen last are remembered, half of them at least.
        """
        if len(set(secret)) < 2 or secret.lower() in VOCABULARY:
            return
        of_kind = self._lasting if lasting else self._passwords
        known = secret in self._lasting or secret in self._passwords
        of_kind.pop(secret, None)
        of_kind[secret] = None
        if not known:
            self._index(secret)
        if len(of_kind) > MOST:
            for old in list(of_kind)[: MOST // 2]:
                del of_kind[old]
            self._aligned, self._short = {}, {}
            for one in {**self._lasting, **self._passwords}:
                self._index(one)

    def _index(self, secret: str) -> None:
        for form in {view for encoded in encoded_forms(secret) for view in _views(encoded)}:
            if len(form) < ALIGNED:
                self._short.setdefault(form[:GRAM], []).append(form)
            else:
                for offset in range(GRAM):
                    gram = form[offset : offset + GRAM]
                    self._aligned.setdefault(gram, []).append((form, offset))

    def spans(self, text: str) -> Iterator[Span]:
        """Where secrets stand in the text, as they are or in any encoding."""
        yield from self._plain(text)
        if "\\u" in text:
            yield from self._through(DecodedText(text, _UNICODE_ESCAPE, _of_unicode))
        if "%" in text:
            yield from self._through(DecodedText(text, _PERCENT_ESCAPE, _of_percent))

    def _through(self, decoded: DecodedText) -> Iterator[Span]:
        yield from (decoded.original(span) for span in self._plain(decoded.text))

    def _plain(self, text: str) -> Iterator[Span]:
        aligned, short = self._aligned, self._short
        if aligned:
            for at in range(0, len(text) - GRAM + 1, GRAM):
                for form, offset in aligned.get(text[at : at + GRAM], ()):
                    if at >= offset and text.startswith(form, at - offset):
                        yield at - offset, at - offset + len(form)
        if short:
            for at in range(len(text) - GRAM + 1):
                for form in short.get(text[at : at + GRAM], ()):
                    if text.startswith(form, at):
                        yield at, at + len(form)


def _views(form: str) -> Iterator[str]:
    yield bytes_view(form.encode("utf-8", "surrogatepass"))
    if not form.isascii():
        try:
            yield bytes_view(form.encode("latin-1"))
        except UnicodeEncodeError:
            return
