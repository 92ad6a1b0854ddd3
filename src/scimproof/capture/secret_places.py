"""Secret places: where, by its name, a secret stands in a head, a query, a form or a JSON body.

All texts are views of bytes, one character for each byte, so that a place in one is a place in the other.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from scimproof.capture.known_secrets import Span, bytes_view, without_json_escapes
from scimproof.core.redaction import HIDDEN_HEADERS, PASSWORD, SCHEME
from scimproof.target.target import SECRET_HEADER

# Headers that are called like a secret and are none.
PUBLIC_HEADERS = frozenset(
    {
        "www-authenticate", "proxy-authenticate", "idempotency-key", "sec-websocket-key",
        "sec-websocket-accept", "access-control-allow-credentials", "surrogate-key", "public-key-pins",
    }
)  # fmt: skip
LONG_ENOUGH = 8  # characters of what is a secret only perhaps, to be looked for elsewhere
NESTED = 3  # times that JSON may stand in a string of JSON

_HEADER = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_PAIR = re.compile(
    r"""(?:^|[?&;#\s"'<>(])([A-Za-z0-9_.%-]{2,60})=([^&\s"'<>#;\\]+)"""  # of a query, or of a form
)
_FILTERED = re.compile(  # password eq "...", in the encodings of a query
    r"""(?i)password(?:%20|\+|\s)+[a-z]{2}(?:%20|\+|\s)+(%22|"|\\")(.*?)(?:\1|(?=[&\s]|$))"""
)
_ELEMENT = re.compile(r"(?i)<(?:\w+:)?password[^<>]*>([^<]+)<")
_JSON_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)("?)(\s*:)?|[{}\[\],]|[^\s"{}\[\],:]+', re.DOTALL)
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*")
_HINTS = ("passw", "passp", "pwd", "secret", "token", "assertion", "key", r"\u00")
_PERHAPS = re.compile(r"(?i)code|key|sig|signature|auth|jwt|assertion")

_KEYS = frozenset(
    {
        "passwd", "pwd", "passphrase", "secret", "clientsecret", "accesstoken", "refreshtoken", "idtoken",
        "token", "secrettoken", "bearertoken", "clientassertion", "assertion", "apikey", "sharedsecret",
        "privatekey", "sessiontoken", "authtoken",
    }
)  # fmt: skip
_PARAMETERS = _KEYS | {"code", "key", "sig", "signature", "auth", "jwt"}


class SecretPlace(NamedTuple):
    """A place with a secret, `name` for what it is called in `masked`.

    `secret` is the secret itself where it is to be looked for elsewhere too; a password is not `lasting`.
    """

    span: Span
    name: str
    secret: str = ""
    lasting: bool = True


def is_secret_name(name: str, also: Collection[str] = _KEYS) -> bool:
    """Whether what has that name is a secret, as `userPassword`, `urn:...:User:password`, `access_token`."""
    last = re.split(r"[.:\]]", name.strip().lower())[-1].replace("_", "").replace("-", "")
    return last.endswith("password") or last in also


def in_head(head: str, hidden: Collection[str]) -> Iterator[SecretPlace]:
    """Secrets in the headers; `hidden` are names in lower case whose values are secret too."""
    for found in _HEADER.finditer(head):
        name = found[1].lower()
        own = name in HIDDEN_HEADERS or name in hidden
        if not own and not _looks_secret(name):
            continue
        value = found[2].rstrip("\r\n\t ")
        scheme = SCHEME.match(value)
        start = len(scheme[0]) - 1 if scheme else 0
        first, *others = _in_value(name, value[start:], 4 if own else LONG_ENOUGH)
        begin = found.start(2) + start
        yield SecretPlace((begin, begin + len(value) - start), name, first)
        for secret in others:
            yield SecretPlace((begin, begin), name, secret)


def _in_value(name: str, value: str, least: int) -> Iterator[str]:
    """The value, and what in it is a secret by itself."""
    whole = " ".join(value.split())
    yield whole if len(whole) >= least else ""
    if " " in whole and len(last := whole.rpartition(" ")[2]) >= LONG_ENOUGH:
        yield last
    if name in ("cookie", "set-cookie"):
        pairs = whole.split(";") if name == "cookie" else whole.split(";")[:1]
        yield from (
            value for pair in pairs if len(value := pair.partition("=")[2].strip('" ')) >= LONG_ENOUGH
        )
    elif "authorization" in name:
        try:
            plain = bytes_view(base64.b64decode(whole, validate=True))
        except (binascii.Error, ValueError):
            return
        user, colon, password = plain.partition(":")
        if colon and user.isprintable():
            yield from filter(None, (plain, password))


