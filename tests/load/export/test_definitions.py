from __future__ import annotations

import re

from scimproof.load.export.definitions import ATTRIBUTES, DEFINITIONS, Counted, Instrument
from scimproof.load.metrics.counters import Metrics
from tests.load.export.counted import one_second


def test_names_are_those_of_the_conventions() -> None:
    assert len({one.name for one in DEFINITIONS}) == len(DEFINITIONS)
    for one in DEFINITIONS:
        assert re.fullmatch(r"[a-z]+(\.[a-z]+(_[a-z]+)*)+", one.name), one.name
        assert re.fullmatch(r"s|By|\{[a-z]+\}", one.unit), one.name
        assert re.fullmatch(r"[a-z_]+", one.prometheus)
        assert one.prometheus.endswith("_total") == (one.instrument is Instrument.COUNTER)
        assert set(one.attributes) <= set(ATTRIBUTES)
        assert "percentile" not in one.about


def test_a_point_has_a_value_for_each_attribute() -> None:
    counted = Counted(Metrics(), in_flight=1)
    counted.metrics.add(one_second())
    for one in DEFINITIONS:
        for point in one.points(counted):
            assert len(point.values) == len(one.attributes), one.name
