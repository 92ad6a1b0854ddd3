"""Recognises captured requests: the nearest request of a sender, and where it differs from that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.known_attributes import KnownAttributes
from scimproof.capture.learn.recognition import Recognition, RequestDifference
from scimproof.capture.learn.request_shape import RequestShape, SeenRequest, far
from scimproof.capture.learn.target_shape import SeenTarget
from scimproof.catalog.loader import HARNESS, Catalog
from scimproof.catalog.request_template import NORMATIVE, Template
from scimproof.catalog.senders import Sender

OWN = "harness"  # stands for scimproof itself among the senders: its reads and its clean-up


@dataclass(frozen=True)
class Match:
    """Template that fits a request, and where the request differs from it."""

    shape: RequestShape
    differences: tuple[RequestDifference, ...]

    @property
    def far(self) -> float:
        """How far the request is from the template."""
        return far(self.differences)


class Recogniser:
    """Recognises requests of all senders, or of the one that `sender` names.

    `base_query` are the raw parameters that came with the base URL. It learns from answers which attributes
    a server shows, since senders that merge send them back.
    """

    def __init__(self, catalog: Catalog, sender: str = "", base_query: str = "") -> None:
        self.catalog = catalog
        self.sender = sender
        self.base_query = tuple(base_query.split("&")) if base_query else ()
        self._shapes = request_shapes(catalog)
        every = [shape for shapes in self._shapes.values() for shape in shapes]
        self.endpoints = frozenset(shape.target.endpoint for shape in every if shape.target.endpoint)
        self._known = {
            sender: KnownAttributes(catalog.standard_schemas, [shape.body.root for shape in shapes])
            for sender, shapes in self._shapes.items()
        }
        self._rank = _ranks(catalog, every)
        self._by_method: dict[tuple[str, str], list[RequestShape]] = {}
        for shape in every:
            self._by_method.setdefault((shape.sender, shape.template.method), []).append(shape)

    def seen(self, exchange: CapturedExchange) -> SeenRequest:
        """The request of an exchange, taken apart."""
        return SeenRequest.of(exchange, SeenTarget.of(exchange.target, self.endpoints))

    def matches(self, seen: SeenRequest, sender: str) -> list[Match]:
        """The templates of one sender that fit a request, nearest first; of equals the one that says most."""
        query = self.base_query if self._carries(sender) else ()
        found = [
            Match(shape, shape.compare(seen, self._known[sender].unknown, query))
            for shape in self._by_method.get((sender, seen.method), ())
            if shape.fits(seen)
        ]
        return sorted(
            found, key=lambda match: (match.far, match.shape.vague, self._rank[match.shape.template.path])
        )

    def look(self, exchange: CapturedExchange) -> Recognition:
        """What a captured request is: the nearest template of the sender, else of any."""
        seen = self.seen(exchange)
        senders = [self.sender] if self.sender else list(self._shapes)
        best = min(
            (match for sender in senders for match in self.matches(seen, sender)[:1]),
            key=lambda match: match.far,
            default=None,
        )
        self._learn(exchange)
        return self._recognition(best, seen) if best else Recognition()

    def _recognition(self, match: Match, seen: SeenRequest) -> Recognition:
        shape = match.shape
        return Recognition(
            sender=shape.sender,
            dialect=next(iter(shape.dialects)) if len(shape.dialects) == 1 else "",
            operation=shape.template.operation,
            template=shape.template.path,
            differences=match.differences,
            blanks=shape.blanks(seen),
        )

    def _carries(self, sender: str) -> bool:
        return sender in self.catalog.senders and self.catalog.senders[sender].base_query == "carry"

    def _learn(self, exchange: CapturedExchange) -> None:
        if exchange.ok and exchange.answer and exchange.method in ("GET", "POST", "PUT", "PATCH"):
            body = exchange.answer.json
            for known in self._known.values():
                known.learn_answer(body)


def request_shapes(catalog: Catalog) -> dict[str, list[RequestShape]]:
    """The requests of each sender by its id, of those that send something, and under OWN scimproof's.

    Senders whose requests are nobody's traffic but follow from an RFC come last.
    """
    dialects = _dialects(catalog)
    shapes: dict[str, list[RequestShape]] = {}
    for path, template in catalog.templates.items():
        if not path.startswith(HARNESS):
            owner = catalog.sender_of(path).id
            own = OWN if _of_harness(catalog, template) else owner
            shapes.setdefault(own, []).append(RequestShape.of(template, own, dialects.get(path, frozenset())))
    for sender in catalog.senders.values():
        shapes.setdefault(OWN, []).extend(_own(catalog, sender))
    normative = [sender for sender, found in shapes.items() if _is_normative(found)]
    return {sender: shapes[sender] for sender in [*(s for s in shapes if s not in normative), *normative]}


def _ranks(catalog: Catalog, shapes: Iterable[RequestShape]) -> dict[str, tuple[bool, int, str]]:
    """Which of several templates of one form stands for all: a canonical one, else the shortest name."""
    canonical = {path for sender in catalog.senders.values() for path in sender.requests.values()}
    paths = {shape.template.path for shape in shapes}
    return {path: (path not in canonical, len(path), path) for path in paths}


def _of_harness(catalog: Catalog, template: Template) -> bool:
    """Whether the harness sends it for itself, in whosever words."""
    operation = catalog.operations.get(template.operation)
    return operation is not None and not operation.owner


def _is_normative(shapes: Iterable[RequestShape]) -> bool:
    return all(shape.template.grade == NORMATIVE for shape in shapes)


def _own(catalog: Catalog, sender: Sender) -> list[RequestShape]:
    """The harness's own requests with the headers of that sender."""
    return [
        RequestShape.of(template, OWN)
        for path, template in catalog.as_sent_by(sender).templates.items()
        if path.startswith(HARNESS)
    ]


def _dialects(catalog: Catalog) -> Mapping[str, frozenset[str]]:
    """The dialects whose sequences send a template, by its path."""
    found: dict[str, set[str]] = {}
    for sequence in catalog.sequences.values():
        dialect = ".".join(sequence.id.split(".")[:2])
        for step in sequence.sent:
            for path in (step.request, step.otherwise):
                if path:
                    found.setdefault(path, set()).add(dialect)
    known = {id for sender in catalog.senders.values() for id in sender.dialects}
    return {path: frozenset(names & known) for path, names in found.items()}
