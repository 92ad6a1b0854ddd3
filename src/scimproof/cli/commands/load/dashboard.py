"""`--dashboard`: a load run as a page on this machine while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from scimproof import __version__
from scimproof.cli.console import SafeConsole
from scimproof.load.dashboard.feed import RunFeed
from scimproof.load.dashboard.server import DashboardServer
from scimproof.load.launch.session import LoadSession
from scimproof.render.load.dashboard import dashboard_page
from scimproof.render.load.summary import sentence

FREE = 0  # the port where none is named: the system picks a free one


class DashboardPort(click.ParamType):  # type: ignore[type-arg]  # before 8.2 it takes none
    """click type of the port; what is no number was most likely meant as the plan."""

    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not str(value).isdecimal():
            self.fail(
                f"{value!r} is no port; a plan goes before it: scimproof load {value} --dashboard", param, ctx
            )
        if not FREE <= int(value) <= 65535:
            self.fail(f"{value} should be a port from 1 to 65535", param, ctx)
        return int(value)


@contextmanager
def dashboard(session: LoadSession, port: int | None, console: SafeConsole) -> Iterator[RunFeed]:
    """The feed of the run, served to browsers where a port was asked for; UsageError where that is taken."""
    feed = RunFeed(session.prefix, session.redactor)
    if port is None:
        yield feed
        return
    with DashboardServer(feed, *dashboard_page(_about(session)), port) as server:
        console.warn(f"Dashboard: {server.url} (on this machine, until the run is over)")
        yield feed


def tell_end(feed: RunFeed, document: dict[str, Any], files: list[Path]) -> None:
    """Say in the browser how the run ended, and where its report is."""
    page = next((str(path.resolve()) for path in files if path.suffix == ".html"), "")
    feed.end(document["result"], sentence(document["why"]), page)


def _about(session: LoadSession) -> dict[str, Any]:
    """What the page says of the run before it begins, redacted."""
    plan, redactor = session.plan, session.redactor()
    return {
        "plan": plan.name,
        "question": plan.question,
        "url": redactor.text(session.target.url) if session.target else "embedded",
        "embedded": session.target is None,
        "seconds": plan.seconds,
        "warm_up": plan.warm_up,
        "version": __version__,
    }
