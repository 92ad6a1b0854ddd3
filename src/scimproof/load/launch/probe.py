"""Probe of a target before it is loaded: whether it can be reached, and accepts the credentials."""

from __future__ import annotations

from scimproof.catalog.loader import Catalog
from scimproof.core.http_message import Exchange
from scimproof.engine.runner import PROBE_FILE
from scimproof.target.preflight import Known, preflight
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

SECONDS = 10.0


def probe(target: Target, catalog: Catalog, prefix: str, known: Known = lambda _: []) -> None:
    """Send Okta's connector test; raises CannotTell with one clear line when the target cannot be loaded.

    `known` has what is known of the product about an answer of that status.
    """
    transport = HttpTransport(target)
    blanks = {"base": target.base, "host": target.host_header, "prefix": prefix}

    def ask() -> Exchange:
        values = blanks | {"authorization": target.credentials.authorization()}
        return transport.send(catalog.templates[PROBE_FILE].fill(values), SECONDS)

    try:
        preflight(target, ask, SECONDS, known)
    finally:
        transport.close()
