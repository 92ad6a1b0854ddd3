"""Placement of blanks in a captured request: what of it is the sender's form stays, what is data goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.learn.request_files.blank_names import BlankNames
from scimproof.capture.learn.request_files.body_placement import BodyPlacement
from scimproof.capture.learn.request_files.known_resources import PROTOCOL_HEADERS, KnownResources
from scimproof.capture.learn.request_files.query_placement import placed_query
from scimproof.capture.learn.request_files.request_target import SEARCH, RequestTarget
from scimproof.capture.learn.request_files.vocabulary import Vocabulary
from scimproof.catalog.request_template import BASE_QUERY, BLANK, Template, compact, quoted
from scimproof.catalog.senders import Encoding
from scimproof.core.http_message import Json
from scimproof.core.scim import id_of

TARGET = frozenset({"path", "query", "query encoding"})
BODY = frozenset({
    "key order", "element order", "attribute added", "attribute missing", "attribute spelling", "value",
    "formatting",
})  # fmt: skip
FIXED = ("host", "authorization")  # headers whose values are variables of their names
SAFE_NAME = re.compile(r"[A-Za-z][\w.-]*")


@dataclass
class PlacedRequest:
    """A captured request as a template: its parts with blanks, and the captured value of each.

    `rules` are the captured values of the body rules that stand for the body; `to_review` the blanks that
    nobody could place.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    blanks: dict[str, str]
    rules: dict[str, Json] = field(default_factory=dict)
    to_review: list[str] = field(default_factory=list)

    @property
    def message(self) -> str:
        """The request as it stands in a request file."""
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\n".join([*lines, "", self.body] if self.body else [*lines, ""])


