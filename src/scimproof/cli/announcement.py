"""Announcement of what a command will do, and the user's consent where it writes to a server elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.target.target import Target


def announce(console: SafeConsole, target: Target | None, does: str, lines: Iterable[str]) -> None:
    """Print the target (None: the embedded one) and what is about to happen; `does` is `tests` or `loads`."""
    embedded = f"the embedded one, started for this run (--target URL {does} your server)"
    console.say(f"Target: {target.url if target else embedded}")
    for line in lines:
        console.say(line)
    if target and target.insecure:
        console.warn("--insecure: the certificate is not checked; the token goes to whoever answers")


def consent(
    console: SafeConsole,
    target: Target | None,
    warnings: Iterable[str],
    *,
    refusal: str,
    question: str,
    yes: bool,
) -> None:
    """Ask before a server elsewhere is written to; else only print what is known of it.

    `question` is put on a terminal; where there is none, UsageError with `refusal`. `yes` is consent given
    beforehand (`--yes`); nobody is asked about a server on this machine.
    """
    if target is None or target.is_loopback or yes:
        for warning in warnings:
            console.warn(warning)
        return
    if not sys.stdin.isatty():
        raise UsageError(refusal)
    if not click.confirm(question, err=True):
        raise UsageError("nothing was sent")
