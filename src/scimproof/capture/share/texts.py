"""Rewrites texts for sharing: what of a value is replaced, by what kind of value it is."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from scimproof.capture.share import spelling
from scimproof.capture.share.attribute_paths import first_name, last_name
from scimproof.capture.share.json_places import JsonText
from scimproof.capture.share.rules import SharingRules, ValueKind
from scimproof.capture.share.spelling import Span
from scimproof.capture.share.stand_ins import StandInMapping
from scimproof.capture.share.tally import Tally
from scimproof.core.redaction import REDACTED

HEX, HEX4 = "[0-9a-fA-F]", "[0-9a-fA-F]{1,4}"
# Every part is of limited length: a search from each place of a long text must not go through the rest of it.
LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
TOKEN = re.compile(
    rf"""
    (?<![^\W_]) (?P<guid>{HEX}{{8}}(?:-{HEX}{{4}}){{3}}-{HEX}{{12}}|{HEX}{{32}}) (?![^\W_])
  | (?<!\d) (?P<date>\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?) (?!\d)
  | (?P<url>[a-zA-Z][a-zA-Z0-9+.-]{{0,30}}://[^\s"'<>\\]+)
  | (?P<urn>(?i:urn):[\w.:-]+)
  | (?P<bulk>(?i:bulkid)) (?=:)
  | (?<![\w.]) (?P<ipv4>\d{{1,3}}(?:\.\d{{1,3}}){{3}}) (?!\w|\.\d)
  | (?<![\w:]) (?P<ipv6>(?:{HEX4}:){{7}}{HEX4} | [0-9a-fA-F:]*::[0-9a-fA-F:]*[0-9a-fA-F]) (?![\w:])
  | (?<=@) (?P<domain>{LABEL}(?:\.{LABEL})+)
  | (?P<dotted>{LABEL}(?:\.{LABEL})+)
  | (?P<word>[^\W_]+)
    """,
    re.VERBOSE,
)
WORD = re.compile(r"[^\W_]+")
LETTERS = re.compile(r"[^\W\d_]+")
DIGITS = "0123456789"
GUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}")
ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
MAIL = re.compile(rf"[^\s@<>\"]{{1,64}}@{LABEL}(?:\.{LABEL})+")
ATTRIBUTE = re.compile(r"\$?[A-Za-z][A-Za-z0-9_-]*")
NAMES = re.compile(r"[\w$.:,-]*")
NUMERIC = re.compile(r"v?\d+(?:\.\d+)*", re.IGNORECASE)
FILTER = re.compile(r'"(?:[^"\\]|\\.)*"?|[()\[\]]|[^\s()\[\]"]+|\s+', re.DOTALL)
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"})
LONG, MOST_KNOWN = 200, 20_000  # characters of a text, and texts, that are remembered
MARK = REDACTED.strip("[]")
KEY = "a key"  # stands for an attribute where what is remembered is the key itself
DEEPEST = 4  # of texts within texts: JSON in base64 in JSON


class TextRewriter:
    """Replaces in values of any kind what might say something of anybody.

    `shift` is by how many days dates are moved.
    """

    def __init__(self, rules: SharingRules, stand_ins: StandInMapping, tally: Tally, shift: int = 0) -> None:
        self.rules, self.stand_ins, self.tally, self.shift = rules, stand_ins, tally, shift
        self._json = JsonText(self)
        self._depth = 0
        self._known: dict[tuple[str, str, str], str] = {}

    def begin(self, shift: int) -> None:
        """Forget what was made of texts, since they are gone through anew."""
        self.shift = shift
        self._known.clear()

    def value(self, text: str, attribute: str = "", parent: str = "") -> str:
        """The value of an attribute; `parent` is the one of which it is a part."""
        return self._remembered((text, attribute, parent), lambda: self._value(text, attribute, parent))

    def key(self, text: str) -> str:
        """The name of a member of a JSON object, or a path in its place; names of attributes stay."""
        return self._remembered((text, KEY, ""), lambda: self.path(text) if "[" in text else self.names(text))

    def _remembered(self, place: tuple[str, str, str], make: Callable[[], str]) -> str:
        """What was made of a text before. Names and ids come again and again."""
        made = self._known.get(place)
        if made is None:
            made = make()
            if len(place[0]) <= LONG:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[place] = made
        return made

    def _value(self, text: str, attribute: str, parent: str) -> str:
        kind = self.rules.kind(attribute, parent)
        if self.rules.is_harmless(text, attribute, kind):
            self.tally.kept(text)
            return text
        self.tally.value(text, attribute)
        ending = self.rules.ending(text, attribute)
        self.tally.kept(ending)
        return self.of_kind(text.removesuffix(ending), kind) + ending

    def of_kind(self, text: str, kind: ValueKind) -> str:
        """A text of that kind, its parts replaced."""
        inner = self._within(text)
        if inner is not None:
            return inner
        rewrite: Callable[[str, ValueKind], str] = {
            "url": lambda one, _: self.url(one),
            "path": lambda one, _: self.path(one),
            "filter": lambda one, _: self.filter(one),
            "phone": lambda one, _: self.phone(one),
        }.get(kind, self._words)
        return rewrite(text, kind)

    def json(self, text: str) -> str | None:
        """A JSON text with its strings and numbers replaced at their places; None for what is not JSON."""
        return self._json.rewritten(text)

    def _within(self, text: str) -> str | None:
        """The text where it is JSON, or base64 of a text; None for anything else."""
        if self._depth >= DEEPEST:
            return None
        self._depth += 1
        try:
            if text.lstrip()[:1] in ("{", "["):
                return self.json(text)
            if BASE64.fullmatch(text):
                try:
                    inner = base64.b64decode(text, validate=True).decode()
                except (binascii.Error, UnicodeDecodeError):
                    return None
                if inner.isprintable():
                    return base64.b64encode(self.of_kind(inner, "words").encode()).decode()
            return None
        finally:
            self._depth -= 1

    def _words(self, text: str, kind: ValueKind = "words") -> str:
        if ESCAPED.search(text):  # JSON in the middle of a sentence
            return spelling.in_json(text, lambda plain: spelling.between(plain, self._words(plain, kind)))
        if ENCODED.search(text):
            return spelling.in_url(text, lambda plain: list(self._tokens(plain, kind)))
        return spelling.replaced(text, self._tokens(text, kind))

    def _tokens(self, text: str, kind: ValueKind) -> Iterator[Span]:
        for found in MAIL.finditer(text) if "@" in text else ():
            self.tally.mail(found[0])
        for found in TOKEN.finditer(text):
            name = found.lastgroup or ""
            yield Span(*found.span(name), self._token(found[name], name, kind))

    def _token(self, text: str, name: str, kind: ValueKind) -> str:
        """The stand-in of one part of a text, by the name of its group in TOKEN."""
        made: dict[str, Callable[[], str]] = {
            "word": lambda: self.word(text, kind),
            "guid": lambda: self.tally.id(text, self.stand_ins.hex_id(text)),
            "date": lambda: self.day(text),
            "url": lambda: self.url(text),
            "urn": lambda: self.urn(text),
            "bulk": lambda: text,
            "ipv4": lambda: self.tally.address(text, self.stand_ins.address(text)),
            "ipv6": lambda: self.tally.address(text, self.stand_ins.address(text)),
            "domain": lambda: self.tally.host(text, self.stand_ins.host(text)),
            "dotted": lambda: self._dotted(text, kind),
        }
        return made[name]()

    def _dotted(self, text: str, kind: ValueKind) -> str:
        """Words with dots between: a host that was seen as one, or words."""
        if self.stand_ins.is_host(text):
            return self.tally.host(text, self.stand_ins.host(text))
        return WORD.sub(lambda found: self.word(found[0], kind), text)

    def word(self, text: str, kind: ValueKind) -> str:
        """A word, replaced.

        In a sentence only what is no word of servers' messages or is somebody's name, in a header what is no
        word of HTTP.
        """
        if kind == "text" and text.lower() in self.rules.text_words and not self.tally.is_personal(text):
            return text
        if text == MARK:  # of a secret that was taken out before
            return text
        if kind == "http" and text.lower() in self.rules.http_words:
            return text
        return self.tally.word(text, self.stand_ins.word(text), kind)

    def number(self, text: str, attribute: str) -> str:
        """A number in JSON: digits are replaced, before an exponent."""
        pattern = self.rules.values.get(attribute)
        if (pattern and pattern.fullmatch(text)) or (attribute, text) in self.rules.literals:
            self.tally.kept(text)
            return text
        head, mark, exponent = text.partition("e") if "e" in text else text.partition("E")
        return WORD.sub(lambda found: self.word(found[0], "words"), head) + mark + exponent

    def day(self, text: str) -> str:
        """A date, moved, with its time of day as it was; one that there is not, as a number."""
        try:
            return (date.fromisoformat(text[:10]) + timedelta(days=self.shift)).isoformat() + text[10:]
        except (ValueError, OverflowError):
            return WORD.sub(lambda found: self.stand_ins.word(found[0]), text)

    def phone(self, text: str) -> str:
        """A telephone number: the same digits are the same number, however they are set apart."""
        digits = "".join(char for char in text if char in DIGITS)
        made = iter(self.tally.phone(digits, self.stand_ins.word(digits)) if digits else "")
        out = "".join(next(made, char) if char in DIGITS else char for char in text)
        return LETTERS.sub(
            lambda found: (
                found[0] if found[0].lower() in ("tel", "ext", "x") else self.word(found[0], "phone")
            ),
            out,
        )

    def urn(self, text: str) -> str:
        """A URN: words that are public stay; a name of an attribute at its end too."""
        parts = text.split(":")
        return ":".join(self._urn_part(part, last=at == len(parts) - 1) for at, part in enumerate(parts))

    def _urn_part(self, part: str, *, last: bool) -> str:
        if GUID.fullmatch(part):
            return self.tally.id(part, self.stand_ins.hex_id(part))
        if last and part.lower().partition(".")[0] in self.rules.names:
            return self.names(part)
        return WORD.sub(
            lambda found: (
                found[0]
                if found[0].lower() in self.rules.urn_words or found[0].isdecimal()
                else self.word(found[0], "urn")
            ),
            part,
        )

    def names(self, text: str) -> str:
        """The path of an attribute, such as `name.familyName`: names stay, unless somebody is called so."""
        if text[:4].lower() == "urn:":
            head, _, name = text.rpartition(":")
            # The name after the resource of a schema: urn:...:2.0:User:badge
            if re.search(r":\d[\d.]*:\w+$", head):
                return f"{self.urn(head)}:{self.names(name)}"
            return self.urn(text)
        if not NAMES.fullmatch(text):
            return self._words(text, "person")
        return re.sub(r"[^.:,\s]+", lambda found: self._name(found[0]), text)

    def _name(self, name: str) -> str:
        if NUMERIC.fullmatch(name):
            return name
        if ATTRIBUTE.fullmatch(name) and not self.tally.is_called(name):
            self.tally.attribute(name)
            return name
        return self._words(name, "person")

    def path(self, text: str) -> str:
        """A path of PATCH (RFC 7644 section 3.5.2), of bulk, or names of attributes with commas between."""
        if text.startswith("/"):
            return self.url(text)
        head, bracket, rest = text.partition("[")
        inner, end, tail = rest.rpartition("]")
        if not bracket or not end:
            return ", ".join(map(self.names, text.split(", ")))
        return f"{self.names(head)}[{self.filter(inner, last_name(head))}]{self.names(tail)}"

    def filter(self, text: str, parent: str = "") -> str:
        """A filter (RFC 7644 section 3.4.2.2): its values are replaced, names and operators stay.

        `parent` is the attribute of whose entries it is. What no operator follows is no name.
        """
        tokens = [found[0] for found in FILTER.finditer(text)]
        out, awaited, attribute, outer = [], "attribute", "", parent
        for place, token in enumerate(tokens):
            low = token.lower()
            if token.isspace() or token in "()":
                out.append(token)
            elif token in "[]" or (low in ("and", "or", "not") and awaited != "value"):
                parent = attribute if token == "[" else outer if token == "]" else parent
                awaited = "attribute"
                out.append(token)
            elif awaited == "attribute" and _is_compared(tokens, place):
                attribute = last_name(token)
                out.append(self.names(token))
                awaited = "operator"
            elif awaited == "operator" and low in OPERATORS:
                awaited = "connective" if low == "pr" else "value"
                out.append(token)
            else:
                out.append(self._filter_value(token, attribute, parent or first_name(attribute)))
                awaited = "connective"
        return "".join(out)

    def _filter_value(self, token: str, attribute: str, parent: str) -> str:
        if not token.startswith('"'):
            return self.value(token, attribute, parent)
        ended = len(token) > 1 and token.endswith('"')
        inner = token[1:-1] if ended else token[1:]
        made = spelling.in_json(
            inner, lambda plain: spelling.between(plain, self.value(plain, attribute, parent))
        )
        return f'"{made}"' if ended else f'"{made}'  # as it was sent, end or none

    def url(self, text: str) -> str:
        """A URL or its part from the path on: the host, what is no endpoint, and values of the query."""
        scheme, mark, rest = text.partition("://")
        if not mark:
            scheme, rest = "", text
            authority = ""
        else:
            at = next((at for at, char in enumerate(rest) if char in "/?#"), len(rest))
            authority, rest = rest[:at], rest[at:]
        rest, hash_mark, fragment = rest.partition("#")
        path, query_mark, query = rest.partition("?")
        return "".join((
            scheme, mark, self.authority(authority), "/".join(map(self._segment, path.split("/"))),
            query_mark, self.query(query), hash_mark, self._words(fragment),
        ))  # fmt: skip

    def authority(self, text: str) -> str:
        """User, host and port, as in a URL and in Host."""
        user, at, host = text.rpartition("@")
        name, colon, port = host.rpartition(":")
        if not colon or not port.isdecimal():
            name, colon, port = host, "", ""
        bare = name.strip("[]")
        if _is_address(bare):
            made = self.tally.address(bare, self.stand_ins.address(bare))
        else:
            made = self.tally.host(bare, self.stand_ins.host(bare))
        return f"{self._words(user)}{at}{name.replace(bare, made) if bare else ''}{colon}{port}"

    def _segment(self, raw: str) -> str:
        def one(plain: str) -> list[Span]:
            low = plain.lower()
            public = low in self.rules.segments or (low.startswith("v") and NUMERIC.fullmatch(plain))
            if public or self.rules.is_harmless(plain, kind="person"):
                return []
            return list(self._tokens(plain, "person"))

        return spelling.in_url(raw, one)

    def query(self, raw: str) -> str:
        """A query, or the body of a form: names that are public stay, values are replaced."""
        return "&".join(map(self._parameter, raw.split("&")))

    def _parameter(self, raw: str) -> str:
        name, mark, value = raw.partition("=")
        known: list[str] = []

        def named(plain: str) -> list[Span]:
            known.append(plain.lower())
            return [] if plain.lower() in self.rules.parameters else list(self._tokens(plain, "person"))

        def valued(plain: str) -> list[Span]:
            made = self.value(plain, known[0] if known[0] in self.rules.parameters else "")
            return [] if made == plain else list(spelling.between(plain, made))

        name = spelling.in_url(name, named, plus=True)
        return f"{name}{mark}{spelling.in_url(value, valued, plus=True)}"


def _is_compared(tokens: Sequence[str], place: int) -> bool:
    """Whether a token of a filter is an attribute: brackets or an operator follow, or it follows brackets."""
    behind = next((token for token in tokens[place + 1 :] if not token.isspace()), "")
    return behind == "[" or behind.lower() in OPERATORS or tokens[place - 1 : place] == ["]"]


def _is_address(text: str) -> bool:
    return ":" in text or bool(re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", text))
