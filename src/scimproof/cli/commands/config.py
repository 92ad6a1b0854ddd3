"""`scimproof config`: shows effective settings and where each comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from scimproof.cli.config_schema import schema as describe
from scimproof.cli.setting_options import ConfiguredCommand
from scimproof.core.auth_modes import chosen
from scimproof.core.errors import Exit, UsageError
from scimproof.core.paths import shown
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import of
from scimproof.settings.file import NAME, HeaderFromEnv
from scimproof.settings.resolve import EMBEDDED, EffectiveSettings
from scimproof.settings.starter_file import starter

COMMANDS = ("run", "load", "doctor", "clean")
EXAMPLES = """\b
Examples:
  scimproof config                           for run and for load
  scimproof config run --profile NAME        for that command line
  scimproof config --init                    writes a file to begin with
  scimproof config --schema > scimproof.schema.json
"""
CONTEXT = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command("config", context_settings=CONTEXT, epilog=EXAMPLES)
@click.option("--json", "plain", is_flag=True, help="Print JSON.")
@click.option("--init", is_flag=True, help=f"Write a commented {NAME} into this folder; none is overwritten.")
@click.option("--schema", is_flag=True, help=f"Print the JSON Schema of {NAME}, for an editor.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Read this {NAME}, not the nearest one.",
)
@click.argument("line", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND [OPTIONS]...]")
def command(*, plain: bool, init: bool, schema: bool, config: Path | None, line: tuple[str, ...]) -> Exit:
    """Show effective settings and their origin.

    The command line overrides the environment, the environment scimproof.toml, and the file the default.
    Of a secret only whether it is set is shown.
    """
    if schema:
        click.echo(json.dumps(describe(), indent=2))
        return Exit.HOLDS
    if init:
        return _init(Path(NAME))
    if line and line[0] not in COMMANDS:
        raise UsageError(f"config is told of {', '.join(COMMANDS)}, not of {line[0]!r}")
    more = ["--config", str(config)] if config else []
    lines = [list(line)] if line else [["run"], ["load"]]
    found = {name: _effective(name, [*more, *rest]) for name, *rest in lines}
    if plain:
        click.echo(json.dumps(_document(found), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found)))
    return Exit.HOLDS


def _effective(name: str, arguments: list[str]) -> EffectiveSettings:
    """The effective settings of the command."""
    from scimproof.cli import root_command  # noqa: PLC0415 - the group imports its commands when they are asked for

    about = root_command.get_command(click.Context(root_command), name)
    assert isinstance(about, ConfiguredCommand)
    with about.make_context(name, arguments) as ctx:
        return about.effective(ctx)


def _init(path: Path) -> Exit:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter())
    except FileExistsError:
        raise UsageError(f"{path} is there already, and is not overwritten") from None
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {problem.strerror}") from None
    click.echo(f"Wrote {path}: say in it where your server is, then `scimproof config` and `scimproof run`.")
    return Exit.HOLDS


def _rows(name: str, forced: EffectiveSettings) -> Iterator[tuple[str, Any, str]]:
    """Each setting by its name in the file, its printable value, and where it comes from."""
    for each in of(name):
        value, where = forced.values[each.name], forced.where[each.name]
        if each.kind is Kind.HEADERS:
            # A value from the file is no secret: the file is refused if it has one.
            value = [_header(one, hidden=where in (each.option, each.variable)) for one in value]
        yield ".".join(each.keys), _displayable(each, value), where
    yield "the secret", *_secret(forced)


def _displayable(setting: Setting, value: Any) -> Any:
    """The value as plain data, without what could be a secret."""
    if setting.kind is Kind.LIMITS:
        return value.data[setting.section][setting.key] if value else None
    if setting.kind is Kind.MAPPINGS:
        return {one.path: one.source for one in value} if value is not None else None
    if setting.kind is Kind.URL:
        return value or EMBEDDED
    if isinstance(value, Path):
        return shown(value)
    return list(value) if isinstance(value, tuple) else value


def _header(one: str | HeaderFromEnv, *, hidden: bool) -> str:
    if isinstance(one, HeaderFromEnv):
        return f"{one.name}: {_present(one.variable)}"
    return f"{one.partition(':')[0]}: ..." if hidden else one


def _secret(forced: EffectiveSettings) -> tuple[str, str]:
    """Where the secret would come from, and whether it is set."""
    values = forced.values
    if forced.target is None:
        return "none is needed", "default"
    if values["token_file"]:
        return f"in {shown(Path(values['token_file']))}", forced.where["token_file"]
    variable = values["token_env"] or chosen(values["auth"], values["token_url"]).secret
    return _present(variable), forced.where["token_env"]


def _present(variable: str) -> str:
    return f"{variable} ({'set' if os.environ.get(variable) else 'missing'})"


def _document(found: dict[str, EffectiveSettings]) -> dict[str, Any]:
    return {
        name: {
            "file": shown(forced.path) if forced.path else None,
            "note": forced.note,
            "asks": forced.consent.lines() if forced.consent else [],
            "agreed": forced.consent.agreed() if forced.consent else None,
            "settings": {key: {"value": value, "from": where} for key, value, where in _rows(name, forced)},
        }
        for name, forced in found.items()
    }


def _lines(found: dict[str, EffectiveSettings]) -> Iterator[str]:
    for place, (name, forced) in enumerate(found.items()):
        if not place:
            yield f"File: {shown(forced.path)}" if forced.path else f"File: no {NAME} (--init writes one)"
        yield from ("", f"scimproof {name}")
        yield from [f"  {forced.note}"] if forced.note else []
        yield from _asked(forced)
        rows = [(key, _words(value), where) for key, value, where in _rows(name, forced)]
        wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for key, value, where in rows:
            yield f"  {key.ljust(wide[0])}  {value.ljust(min(wide[1], 40))}  {where}"


def _asked(forced: EffectiveSettings) -> Iterator[str]:
    """What the file makes the command do that needs the user's consent."""
    if forced.consent:
        agreed = forced.consent.agreed()
        state = "Agreed to" if agreed else "Asks first (--yes agrees), since the file makes scimproof"
        yield f"  {state}: {'; '.join(forced.consent.lines())}"


def _words(value: Any) -> str:
    if value in (None, "", [], False):
        return "-" if value is not False else "no"
    if value is True:
        return "yes"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return f"{len(value)} of them"
    return f"{value:g}" if isinstance(value, float) else str(value)
