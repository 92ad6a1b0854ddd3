"""Command line: one module a command, each imported only when it is used."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import traceback

import click

from scimproof import __version__
from scimproof.cli.streams import secure_streams
from scimproof.core.errors import Exit, ScimproofError

COMPLETING = "_SCIMPROOF_COMPLETE"  # set by the shell while the Tab key is pressed
COMMANDS = {
    "run": "Run an identity provider's sequences against a server and check the answers.",
    "explore": "Search for a history of administrators' actions after which the server is wrong.",
    "replay": "Play recorded traffic against another server and compare the answers.",
    "load": "Load test with the same sequences on an open schedule, with a consistency audit.",
    "record": "Record what a real sender sends, as a proxy in front of a server.",
    "list": "List the sequences and profiles.",
    "show": "Show one sequence as an HTTP conversation with the requirements of each answer.",
    "doctor": "Diagnose the connection to a target, reading only.",
    "serve": "Start the embedded server, with faults or variants if wanted.",
    "clean": "Delete resources that earlier runs left on a target.",
    "config": "Show effective settings and their origin.",
    "completion": "Print the script for completion in the shell.",
    "render": "Write the reports again from a report.json.",
    "compare": "Compare two reports and list regressions.",
    "trend": "Show load runs and capacities over releases.",
    "learn": "Compare a capture of real traffic with the requests that scimproof sends.",
    "matrix": "Table of many reports: what works on which implementation.",
}
PACKAGES = {
    "record": "capture",
    "learn": "capture",
    "replay": "capture",
    "load": "load",
    "trend": "load",
}  # of commands


class CommandGroup(click.Group):
    """The command group: imports the module of a command by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        place = f"{PACKAGES[cmd_name]}.{cmd_name}" if cmd_name in PACKAGES else cmd_name
        found: click.Command = importlib.import_module(f"scimproof.cli.commands.{place}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(COMMANDS)}"
            ctx.fail(f"no command is called {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scimproof")
def root_command() -> None:
    """Conformance and load tests for SCIM 2.0 servers, with the requests of identity providers.

    `scimproof run` alone tests an embedded server; add --target URL for yours.

    Exit codes: 0 passed, 1 failed, 2 usage, 3 could not tell, 4 trouble inside scimproof.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its exit code; every error is one line."""
    secure_streams()
    sys.exit(_code(arguments))


def _code(arguments: list[str] | None) -> int:  # noqa: PLR0911 - one return a way to end
    try:
        code = root_command.main(arguments, prog_name="scimproof", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as problem:
        problem.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return Exit.CANNOT_TELL
    except SystemExit as leaving:
        if COMPLETING in os.environ:
            return int(leaving.code or 0)
        return Exit.CANNOT_TELL  # click exits so when the reader of our output is gone, as after `| head`
    except ScimproofError as problem:
        _debug()
        click.echo(f"scimproof: {_safe(str(problem))}", err=True)
        return problem.exit_code
    except OSError as problem:
        _debug()
        click.echo(f"scimproof: {_safe(str(problem))}", err=True)
        return Exit.TROUBLE
    except Exception as problem:  # noqa: BLE001 - the last place where an error can become one line
        _debug()
        click.echo(
            f"scimproof: trouble inside scimproof, not the target's: {type(problem).__name__} "
            "(SCIMPROOF_DEBUG=1 shows where)",
            err=True,
        )
        return Exit.TROUBLE
    return int(code or 0)


def _debug() -> None:
    """Print the traceback if SCIMPROOF_DEBUG is set; it may contain data of a target, but no credentials."""
    if os.environ.get("SCIMPROOF_DEBUG"):
        click.echo(_safe(traceback.format_exc()), err=True)


def _safe(text: str) -> str:
    from scimproof.core.redaction import remembered  # noqa: PLC0415 - only where something went wrong

    return remembered().sentence(text)
