from __future__ import annotations

from collections.abc import Iterator

import pytest

from scimproof.embedded.server import Served
from tests.ci.kit import TOKEN


@pytest.fixture(scope="session")
def honest() -> Iterator[str]:
    """The base URL of a server at which all holds."""
    with Served(token=TOKEN) as served:
        yield served.base_url


@pytest.fixture(scope="session")
def faulty() -> Iterator[str]:
    """The base URL of a server that deactivates nobody."""
    with Served(token=TOKEN, faults=["patch-active-ignored"]) as served:
        yield served.base_url


@pytest.fixture(scope="session")
def slow() -> Iterator[str]:
    """The base URL of an honest server that takes 50 ms for each answer."""
    with Served(token=TOKEN, delay=0.05) as served:
        yield served.base_url
