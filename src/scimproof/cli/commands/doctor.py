"""`scimproof doctor`: read-only diagnosis of the connection to a target."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import click

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.products import hints, products
from scimproof.catalog.request_template import Template
from scimproof.cli.console import SafeConsole
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, UsageError
from scimproof.core.http_message import Exchange
from scimproof.core.redaction import Redactor
from scimproof.settings.resolve import target_options
from scimproof.target.preflight import PROBE_SECONDS, connection_test, elsewhere, examine
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.sender_rules import held_to
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

EXAMPLES = """\b
Examples:
  scimproof doctor --target https://host/scim/v2
  scimproof doctor --target URL --auth basic
"""
EVERYWHERE = (401, 403, 429)  # what another path of the same server answers too


@click.command("doctor", cls=ConfiguredCommand, epilog=EXAMPLES)
@settings("doctor")
@click.option("--yes", is_flag=True, help="Agree to what scimproof.toml does; nobody is asked.")
def command(*, target: str | None, profile: str | None, **given: Any) -> Exit:
    """Diagnose the connection to a target, reading only.

    Checks the name, the connection, TLS, the credentials and the base path, in that order, with one
    line for each. Sends nothing but the connection test of the identity provider whose profile it is, a GET
    of /Users.
    """
    reached = target_options(target, given, os.environ)
    if reached is None:
        raise UsageError("which target? Add --target https://host/scim/v2 (the embedded one needs no doctor)")
    where = reached.target(os.environ)
    console = SafeConsole(
        lambda: Redactor([*where.credentials.secrets(), *(value for _, value in where.headers)])
    )
    limit = reached.timeout or PROBE_SECONDS
    catalog, transport = load_catalog(), HttpTransport(where)
    sender = catalog.sender(catalog.profiles_in(profile)[0] if profile else None)
    held_to(sender, where)
    line = RetryingClient(transport, where.credentials, limit="the doctor's time")
    line.begin(10 * limit)
    test = partial(_probe, line, catalog.templates, sender.request("probe"), seconds=limit)
    seen: list[Exchange] = []

    def ask() -> Exchange:
        seen.append(test(where, where.base))
        return seen[-1]

    last = None

    def known(status: int) -> list[str]:
        return hints(catalog.root, where.url, status)

    for last in examine(where, ask, limit, known):
        console.say(f"{'ok' if last.fine else 'NO'}  {last.stage.ljust(10)}  {last.text}")
    assert last is not None
    if last.fine:
        stated = click.get_current_context().obj.where
        named = {"--target": where.url, "--profile": profile}
        words = [
            word
            for option, value in named.items()
            if stated[option[2:]] == option
            for word in (option, value)
        ]
        console.say(f"The target can be tested: {shlex.join(['scimproof', 'run', *map(str, words)])}")
        return Exit.HOLDS
    for hint in _hints(catalog, where, seen, last.text):
        console.say(f"    {hint}")
    if seen and _maybe_elsewhere(seen[-1]):
        found = elsewhere(where, lambda base: test(where, base))
        if found:
            console.say(f"    SCIM answers at {found}: use --target {found}")
    return CannotTell.exit_code


def _maybe_elsewhere(exchange: Exchange) -> bool:
    """Whether something else than SCIM may be served at that URL."""
    return exchange.status in (200, 204) or (exchange.status >= 400 and exchange.status not in EVERYWHERE)


def _hints(catalog: Catalog, target: Target, seen: list[Exchange], printed: str) -> Iterator[str]:
    """Further hints about the product that the URL belongs to, for this answer."""
    if seen:
        for product in products(catalog.root):
            hints = [text for text in product.hints_for(target.url, seen[-1].status) if text not in printed]
            yield from (f"The URL looks like {product.title}'s:", *hints) if hints else ()


def _probe(
    line: RetryingClient,
    templates: Mapping[str, Template],
    file: str,
    target: Target,
    base: str,
    *,
    seconds: float,
) -> Exchange:
    """The answer to the connection test at that base path of the target."""
    there = replace(
        target, url=target.url.replace(target.base, base, 1) if target.base else target.url + base
    )
    return connection_test(
        lambda request: line.send(request, seconds), templates, file, there, line.authorization()
    )
