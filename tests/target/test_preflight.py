"""The connection test: a search that finds nobody and is answered 404 tells nothing of the base path."""

from __future__ import annotations

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.core.http_message import Exchange, Request
from scimproof.target.preflight import connection_test
from scimproof.target.target import Target

CATALOG = load_catalog()
TARGET = Target("http://127.0.0.1:1/scim/v2")
SEARCH = "entra/both/users-test.http"


def answered(statuses: dict[str, int]) -> tuple[list[str], Exchange]:
    """What was asked, and the answer; `statuses` by what the request target holds, else 404."""
    asked = []

    def send(request: Request) -> Exchange:
        asked.append(request.target.partition("?")[2].partition("=")[0])
        status = next((status for part, status in statuses.items() if part in request.target), 404)
        return Exchange(number=len(asked), request=request, status=status)

    return asked, connection_test(send, CATALOG.templates, SEARCH, TARGET, "Bearer t", "scimproof-x")


def test_a_search_answered_404_is_judged_by_the_run_where_a_list_is_served() -> None:
    asked, exchange = answered({"startIndex=": 200})
    assert (asked, exchange.status) == (["filter", "startIndex"], 200)


def test_where_nothing_is_served_the_answer_is_that_to_the_search() -> None:
    asked, exchange = answered({})
    assert (asked, exchange.status, exchange.request.target.count("filter=")) == (
        ["filter", "startIndex"],
        404,
        1,
    )


@pytest.mark.parametrize("status", [200, 401, 500])
def test_any_other_answer_is_the_answer(status: int) -> None:
    asked, exchange = answered({"filter=": status})
    assert (asked, exchange.status) == (["filter"], status)