@dataclass(frozen=True)
class Placer:
    """Places the blanks of captured requests: by the template that is nearest, by who is known, by attribute.

    What is neither placed nor a word of the protocol becomes a blank `review.<where>`.
    """

    vocabulary: Vocabulary
    known: KnownResources

    def place(
        self, exchange: CapturedExchange, recognition: Recognition, encoding: Encoding
    ) -> PlacedRequest:
        """The request as a template; `encoding` is that of the sender's queries."""
        template = self.vocabulary.templates.get(recognition.template)
        names = BlankNames(self.known, self.vocabulary)
        place = RequestTarget.of(exchange.target)
        self._seed(names, exchange, recognition, place)
        rules: dict[str, Json] = {}
        different = {one.kind for one in recognition.differences}
        target = "" if different & TARGET else self._same_target(names, template, exchange, encoding)
        target = target or self._target(names, place, encoding)
        body = "" if different & BODY else _same_body(names, template, exchange, rules)
        body = body or BodyPlacement(names, self.vocabulary, exchange, template, place).placed()
        headers = tuple(self._header(names, template, exchange, *one) for one in exchange.request.headers)
        return PlacedRequest(
            self._public(names, exchange.method, "method"),
            target, headers, body, names.values, rules, names.to_review,
        )  # fmt: skip

    def _seed(
        self, names: BlankNames, exchange: CapturedExchange, recognition: Recognition, place: RequestTarget
    ) -> None:
        """The blanks that are known beforehand: the recogniser's, and who the request is about."""
        host = exchange.request.header("Host")
        names.values["base"] = place.base if place.endpoint else self._base(exchange.target)
        if host:
            names.values["host"] = host
        for name, value in recognition.blanks:
            role, _, key = name.partition(".")
            if names.values.setdefault(name, value) == value and key == "id":
                names.roles.setdefault(value, role)
        for name, value in recognition.blanks:
            role, _, key = name.partition(".")
            owner = self.known.owner(value) if key in ("userName", "displayName") else None
            if owner and role not in names.roles.values():
                names.roles.setdefault(owner[0].id, role)
        subject = place.id
        if exchange.method == "POST" and place.endpoint and not place.segments:
            subject = id_of(exchange.answer.json) if exchange.answer else ""
        if subject:
            names.role(subject, place.endpoint)

    def _base(self, target: str) -> str:
        """The base path of a target that has no endpoint of SCIM in it."""
        base = self.known.base
        return base if base and target.startswith(base) else ""

    def _same_target(
        self, names: BlankNames, template: Template | None, exchange: CapturedExchange, encoding: Encoding
    ) -> str:
        """The template's own target where it gives the captured one; empty where it does not."""
        if template is None:
            return ""
        bare = Template("", "", "", "", "", "", exchange.method, template.target, (), "", encoding)
        try:
            same = bare.fill(names.values).target == exchange.target
        except KeyError:
            return ""
        return template.target if same else ""

    def _target(self, names: BlankNames, place: RequestTarget, encoding: Encoding) -> str:
        base = names.values["base"]
        if not place.endpoint:
            rest = place.base.removeprefix(base)
            path = "{{base}}" + "".join(
                f"/{self._segment(names, one, 'path')}" for one in rest.split("/")[1:]
            )
            path = path if rest.startswith("/") or not rest else names.review("path", place.base, raw=True)
        else:
            path = f"{{{{base}}}}/{place.endpoint}"
            for depth, segment in enumerate(place.segments):
                path += "/" + (
                    self._id(names, segment, place) if not depth else self._segment(names, segment)
                )
        query = place.query
        own = names.values.get(BASE_QUERY, "")
        if own and (query == own or query.endswith(f"&{own}")):
            query = query.removesuffix(own).removesuffix("&")
        return f"{path}?{placed_query(names, self.vocabulary, query, place, encoding)}" if query else path

    def _id(self, names: BlankNames, segment: str, place: RequestTarget) -> str:
        if segment == SEARCH or not place.id:
            return self._segment(names, segment)
        blank = names.id(place.id, place.endpoint)
        return blank if quoted(place.id) == segment else _raw(blank)

    def _segment(self, names: BlankNames, segment: str, where: str = "path") -> str:
        """Another segment of a path: a word of the protocol, or to be reviewed."""
        if not segment or segment == SEARCH or segment in self.vocabulary.words:
            return segment
        if segment.startswith("urn:ietf:params:scim:") and re.fullmatch(r"[\w.:]+", segment):
            return segment
        return names.review(where, segment, raw=True)

    def _public(self, names: BlankNames, text: str, where: str) -> str:
        return text if re.fullmatch(r"[A-Z]{3,10}", text) else names.review(where, text, raw=True)

    def _header(
        self, names: BlankNames, template: Template | None, exchange: CapturedExchange, name: str, value: str
    ) -> tuple[str, str]:
        """A header with its value, or with the blank for it."""
        key = name.lower()
        ours = next((one for own, one in template.headers if own.lower() == key), "") if template else ""
        own = BLANK.fullmatch(ours)
        if key in FIXED:
            return name, names.take(key, value) or names.review(key, value)
        if key == "content-length" and value == str(len(exchange.request.payload)):
            return name, "{{content-length}}"
        if own and names.values.get(own[1]) == value:
            return name, ours
        if self._is_open(exchange, name, value):
            return name, value
        return name, names.of_value(value) or names.review(key, value)

    def _is_open(self, exchange: CapturedExchange, name: str, value: str) -> bool:
        """Whether a header tells nothing but how the sender speaks HTTP and SCIM."""
        key = name.lower()
        if (key, value) in self.vocabulary.header_values:
            return True
        protocol = SAFE_NAME.fullmatch(name) and key not in exchange.masked and key in PROTOCOL_HEADERS
        return bool(protocol) and not self.tells(value) and not BLANK.search(value)

    def tells(self, text: str) -> bool:
        """Whether a text that is to stand in the file has a known text of the capture in it."""
        pieces = {text, *re.findall(r"[\w.@:+-]+", text), *re.findall(r"\w{4,}", text)}
        return any(self.known.is_data(one) and one not in self.vocabulary.words for one in pieces)


def _raw(blank: str) -> str:
    """The blank filled in as it is."""
    return blank.replace("{{", "{{!", 1)


def _same_body(
    names: BlankNames, template: Template | None, exchange: CapturedExchange, rules: dict[str, Json]
) -> str:
    """The template's own body where it gives the captured one; empty where it does not, or there is none."""
    if template is None or not template.body:
        return ""
    content = exchange.request.content
    if template.rules:
        (rule, *more) = template.rules
        alone = not more and template.body.strip() == f"{{{{={rule}}}}}"
        if not alone or compact(exchange.request.json).encode() != content:
            return ""
        rules[rule] = exchange.request.json
        return template.body
    bare = Template("", "", "", "", "", "", "POST", "/", (), template.body)
    try:
        same = bare.fill(names.values).body == content
    except KeyError:
        return ""
    return template.body if same else ""
