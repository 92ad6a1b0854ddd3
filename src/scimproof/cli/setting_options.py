"""click options made of settings, whose values may also come from the environment and scimproof.toml."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from scimproof.cli import completers
from scimproof.core.bounds import Range
from scimproof.core.errors import UsageError
from scimproof.core.paths import shown
from scimproof.settings.consent import Consent
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import of
from scimproof.settings.resolve import EffectiveSettings, default_of, effective_settings
from scimproof.target.target import SECRET_HEADER

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
HEADINGS = {"target": "Target and authentication", "observer": "Observer"}
Decorated = Callable[..., Any]


class Number(click.ParamType):  # type: ignore[type-arg]  # before 8.2 it takes none
    """click type of a number within a range, with the same error as in scimproof.toml."""

    def __init__(self, bounds: Range) -> None:
        self.bounds, self.name = bounds, "integer" if bounds.whole else "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = int(value) if self.bounds.whole else float(value)
        except ValueError:
            number = float("nan")
        if not self.bounds.holds(number):
            self.fail(f"{value!r} should be {self.bounds.words}", param, ctx)
        return number


class SettingOption(click.Option):
    """click option made of a setting."""

    def __init__(self, of: Setting) -> None:
        fields: dict[str, Any] = {"type": _type(of), "default": None}
        if of.kind is Kind.FLAG:
            fields = {"is_flag": True}
        elif of.kind in (Kind.HEADERS, Kind.WEIGHTS, Kind.TEXTS):
            fields = {"multiple": True}
        default = default_of(of)
        if default not in (None, ()):
            fields |= {"default": default, "show_default": True}
        option = of.option
        if of.kind is Kind.SWITCH:
            option, fields = f"{option}/--no-{option.removeprefix('--')}", {"default": None}
        super().__init__(
            [option, of.name], help=of.words, metavar=of.metavar or None,
            shell_complete=completers.BY_NAME.get(of.name), **fields,
        )  # fmt: skip
        self.section = of.section


def _type(of: Setting) -> Any:
    if of.choices:
        return click.Choice(of.choices)
    if of.kind is Kind.NUMBER:
        return Number(of.bounds)
    return {Kind.FILE: FILE, Kind.FOLDER: FOLDER}.get(of.kind, str)


class ConfiguredCommand(click.Command):
    """click command that gets its effective settings: flags, environment, file, default, in this order."""

    @property
    def settings(self) -> str:
        """The settings of this command."""
        return str(self.name)

    def effective(self, ctx: click.Context) -> EffectiveSettings:
        """The effective settings of this call."""
        line = ParameterSource.COMMANDLINE
        flags = {name: value for name, value in ctx.params.items() if ctx.get_parameter_source(name) is line}
        return effective_settings(self.settings, flags, os.environ, config=flags.get("config"))

    def invoke(self, ctx: click.Context) -> Any:
        forced = self.effective(ctx)
        for warning in (forced.note, *_open_secrets(forced)):
            if warning:
                click.echo(warning, err=True)
        if forced.consent and not ctx.params.get("selftest"):  # which does nothing of what a file says
            _agree(forced.consent, yes=ctx.params["yes"], quiet=ctx.params.get("quiet", False))
        ctx.obj = forced
        ctx.params.pop("config", None)
        ctx.params |= forced.values
        ctx.params["target"] = forced.target
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options first, then the shared ones, each under a heading."""
        by: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            row = None if isinstance(param, click.Argument) else param.get_help_record(ctx)
            if row:
                heading = HEADINGS.get(getattr(param, "section", ""), "Options")
                by.setdefault(heading, []).append(row)
        for heading, rows in by.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def _agree(consent: Consent, *, yes: bool, quiet: bool) -> None:
    """Get the user's consent to what a scimproof.toml does, once; UsageError where it is not given."""
    if consent.agreed():
        return
    first = f"{shown(consent.file)} is used for the first time as it stands. It makes scimproof"
    lines = [first, *(f"  - {text}" for text in consent.lines())]
    if not yes:
        if not sys.stdin.isatty():
            raise consent.refusal("--yes")
        click.echo("\n".join(lines), err=True)
        if not click.confirm("Is that wanted?", err=True):
            raise UsageError("nothing was sent or started")
    elif not quiet:
        click.echo("\n".join([*lines, "Agreed to with --yes."]), err=True)
    failed = consent.remember()
    if failed and not yes:
        click.echo(f"this cannot be remembered ({failed}), and will be asked again", err=True)


def _open_secrets(forced: EffectiveSettings) -> Iterator[str]:
    """Warnings about secrets on the command line, which all users of a machine can read while it runs."""
    if forced.where.get("headers") == "--header":
        for name in (text.partition(":")[0] for text in forced.values["headers"]):
            if SECRET_HEADER.search(name):
                yield (
                    f"--header {name}: others on this machine can read a command line, and a shell keeps it; "
                    "SCIMPROOF_HEADER and --header-file keep it to you"
                )


def settings(command: str) -> Callable[[Decorated], Decorated]:
    """Decorator that adds the options of that command's settings, and --config."""

    def add(function: Decorated) -> Decorated:
        for each in reversed(of(command)):
            if each.option:
                function = _with(function, SettingOption(each))
        return click.option(
            "--config", type=click.Path(path_type=Path), metavar="FILE",
            help="Read this scimproof.toml, not the nearest one.",
        )(function)  # fmt: skip

    return add


def _with(function: Decorated, param: click.Parameter) -> Decorated:
    """Add an existing option to a command, as click.option does."""
    if not hasattr(function, "__click_params__"):
        function.__click_params__ = []  # type: ignore[attr-defined]
    function.__click_params__.append(param)  # type: ignore[attr-defined]
    return function
