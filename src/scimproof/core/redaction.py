"""Redaction of secrets in every encoding in which a server may echo them; no other module redacts."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

from scimproof.core.http_message import Json, Request, parse_json
from scimproof.core.paths import knowledge_root

REDACTED = "[redacted]"
SHORTEST = 4  # shorter ones protect nothing, and removing every "a" would destroy a report
DEPTH = 6

# Values of `password` are removed by name as well: a leaked one may be another user's, or a hash.
PASSWORD = re.compile(
    r"""("password"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)|('password'\s*:\s*)'(?:[^'\\]|\\.)*(?:'|\\?$)""",
    re.IGNORECASE,
)
SCHEME = re.compile(r"(?i)(bearer|basic|digest|negotiate|dpop|token|hawk)\s+\S")
HIDDEN_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}


# Parts of our own sentences with data from outside: in quotes, in a body, after a scheme.
FOREIGN = re.compile(
    r"""("[^"]*"?|'[^']*'?|`[^`]*`?|[{\[<].*|(?:bearer|basic|digest)\s+\S+)""", re.IGNORECASE | re.DOTALL
)


_remembered: set[str] = set()


def remember(secret: str) -> None:
    """Register a secret for output outside of any run, such as tracebacks and final errors."""
    _remembered.add(secret)


def remembered(more: Iterable[str] = ()) -> Redactor:
    """A redactor of every secret that this process was given so far, and of `more`."""
    return _redactor(frozenset((*_remembered, *more)))


@lru_cache(maxsize=2)
def _redactor(secrets: frozenset[str]) -> Redactor:
    """A redactor of these, made once: of 500 passwords it takes 0.4 s of a core."""
    return Redactor(secrets)


class Redactor:
    r"""Replaces every known secret, and every JSON `password`, by `[redacted]`.

    Knows each secret as it is, escaped as in JSON, Python, HTML or a URL, once and twice; with its letters
    spelled as \u escapes; and as base64 at any position of a longer text, once and twice encoded.
    A secret that is a word of scimproof's own (`wrong`) is taken out of what came from outside, and not out
    of our own sentences, which would make no sense without it.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        given = set(secrets)
        words = {secret for secret in given if secret.isalpha() and secret.lower() in _own_words()}
        self._ours = Redactor(given - words) if words else None
        forms = {form for secret in given for form in encoded_forms(secret)}
        self._pattern = re.compile(_trie(sorted(forms))) if forms else None
        self._heads: dict[str, list[str]] = {}
        for form in forms:
            self._heads.setdefault(form[:DEPTH], []).append(form)
        self.longest = max(map(len, forms), default=0)

    def text(self, text: str) -> str:
        """The text without secrets, and without lone surrogates, which no file could hold."""
        text = text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
        if self._pattern:
            text = self._pattern.sub(REDACTED, self._unescaped(text))
        return PASSWORD.sub(_without_value, text) if "assword" in text or "ASSWORD" in text else text

    def sentence(self, text: str) -> str:
        """As `text`, and also removes the beginning of a secret at an end or before a … where text was cut.

        Words of our own in the sentence stay.
        """
        if self._ours is None:
            return self._whole(text)
        own, foreign = self._ours.sentence, self._whole
        parts = FOREIGN.split(text)
        return "".join(foreign(part) if place % 2 else own(part) for place, part in enumerate(parts))

    def _whole(self, text: str) -> str:
        return "…".join(map(self._without_end, self.text(text).split("…")))

    def _without_end(self, text: str) -> str:
        for at in range(max(0, len(text) - self.longest), len(text) - DEPTH + 1):
            tail = text[at:]
            if any(form.startswith(tail) for form in self._heads.get(tail[:DEPTH], ())):
                return text[:at] + REDACTED
        return text

    def _unescaped(self, text: str) -> str:
        r"""The text, or where a secret is in it spelled with \u escapes, the text with these decoded."""
        if "\\u" in text and self._pattern:
            plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
            if self._pattern.search(plain):
                return plain.encode("utf-8", "replace").decode("utf-8")
        return text

    def walk(self, value: Json) -> Json:
        """Lists and dicts with every string in them redacted, keys too; anything else as it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.walk(found) for key, found in value.items()}
        if isinstance(value, list | tuple):
            return [self.walk(found) for found in value]
        return value

    def headers(self, headers: Iterable[tuple[str, str]], hidden: Iterable[str] = ()) -> list[list[str]]:
        """Header pairs; the values of those that carry credentials are gone whatever they are."""
        secret = HIDDEN_HEADERS | {name.lower() for name in hidden}
        return [
            [self.text(name), _header(value) if name.lower() in secret else self.text(value)]
            for name, value in headers
        ]


