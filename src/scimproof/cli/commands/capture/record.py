"""`scimproof record`: a proxy between a real sender and a real server that writes down what passes."""

from __future__ import annotations

import shlex
import threading
from pathlib import Path
from typing import Any

import click

from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.proxy.options import ListenAddress, ProxyOptions
from scimproof.capture.proxy.recording import RecordingProxy
from scimproof.catalog.loader import load_catalog
from scimproof.cli.console import SafeConsole
from scimproof.cli.recorded_traffic import LiveLines, summary_lines
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import Exit, UsageError
from scimproof.session.signals import stopping
from scimproof.settings.resolve import EMBEDDED
from scimproof.target.target import parse_url

EXAMPLES = """\b
Examples:
  scimproof record --target https://host/scim/v2
  scimproof record --target https://host/scim/v2 --listen 127.0.0.1:9000
"""
TOLD = "stopping: what is under way may finish (once more leaves at once)"
LEFT = "left at once; exchanges that were under way are not in the capture"
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - looked for, not listened on
WAITING = 0.2  # seconds between looks at the signal that ends it


@click.command("record", cls=ConfiguredCommand, epilog=EXAMPLES)
@settings("record")
@click.option("--quiet", is_flag=True, help="Print no line for each exchange.")
@click.option("--yes", is_flag=True, help="Agree to what scimproof.toml does; nobody is asked.")
def command(*, target: str | None, out: Path, quiet: bool, **given: Any) -> Exit:
    """Record what a real sender sends, as a proxy in front of a server.

    Give the sender the base URL that is printed in place of the server's. What it sends goes on unchanged
    (but for the value of Host), and so does each answer; both are written to a new file in the folder --out,
    without tokens and passwords. Ctrl-C ends it.
    """
    if not target or target == EMBEDDED:
        raise UsageError(
            "which server? Add --target https://host/scim/v2 (to try it, `scimproof serve` starts one)"
        )
    address = ListenAddress.parse(given["listen"])
    options = ProxyOptions(
        url=parse_url(target, query=True),
        host=address.host,
        port=address.port,
        insecure=given["insecure"],
        keep_host=given["keep_host"],
        **{
            name: str(given[name] or "")
            for name in ("ca_bundle", "client_cert", "client_key", "listen_cert", "listen_key")
        },
    )
    console = SafeConsole(quiet=quiet)
    lines = LiveLines(options.target.base)
    ended = threading.Event()
    proxy = RecordingProxy(
        options, out, hidden=given["hidden"], recorded=lines.put_exchange, note=lines.put_note
    )
    with stopping(lambda _: ended.set(), TOLD, LEFT):
        with proxy:
            _introduce(console, proxy, options, address)
            if not quiet:
                lines.recogniser = Recogniser(load_catalog())
            while not ended.is_set() and not proxy.wait(0):
                lines.print_waiting(console, WAITING)
            crashed = proxy.crashed
            proxy.stop()
            while not proxy.wait(0):
                lines.print_waiting(console, WAITING)
        lines.print_rest(console)
    return _conclude(console, proxy, lines, crashed=crashed)


def _introduce(
    console: SafeConsole, proxy: RecordingProxy, options: ProxyOptions, address: ListenAddress
) -> None:
    console.warn(f"Recording what passes to {options.target.origin}{options.target.base} into {proxy.path}")
    console.warn(f"Give the sender this base URL: {proxy.base_url}")
    if not address.is_loopback:
        console.warn(
            f"Others than this machine can reach port {proxy.port}, and through it the server: "
            "end the recording when it is done"
        )
    if address.host in EVERY_ADDRESS:
        console.warn(f"To others, put this machine's name in place of {address.host}")
    if options.insecure:
        console.warn("The server's certificate is not checked (--insecure): it may be somebody else's")
    console.warn("Ctrl-C ends it.")


def _conclude(console: SafeConsole, proxy: RecordingProxy, lines: LiveLines, *, crashed: bool) -> Exit:
    summary = proxy.summary
    for line in summary_lines(summary, lines.operations):
        console.out.print(console.clean(line), markup=False)
    if summary.written and proxy.path.exists():
        console.out.print(f"Written to {proxy.path}; secrets are masked, people are not.", markup=False)
        path = shlex.quote(str(proxy.path))
        console.out.print(f"Next: scimproof learn {path}", markup=False)
    elif not summary.exchanges:
        console.warn("Nothing came. Does the sender have the base URL that was printed above?")
    if crashed:
        console.warn("scimproof: the process that forwards ended by itself (SCIMPROOF_DEBUG=1 shows why)")
    return Exit.TROUBLE if crashed or summary.unwritten or summary.lost else Exit.HOLDS
