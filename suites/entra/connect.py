"""Test Connection, and the same check before each cycle (ENTRA-01, ENTRA-02)."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step

SEQUENCES = (
    Sequence(
        id="entra.both.connect",
        title="Test the connection",
        source="wire-facts section 5, 1; ENTRA-01",
        steps=(
            Step(
                id="test",
                request="entra/both/users-test.http",
                checks=(Check("entra-connect-answered", answers(200)),),
            ),
        ),
    ),
)