@cache
def _own_words() -> frozenset[str]:
    """Every word of scimproof's own sentences: its source, its requirements, its files about products."""
    root = knowledge_root()
    files = [*Path(__file__).parent.parent.rglob("*.py"), *(root / "suites").rglob("*.toml")]
    texts = (path.read_text(encoding="utf-8") for path in files)
    return frozenset(word for text in texts for word in re.findall(r"[a-z]{4,}", text.lower()))


def _without_value(found: re.Match[str]) -> str:
    return f'{found[1]}"{REDACTED}"' if found[1] else f"{found[2]}'{REDACTED}'"


def _header(value: str) -> str:
    """The header value reduced to its well-known scheme."""
    scheme = SCHEME.match(value)
    return f"{value[: scheme.end(1)]} {REDACTED}" if scheme else REDACTED


def passwords(request: Request) -> Iterator[str]:
    """Every password that a request body sets, as an attribute or by a PATCH path."""
    if b"assword" in request.body:
        yield from _passwords(parse_json(request.body))


def _passwords(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for found in value:
            yield from _passwords(found)
    elif isinstance(value, dict):
        for key, found in value.items():
            if key.lower() == "password" and isinstance(found, str):
                yield found
            yield from _passwords(found)
        if str(value.get("path", "")).lower() == "password" and isinstance(value.get("value"), str):
            yield value["value"]


def encoded_forms(secret: str) -> Iterator[str]:
    """All encodings of a secret: as it is, escaped once and twice, and each in base64 once and twice.

    Some come more than once; of a secret that is too short to be one, none.
    """
    if len(secret) < SHORTEST:
        return
    once = set(_spelled(secret))
    yield from once
    yield from (twice for form in once for twice in _spelled(form))
    for encoded in {text for form in once for text in _base64(form.encode())}:
        yield from _percent(encoded)
        yield from _base64(encoded.encode())


def _spelled(text: str) -> Iterator[str]:
    """The text as JSON, Python, PHP, HTML and URLs write it; most of these are one for letters and digits."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")
    yield repr(text)[1:-1]
    yield repr(text.encode())[2:-1]
    yield html.escape(text)
    yield html.escape(text, quote=False)
    yield from _percent(text)


def _percent(text: str) -> Iterator[str]:
    for form in {text, quote(text), quote(text, safe=""), quote_plus(text)}:
        yield form
        yield re.sub("%..", lambda match: match[0].lower(), form)


def _base64(raw: bytes) -> Iterator[str]:
    """The constant part of `raw` in base64 at each of the three offsets it may have in a longer text."""
    for before in range(3):
        end = (before + len(raw)) * 8 // 6
        text = base64.b64encode(b"\0" * before + raw).decode()[-(-before * 8 // 6) : end]
        if len(text) >= SHORTEST + 1:
            yield text
            yield text.replace("+", "-").replace("/", "_")


def _trie(forms: list[str], depth: int = 0) -> str:
    """One regular expression for all forms that shares their prefixes; hundreds of passwords stay fast."""
    if len(forms) == 1 or depth == DEPTH:
        return (
            "(?:" + "|".join(re.escape(form[depth:]) for form in sorted(forms, key=len, reverse=True)) + ")"
        )
    branches: dict[str, list[str]] = {}
    for form in forms:
        branches.setdefault(form[depth : depth + 1], []).append(form)
    ended = branches.pop("", None) is not None
    inner = "|".join(re.escape(char) + _trie(group, depth + 1) for char, group in branches.items())
    return f"(?:{inner})" + ("?" if ended else "")
