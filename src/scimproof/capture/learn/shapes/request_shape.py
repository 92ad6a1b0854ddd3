"""Shape of a sender's request: a template whose method, target, headers and body are patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from scimproof.capture.exchange import CapturedExchange, Fidelity
from scimproof.capture.learn.recognition import DifferenceKind, RequestDifference
from scimproof.capture.learn.shapes.body_comparison import WHOLE, BodyComparison, Unknown, difference, nothing
from scimproof.capture.learn.shapes.body_shape import AnyValue, BodyShape, Merged, vague
from scimproof.capture.learn.shapes.formatting import formatting
from scimproof.capture.learn.shapes.header_comparison import HeaderShape, SeenHeader, seen_headers
from scimproof.capture.learn.shapes.similarity import alike
from scimproof.capture.learn.shapes.target_shape import SeenTarget, TargetShape
from scimproof.catalog.request_template import Template, compact
from scimproof.core.http_message import Json, parse_json

# How far a difference takes a request away from a template, where several are near. A body that says
# something else is farther than one that is written in another way.
WEIGHTS: dict[DifferenceKind, float] = {
    "header missing": 1, "header added": 1, "header order": 1, "header spelling": 0.5, "header value": 1,
    "path": 1, "query encoding": 1, "query": 4,
    "key order": 1, "element order": 1, "attribute added": 3, "attribute missing": 2.9,
    "attribute spelling": 1, "value": 2.5, "formatting": 0.5,
}  # fmt: skip
DEEPER = 0.01  # how much less a difference weighs for each level that it is deeper in a body
ANY_TARGET = 500  # how vague a template is that is behind any endpoint


@dataclass(frozen=True)
class SeenRequest:
    """Captured request, taken apart once for all templates that it is compared with.

    `json` is its body, None for none and for one that is no JSON; `compact` says that it is written as
    senders write it.
    """

    method: str
    target: SeenTarget
    headers: tuple[SeenHeader, ...]
    content: bytes
    json: Json
    compact: bool
    masked: tuple[str, ...]
    withheld: bool
    fidelity: Fidelity

    @classmethod
    def of(cls, exchange: CapturedExchange, target: SeenTarget) -> SeenRequest:
        """The request of an exchange."""
        message = exchange.request
        body = parse_json(message.content)
        return cls(
            exchange.method,
            target,
            seen_headers(message.header_lines, exchange.fidelity),
            message.content,
            body,
            body is None or _written(body) == message.content,
            exchange.masked,
            bool(exchange.withheld),
            exchange.fidelity,
        )


@dataclass(frozen=True)
class RequestShape:
    """Shape of one template: whose it is, what it is for, and its parts as patterns."""

    template: Template
    sender: str
    dialects: frozenset[str]
    target: TargetShape
    headers: HeaderShape
    body: BodyShape

    @classmethod
    def of(
        cls,
        template: Template,
        sender: str,
        dialects: frozenset[str] = frozenset(),
        made: Callable[[str], Json] = AnyValue,
    ) -> RequestShape:
        """The shape of a template of that sender, which these dialects of it send.

        `made` says what rules and variables make that stand for whole values.
        """
        return cls(
            template,
            sender,
            dialects,
            TargetShape.of(template.target, template.encoding),
            HeaderShape.of(template.headers),
            BodyShape.of(template.body, made),
        )

    @cached_property
    def vague(self) -> int:
        """How much the template leaves open; of two that fit equally well the one that says more is meant."""
        parts = [*self.target.segments, *(one.decoded for one in self.target.parameters)]
        open_target = self.target.any_endpoint + self.target.onward
        return sum(part.vague for part in parts) + vague(self.body.root) + ANY_TARGET * open_target

    def fits(self, seen: SeenRequest) -> bool:
        """Whether the request is alike enough to be this operation, written otherwise or not."""
        if seen.method != self.template.method or not self.target.fits(seen.target):
            return False
        return seen.withheld or alike(self.body.root, seen.json)

    def compare(
        self, seen: SeenRequest, unknown: Unknown, base_query: Sequence[str] = (), read: Json = None
    ) -> tuple[RequestDifference, ...]:
        """Where a request that fits is not as the template says.

        `base_query` are the raw parameters that came with the base URL, `read` is the resource as the target
        showed it last, None where nobody has read it.
        """
        found = [*self.target.compare(seen.target, base_query)]
        found += self.headers.compare(seen.headers, seen.masked, seen.fidelity)
        return tuple(found + list(self._compare_body(seen, unknown, read)))

    def strayed(self, seen: SeenRequest, read: Json) -> int:
        """How many attributes are not as they were read, although nothing sets them."""
        root = self.body.root
        if not isinstance(root, Merged) or not isinstance(read, dict) or not isinstance(seen.json, dict):
            return 0
        kept = [key for key in seen.json if isinstance(root.fields.get(key, AnyValue("")), AnyValue)]
        return sum(seen.json[key] != read.get(key) for key in kept)

    def _compare_body(self, seen: SeenRequest, unknown: Unknown, read: Json) -> Iterator[RequestDifference]:
        if seen.withheld:
            return
        if self.body.empty:
            if seen.content:
                yield difference("attribute added", WHOLE, nothing(), _text(seen))
            return
        if not seen.content:
            yield difference("attribute missing", WHOLE, self.body.root, nothing())
            return
        if seen.json is None and not isinstance(self.body.root, AnyValue):
            yield difference("value", WHOLE, self.body.root, _text(seen))
            return
        comparison = BodyComparison(unknown)
        comparison.compare(self.body.root, seen.json, read=read)
        yield from comparison.differences
        if seen.fidelity == "wire" and not seen.compact:
            yield from formatting(seen.content)

    def blanks(self, seen: SeenRequest) -> tuple[tuple[str, str], ...]:
        """What the variables of the template stand for in a request that fits."""
        found = [*self.target.blanks(seen.target), *self.headers.blanks(seen.headers)]
        comparison = BodyComparison(lambda _value, _where: iter(()))
        comparison.compare(self.body.root, seen.json)
        return tuple(dict.fromkeys(found + comparison.blanks))


def _written(value: Json) -> bytes:
    """A body as senders write it; half of a character beyond UTF-16's first plane stays one."""
    return compact(value).encode("utf-8", "surrogatepass")


def _text(seen: SeenRequest) -> str:
    return seen.content.decode("utf-8", "replace")


def far(differences: Sequence[RequestDifference]) -> float:
    """How far these differences take a request away from a template."""
    return sum(WEIGHTS[one.kind] - DEEPER * min(one.where.count("."), 5) for one in differences)
