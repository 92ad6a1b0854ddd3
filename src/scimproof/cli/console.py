"""Console output: redacts secrets and replaces control characters."""

from __future__ import annotations

from collections.abc import Callable

import click
from rich.console import Console, RenderableType

from scimproof.core.redaction import Redactor
from scimproof.render.conformance.terminal import lines


class SafeConsole:
    """Prints results to standard output, progress and errors to standard error, all redacted.

    `redactor` is asked anew for each text, since a run learns new secrets (access tokens) on its way.
    """

    def __init__(self, redactor: Callable[[], Redactor] = Redactor, *, quiet: bool = False) -> None:
        self._redactor, self.quiet = redactor, quiet
        self.out = Console(highlight=False, soft_wrap=True)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True)

    def clean(self, text: str) -> str:
        """The text redacted, with control characters replaced."""
        redacted = self._redactor().sentence(text)
        return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in redacted)

    def say(self, text: str) -> None:
        """Print one line to standard output; nothing when quiet."""
        if not self.quiet:
            click.echo(self.clean(text))

    def show(self, renderable: RenderableType) -> None:
        """Print a rich renderable: to the width of a terminal, elsewhere as plain lines."""
        if self.out.is_terminal:
            self.out.print(renderable)
        else:
            click.echo(lines(renderable), nl=False)

    def warn(self, text: str) -> None:
        """Print one line to standard error."""
        click.echo(self.clean(text), err=True)
