"""Probe of a target before it is loaded: whether it can be reached, and accepts the credentials."""

from __future__ import annotations

from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.core.http_message import Exchange
from scimproof.target.preflight import PROBE_SECONDS, Known, connection_test, preflight
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport


def probe(
    target: Target, catalog: Catalog, provider: Sender, prefix: str, known: Known = lambda _: []
) -> None:
    """Send the sender's connection test; raises CannotTell with one line when the target cannot be loaded.

    `known` has what is known of the product about an answer of that status.
    """
    transport = HttpTransport(target)

    def ask() -> Exchange:
        return connection_test(
            lambda request: transport.send(request, PROBE_SECONDS),
            catalog.templates,
            provider.request("probe"),
            target,
            target.credentials.authorization(),
            prefix,
        )

    try:
        preflight(target, ask, PROBE_SECONDS, known)
    finally:
        transport.close()
