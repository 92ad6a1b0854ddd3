"""What is scraped, read by prometheus_client's own parsers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

from scimproof.core.errors import UsageError
from scimproof.load.export.definitions import DEFINITIONS
from scimproof.load.export.prometheus import PrometheusEndpoint
from scimproof.load.export.running_counts import RunningCounts
from tests.load.export.counted import CREATE, RUN, SECONDS, one_second, running

ACCEPTED = {
    "classic": "text/plain;version=0.0.4",
    "openmetrics": "application/openmetrics-text;version=1.0.0",
}
PARSERS: dict[str, Any] = {"classic": classic, "openmetrics": openmetrics}
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def counts() -> RunningCounts:
    return running()


@pytest.fixture
def endpoint(counts: RunningCounts) -> Iterator[PrometheusEndpoint]:
    with PrometheusEndpoint("127.0.0.1", 0, counts, lambda: RUN) as found:
        yield found


def scraped(url: str, form: str = "classic") -> Samples:
    """Every sample by its name and labels."""
    text = httpx2.get(url, headers={"Accept": ACCEPTED[form]}, trust_env=False).text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in PARSERS[form](text)
        for sample in family.samples
    }


@pytest.mark.parametrize("form", PARSERS)
def test_a_scrape_has_what_was_counted(endpoint: PrometheusEndpoint, form: str) -> None:
    found, of = scraped(endpoint.url, form), ("scimproof_operation", CREATE)
    assert found["scimproof_load_requests_due_total", (of,)] == len(SECONDS)
    assert found["scimproof_load_requests_failed_total", (("error_type", "status 500"), of)] == 1
    assert found["scimproof_load_response_duration_seconds_count", (of,)] == len(SECONDS)
    assert found["scimproof_load_response_duration_seconds_bucket", (("le", "0.025"), of)] == 4
    assert found["scimproof_load_arrivals_in_flight", ()] == 3
    about = next(dict(labels) for name, labels in found if name == "target_info")
    assert (about["scimproof_plan"], about["server_address"]) == ("smoke", "host.example")


def test_counters_only_rise(endpoint: PrometheusEndpoint, counts: RunningCounts) -> None:
    before = scraped(endpoint.url)
    counts.add(one_second(), 0)
    after = scraped(endpoint.url)
    rising = {key for key in before if key[0].endswith(("_total", "_bucket", "_count", "_sum"))}
    assert rising
    assert all(after[key] >= before[key] for key in rising)


def test_every_metric_that_the_table_names_is_found_under_its_name(endpoint: PrometheusEndpoint) -> None:
    names = {name for name, _ in scraped(endpoint.url)}
    known = {one.prometheus for one in DEFINITIONS}
    assert {name for name in names if name.startswith("scimproof_")} <= {
        f"{name}{end}" for name in known for end in ("", "_bucket", "_count", "_sum")
    }


def test_a_port_that_is_taken_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            UsageError, match=rf"--prometheus: nothing can listen on 127.0.0.1:{port} \(Address"
        ):
            PrometheusEndpoint("127.0.0.1", port, running(), lambda: RUN)


def test_before_the_target_is_known_nothing_is_said_of_the_run() -> None:
    with PrometheusEndpoint("127.0.0.1", 0, RunningCounts(), lambda: None) as endpoint:
        assert not [name for name, _ in scraped(endpoint.url) if name == "target_info"]
