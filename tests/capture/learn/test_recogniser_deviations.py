"""Each deviation of each request of Okta and Entra is found, named, and named alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.learn.shapes.sender_shapes import request_shapes
from tests.capture.learn.deviations import Deviation, Wire, deviations
from tests.capture.learn.runs import Recorded, catalog, recorded_run

pytestmark = pytest.mark.xdist_group("own runs")
PROFILES = ("okta-oin", "okta-aiw", "entra-default", "entra-flag")
SENDERS = ("okta/", "entra/")
EACH = 13  # of so many deviations one is played by `make test`, others at every template
# Of a group that is linked the members are sent as they were read, and in the sweep nobody has read it.
NOT_READ = {"okta/aiw/group-put-linked.http"}


@cache
def first_of_each() -> tuple[tuple[Recorded, CapturedExchange | None], ...]:
    """The first request of each template in the runs, with the read before it that it may be a change of."""
    found: dict[str, tuple[Recorded, CapturedExchange | None]] = {}
    for profile in PROFILES:
        reads: dict[str, CapturedExchange] = {}
        for one in recorded_run(profile):
            exchange = one.exchange
            if one.template.startswith(SENDERS):
                found.setdefault(one.template, (one, reads.get(exchange.target)))
            if exchange.method == "GET" and exchange.ok:
                reads[exchange.target] = exchange
    return tuple(found.values())


@cache
def dialects() -> dict[str, str]:
    """A dialect of each template that an application can have."""
    shared = {
        name
        for sender in catalog().senders.values()
        for one in sender.dialects.values()
        for name in one.counts
    }
    shapes = [shape for shapes in request_shapes(catalog()).values() for shape in shapes]
    return {
        shape.template.path: min(shape.dialects - shared, default="entra.default")
        for shape in shapes
        if shape.dialects
    }


@cache
def recogniser(dialect: str) -> Recogniser:
    """A recogniser for one dialect."""
    made = Recogniser(catalog())
    made.traffic = made.traffic_named(dialect)
    return made


def played(each: int) -> Iterator[tuple[str, Deviation, Recognition]]:
    """One of so many deviations, with what is recognised."""
    number = 0
    for one, read in first_of_each():
        known = recogniser(dialects()[one.template])
        if read:
            known.look(read)
        for deviation in deviations(Wire.of(one.exchange.as_exchange().request)):
            number += 1
            if number % each:
                continue
            if one.template in NOT_READ and deviation.kind in ("key order", "attribute missing"):
                continue
            message = CapturedMessage(deviation.request.head, deviation.request.body)
            yield one.template, deviation, known.look(replace(one.exchange, request=message, answer=None))


def is_named(template: str, deviation: Deviation, found: Recognition) -> bool:
    """Whether the deviation is what is told, and nothing else.

    It may have made the request another one of the sender's, or brought it as near to one.
    """
    told = found.differences
    exactly = len(told) == 1 and told[0].kind == deviation.kind and deviation.where in told[0].where
    other = found.known and found.template != template
    operation = catalog().templates[template].operation
    near = len(told) == 1 and (found.operation == operation or deviation.kind == "attribute missing")
    return exactly or (other and (not told or near))


def essential(template: str, deviation: Deviation) -> bool:
    """Whether it takes away all that the request is about."""
    return deviation.kind == "attribute missing" and (
        template.endswith("activate.http") and deviation.where == "active"
    )


def unnamed(each: int) -> list[tuple[str, str, str, tuple[tuple[str, str], ...]]]:
    """The deviations that were not named, or not alone."""
    return [
        (template, deviation.kind, deviation.where, tuple((d.kind, d.where) for d in found.differences))
        for template, deviation, found in played(each)
        if not is_named(template, deviation, found) and not essential(template, deviation)
    ]


def test_every_request_of_the_senders_is_there_to_deviate() -> None:
    met = {one.template for one, _ in first_of_each()}
    assert len(met) > 190


def test_some_deviations_of_every_request_are_named() -> None:
    assert not unnamed(EACH)


@pytest.mark.nightly
def test_every_deviation_of_every_request_is_named() -> None:
    assert not unnamed(1)