def in_pairs(text: str) -> Iterator[SecretPlace]:
    """Secrets in queries, wherever a URL stands, and in forms."""
    if "=" in text:
        for found in _PAIR.finditer(text):
            name = bytes_view(unquote_to_bytes(found[1])) if "%" in found[1] else found[1]
            if is_secret_name(name, _PARAMETERS):
                secret = bytes_view(unquote_to_bytes(found[2].replace("+", " ")))
                perhaps = _PERHAPS.search(name) and len(secret) < LONG_ENOUGH
                lasting = "passw" not in name.lower()
                yield SecretPlace(found.span(2), name.lower(), "" if perhaps else _text(secret), lasting)
    if "assword" in text or "ASSWORD" in text:
        for found in _FILTERED.finditer(text):
            secret = bytes_view(unquote_to_bytes(found[2].replace("+", " ")))
            yield SecretPlace(found.span(2), "password", _text(secret), lasting=False)


def in_body(text: str) -> Iterator[SecretPlace]:
    """Secrets in a body: JSON, also cut off or in other text; forms and URLs."""
    yield from in_pairs(text)
    if not _hinted(text):
        return
    yield from _JsonScan(text).places()
    for found in PASSWORD.finditer(text):
        prefix = found[1] or found[2]
        start = found.start() + len(prefix) + 1
        end = found.end() - (found.end() > start and text[found.end() - 1] in "\"'")
        yield SecretPlace((start, end), "password", _unquoted(text[start:end]), lasting=False)
    for found in _ELEMENT.finditer(text):
        yield SecretPlace(found.span(1), "password", _text(found[1]), lasting=False)


@dataclass
class _Frame:
    """An object or array that is open."""

    name: str = ""  # under which everything in it is secret
    key: str = ""
    first: int = -1  # of the scalars of its member `value`
    last: int = -1
    secret_path: str = ""


@dataclass
class _JsonScan:
    """Scan of one text for values whose names are those of secrets, or whose PATCH path is."""

    text: str
    depth: int = 0
    scalars: list[tuple[Span, bool]] = field(default_factory=list)

    def places(self) -> Iterator[SecretPlace]:
        """Every such value."""
        stack = [_Frame()]
        for token in _JSON_TOKEN.finditer(self.text):
            kind, frame = token[0][0], stack[-1]
            if kind == '"' and token[3]:
                self._member_begins(frame, _unquoted(token[1]))
            elif kind in "{[":
                stack.append(_Frame(frame.name or _secret(frame.key)))
            elif kind in "}]":
                yield from self._ended(frame)
                if len(stack) > 1:
                    stack.pop()
                if not any(one.first >= 0 for one in stack):
                    self.scalars.clear()
            elif kind == '"' or _NUMBER.fullmatch(token[0]):
                yield from self._scalar(token, frame, quoted=kind == '"')

    def _member_begins(self, frame: _Frame, key: str) -> None:
        self._member_ends(frame)
        frame.key = key
        if key.lower() == "value":
            frame.first = len(self.scalars)

    def _ended(self, frame: _Frame) -> Iterator[SecretPlace]:
        """What of an object is secret because of another member of it, as of a PATCH operation."""
        self._member_ends(frame)
        if frame.secret_path and frame.first >= 0:
            for span, quoted in self.scalars[frame.first : frame.last]:
                yield self._place(span, frame.secret_path, quoted=quoted)

    def _scalar(self, token: re.Match[str], frame: _Frame, *, quoted: bool) -> Iterator[SecretPlace]:
        span = token.span(1) if quoted else token.span()
        self.scalars.append((span, quoted))
        name = frame.name or _secret(frame.key)
        if name:
            yield self._place(span, name, quoted=quoted)
        elif quoted and frame.key.lower() in ("path", "name"):
            frame.secret_path = frame.secret_path or _secret(_unquoted(token[1]))
        elif quoted and self.depth < NESTED and "\\" in token[1] and _hinted(token[1]):
            inside = without_json_escapes(token[1])
            for place in _JsonScan(inside.text, self.depth + 1).places():
                start, end = inside.original(place.span)
                yield place._replace(span=(span[0] + start, span[0] + end))

    def _member_ends(self, frame: _Frame) -> None:
        if frame.key.lower() == "value":
            frame.last = len(self.scalars)

    def _place(self, span: Span, name: str, *, quoted: bool) -> SecretPlace:
        found = self.text[slice(*span)]
        lasting = "passw" not in name and "pwd" not in name
        if quoted:
            return SecretPlace(span, name, _unquoted(found), lasting)
        return SecretPlace(
            span, name, found if found.isdigit() and len(found) >= LONG_ENOUGH else "", lasting
        )


def _hinted(text: str) -> bool:
    """Whether a name of a secret may be in the text at all."""
    lower = text.lower()
    return any(word in lower for word in _HINTS)


@lru_cache(1000)
def _looks_secret(header: str) -> bool:
    return header not in PUBLIC_HEADERS and bool(SECRET_HEADER.search(header))


def _secret(name: str) -> str:
    """The name in lower case if it is a secret's, else empty."""
    if not is_secret_name(name):
        return ""
    return "password" if name.lower().endswith("password") else name.lower()


def _unquoted(inside: str) -> str:
    """The inside of a JSON string as text."""
    return _text(without_json_escapes(inside).text if "\\" in inside else inside)


def _text(view: str) -> str:
    """A view of bytes as the text that they are in UTF-8; as it is where they are none."""
    try:
        return view.encode("latin-1").decode("utf-8", "surrogatepass")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return view
