"""Our own traffic is recognised as ours, down to the last byte."""

from __future__ import annotations

import pytest

from scimproof.capture.learn.recogniser import Recogniser
from tests.capture.learn.runs import catalog, recorded_run

PROFILES = ("okta-oin", "okta-aiw", "entra-default", "entra-flag", "bitwarden")


@pytest.mark.parametrize("profile", PROFILES)
def test_our_own_run_is_as_we_send_it(profile: str) -> None:
    recogniser = Recogniser(catalog())
    recorded = recorded_run(profile)
    assert len(recorded) > 400
    other = []
    for one in recorded:
        found = recogniser.look(one.exchange)
        if not found.as_sent:
            other.append((one.template, one.exchange.request.start_line, found))
    assert not other
