"""Shapes of all requests that the catalogue knows, by the sender whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from scimproof.capture.learn.shapes.body_shape import AnyValue
from scimproof.capture.learn.shapes.made_bodies import MadeBodies
from scimproof.capture.learn.shapes.request_shape import RequestShape
from scimproof.catalog.loader import HARNESS, Catalog
from scimproof.catalog.request_template import NORMATIVE, Template
from scimproof.core.http_message import Json

OWN = "scimproof"  # stands for the harness among the senders: its own reads, and its clean-up


def request_shapes(catalog: Catalog) -> dict[str, list[RequestShape]]:
    """The requests of each sender by its id, of those that send something, and under OWN the harness's.

    Those of a product are of the sender that its sequences are played as.
    """
    dialects, made = _dialects(catalog), _made(MadeBodies(catalog))
    shapes: dict[str, list[RequestShape]] = {id: [] for id in catalog.senders}
    shapes[OWN] = []
    for path, template in catalog.templates.items():
        if path.startswith(HARNESS):
            continue
        owner = OWN if _of_harness(catalog, template) else catalog.sender_of(path).id
        shapes[owner].append(RequestShape.of(template, owner, dialects.get(path, frozenset()), made))
    for sender in catalog.senders.values():
        own = catalog.as_sent_by(sender).templates
        shapes[OWN] += [
            RequestShape.of(template, OWN, made=made)
            for path, template in own.items()
            if path.startswith(HARNESS)
        ]
    return {sender: found for sender, found in shapes.items() if found}


def normative(shapes: Mapping[str, Iterable[RequestShape]]) -> frozenset[str]:
    """The senders that are nobody: their requests follow from the text of an RFC."""
    return frozenset(
        sender for sender, found in shapes.items() if all(one.template.grade == NORMATIVE for one in found)
    )


def ranks(catalog: Catalog, shapes: Iterable[RequestShape]) -> dict[str, tuple[bool, int, str]]:
    """Which of several templates of one form stands for all: a canonical one, else the shortest name."""
    canonical = {path for sender in catalog.senders.values() for path in sender.requests.values()}
    paths = {shape.template.path for shape in shapes}
    return {path: (path not in canonical, len(path), path) for path in paths}


def _made(bodies: MadeBodies) -> Callable[[str], Json]:
    def node(text: str) -> Json:
        return bodies.node(text[3:-2]) if text.startswith("{{=") else AnyValue(text)

    return node


def _of_harness(catalog: Catalog, template: Template) -> bool:
    """Whether the harness sends it for itself, in whosever words."""
    operation = catalog.operations.get(template.operation)
    return operation is not None and not operation.owner


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
