"""Listeners to a load run: whoever is told its events while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from scimproof.cli.console import SafeConsole
from scimproof.cli.live_progress import LoadProgress
from scimproof.load.launch.session import Event, Hear


@contextmanager
def listeners(console: SafeConsole, *others: Hear) -> Iterator[Hear]:
    """All who listen, as one: each event of the generator process is told to everybody, in this order.

    `others` are heard beside the screen, such as exports and the dashboard.
    """
    with ExitStack() as stack:
        heard: list[Hear] = [stack.enter_context(LoadProgress(console)).hear, *others]

        def hear(event: Event) -> None:
            for one in heard:
                one(event)

        yield hear
