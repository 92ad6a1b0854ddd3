"""`scimproof serve`: the embedded target, honest or with faults."""

from __future__ import annotations

import os

import click

from scimproof.catalog import did_you_mean
from scimproof.embedded.app import build
from scimproof.embedded.faults import FAULTS
from scimproof.embedded.server import DEFAULT_TOKEN, TOKEN_VARIABLE, serve
from scimproof.errors import UsageError


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8404, show_default=True, help="0 picks a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback only.")
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME", help="Be wrong in this way (see --list-faults)."
)
@click.option(
    "--delay-ms", type=click.FloatRange(min=0), default=0.0, metavar="N", help="Wait before each answer."
)
@click.option("--list-faults", is_flag=True, help="Say which faults there are, and leave.")
def command(*, port: int, host: str, faults: tuple[str, ...], delay_ms: float, list_faults: bool) -> None:
    """Start the embedded target, honest or with faults.

    It keeps everything in memory, serves this machine only and asks for the token in SCIMPROOF_TOKEN
    (secret-token when that is not set).
    """
    if list_faults:
        _list()
        return
    for name in faults:
        if name not in FAULTS:
            raise UsageError(f"no fault is called {name!r}{did_you_mean(name, FAULTS)}")
    token = os.environ.get(TOKEN_VARIABLE) or DEFAULT_TOKEN
    app = build(token=token, faults=faults, delay=delay_ms / 1000)

    shown = "..." if os.environ.get(TOKEN_VARIABLE) else DEFAULT_TOKEN  # that of the environment is a secret

    def ready(url: str) -> None:
        click.echo(
            f"{url}\nCtrl-C ends it. Try: {TOKEN_VARIABLE}={shown} scimproof run --target {url}", err=True
        )

    try:
        serve(host, port, app, ready=ready)
    except KeyboardInterrupt:
        return
    except (OSError, ValueError) as problem:
        raise UsageError(f"cannot serve on {host}:{port}: {problem}") from None


def _list() -> None:
    width = max(len(name) for name in FAULTS)
    for fault in sorted(FAULTS.values(), key=lambda fault: (fault.group, fault.name)):
        click.echo(f"{fault.name.ljust(width)}  {fault.group}: {fault.summary}")
