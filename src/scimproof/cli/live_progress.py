"""Progress of a load run: a screen on a terminal, refreshed each second; elsewhere a line every 5 seconds."""

from __future__ import annotations

import time
from typing import Any, Self

from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from scimproof.cli.console import SafeConsole
from scimproof.render.capacity.terminal import step_line
from scimproof.render.load.advance import Advance
from scimproof.render.load.live import plain, screen

PARTIAL = "The run goes on with the others, and its result is no verdict."
EVERY = 5.0  # seconds between two lines where there is no terminal


class LoadProgress:
    """Context manager: `hear` takes the events of the generator process and shows how the run stands."""

    def __init__(self, console: SafeConsole) -> None:
        self._console = console
        self._live: Live | None = None
        self._told = self._said = 0.0
        self._pace = Advance()
        if not console.quiet and console.err.is_terminal:
            self._live = Live(Text("starting"), console=console.err, transient=True, auto_refresh=False)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def hear(self, event: dict[str, Any]) -> None:
        """Show one event of the generator process."""
        match event.get("event"):
            case "prefill":
                self._advance("creating users", event)
            case "audit":
                self._advance("reading back for the audit", event)
            case "removal":
                self._advance("removing what was created", event)
            case "phase":
                self._show(Text(str(event["name"])))
            case "step":
                self._step(step_line(event))
            case "refused":
                self._tell(f"Refused {event['who']}: {event['why']}")
            case "lost":
                at, why = f"{event['at']:.0f} s after the start", event["why"]
                self._tell(f"Lost {event['worker']} {at}: {why}. {PARTIAL}")
            case "tick":
                self._tick(event)

    def _step(self, text: str) -> None:
        """A step of a search that is over stays on the screen, above the one that goes on."""
        if self._live:
            self._live.console.print(Text(self._console.clean(text)))
        elif not self._console.quiet:
            self._console.warn(text)

    def _advance(self, what: str, event: dict[str, Any]) -> None:
        """Show how far a step of thousands has come: a screen, or a line now and then."""
        told, now = self._pace.sentence(what, event["done"], event["of"]), time.monotonic()
        self._show(Text(told))
        if self._live or self._console.quiet or now - self._said < EVERY:
            return
        if self._said:
            self._console.warn(told)
        self._said = now

    def _tick(self, row: dict[str, Any]) -> None:
        self._show(screen(row))
        if self._live or self._console.quiet or row["at"] - self._told < EVERY:
            return
        self._told = row["at"]
        self._console.warn(plain(row))

    def _tell(self, text: str) -> None:
        """Print one line above the screen, or among the others."""
        if not self._console.quiet:
            self._console.warn(text)

    def _show(self, what: RenderableType) -> None:
        if self._live:
            self._live.update(what, refresh=True)
