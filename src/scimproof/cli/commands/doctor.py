"""`scimproof doctor`: diagnosis of the connection to a target, reading only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.products import hints, products
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import access
from scimproof.cli.setting_options import Configured, settings
from scimproof.core.errors import CannotTell, Exit, UsageError
from scimproof.core.http_message import Exchange
from scimproof.core.redaction import Redactor
from scimproof.target.preflight import PROBE_SECONDS, elsewhere, examine, probe_request
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

EXAMPLES = """\b
Examples:
  scimproof doctor --target https://host/scim/v2
  scimproof doctor --target URL --auth basic
"""
EVERYWHERE = (401, 403, 429)  # what another path of the same server answers too


@click.command("doctor", cls=Configured, epilog=EXAMPLES)
@settings("doctor")
@click.option("--yes", is_flag=True, help="Agree to what scimproof.toml does; nobody is asked.")
def command(*, target: str | None, **given: Any) -> Exit:
    """Diagnose the connection to a target, reading only.

    Checks the name, the connection, TLS, the credentials and the base path, in that order, with one
    line for each. Sends nothing but the identity provider's connection test, a GET of /Users.
    """
    reached = access(target, given)
    if reached is None:
        raise UsageError("which target? Add --target https://host/scim/v2 (the embedded one needs no doctor)")
    where = reached.target(os.environ)
    voice = SafeConsole(
        lambda: Redactor([*where.credentials.secrets(), *(value for _, value in where.headers)])
    )
    limit = reached.timeout or PROBE_SECONDS
    catalog, transport = load_catalog(), HttpTransport(where)
    line = RetryingClient(transport, where.credentials, limit="the doctor's time")
    line.begin(10 * limit)
    seen: list[Exchange] = []

    def ask() -> Exchange:
        seen.append(_probe(catalog, line, where, where.base, limit))
        return seen[-1]

    last = None

    def known(status: int) -> list[str]:
        return hints(catalog.root, where.url, status)

    for last in examine(where, ask, limit, known):
        voice.say(f"{'ok' if last.fine else 'NO'}  {last.stage.ljust(10)}  {last.text}")
    assert last is not None
    if last.fine:
        said = click.get_current_context().obj.where["target"] == "--target"
        voice.say("The target can be tested: scimproof run" + (f" --target {where.url}" if said else ""))
        return Exit.HOLDS
    for told in _hints(catalog, where, seen, last.text):
        voice.say(f"    {told}")
    if seen and _lost(seen[-1]):
        found = elsewhere(where, lambda base: _probe(catalog, line, where, base, limit))
        if found:
            voice.say(f"    SCIM answers at {found}: use --target {found}")
    return CannotTell.exit_code


def _lost(exchange: Exchange) -> bool:
    """Whether something answers there that may be another thing than SCIM."""
    return exchange.status in (200, 204) or (exchange.status >= 400 and exchange.status not in EVERYWHERE)


def _hints(catalog: Catalog, target: Target, seen: list[Exchange], said: str) -> Iterator[str]:
    """What else is known of the product that the URL speaks for, about the answer that came."""
    if seen:
        for product in products(catalog.root):
            told = [text for text in product.hints_for(target.url, seen[-1].status) if text not in said]
            yield from (f"The URL looks like {product.title}'s:", *told) if told else ()


def _probe(catalog: Catalog, line: RetryingClient, target: Target, base: str, seconds: float) -> Exchange:
    there = replace(
        target, url=target.url.replace(target.base, base, 1) if target.base else target.url + base
    )
    template = catalog.templates[catalog.sender(None).request("probe")]
    return line.send(probe_request(template, there, line.authorization()), seconds)
