"""The reference of the interface: commands with their options, settings, exit codes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

from scimproof.cli import COMMANDS, root_command
from scimproof.core.errors import Exit
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import SETTINGS
from scimproof.settings.table import SECTIONS
from tests.docs.tables import anchor, code, table

BY_NAME = {(command, each.name): each for each in SETTINGS for command in each.commands}
KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.FLAG: "true or false",
    Kind.SWITCH: "true or false",
    Kind.FILE: "path of a file",
    Kind.FOLDER: "path of a folder",
    Kind.PLAN: "name of a plan, or path of a file",
    Kind.URL: "URL",
    Kind.VARIABLE: "name of an environment variable",
    Kind.TEXTS: "list of texts",
    Kind.WORDS: "list of words",
    Kind.HEADERS: 'table of texts and `{ env = "NAME" }`',
    Kind.WEIGHTS: "table of numbers by sequence id",
    Kind.MAPPINGS: "table of profile attributes and `{ fixed = value }` by SCIM path",
    Kind.LIMITS: "table of tables, as in a plan",
}
SETTINGS_HEAD = """\
# Settings

The command line overrides the environment, the environment overrides `scimproof.toml`, the file overrides
the default; [Configure it](../guides/configuration.md) explains how. An editor can check the file against
`scimproof config --schema`."""
EXITS_TAIL = """\
A run that tested nothing never exits with 0. `compare` and `--baseline` use the same codes; 1 means a
regression. `clean` exits with 3 where something stays or cannot be known, `doctor` with 3 where the
target cannot be reached as a SCIM server, `record` with 4 where exchanges are missing in its capture.
Under pytest the codes mean the same, but pytest has its own 4 for an option that it does not know."""
EXITS = {  # what the code means for a run, and for a load run
    Exit.HOLDS: ("Passed.", "Passed."),
    Exit.DOES_NOT_HOLD: ("Failed.", "Failed."),
    Exit.USAGE: ("Usage.", "Usage."),
    Exit.CANNOT_TELL: ("Could not tell.", "Invalid."),
    Exit.TROUBLE: ("Trouble inside scimproof, never the target's.", "Trouble inside scimproof."),
}
WHEN = {
    Exit.HOLDS: (
        """No MUST that counts for the result failed or stayed undecided, waived ones excepted. With a
        baseline: nothing got worse.""",
        "All thresholds hold and the audit found nothing.",
    ),
    Exit.DOES_NOT_HOLD: (
        """A MUST that counts does not hold, or a waiver has expired or matches nothing. With a baseline:
        something got worse. With `--strict`: something that the run created stays on the
        target.""",
        "A threshold is exceeded, or the audit found something.",
    ),
    Exit.USAGE: (
        "The command line or a file is wrong. Nothing was sent.",
        "The command line, the plan or a file is wrong. Nothing was sent.",
    ),
    Exit.CANNOT_TELL: (
        """The target is unreachable or refused the credentials, the time budget ran out, the run was
        interrupted, or a check that counts stayed undecided.""",
        """The figures are the load generator's and not the server's, the run was interrupted, or
        something could not be decided. Also: the target is unreachable.""",
    ),
    Exit.TROUBLE: ("", ""),
}


def commands_page() -> str:
    """Every command with its arguments and options."""
    parts = [
        "# Commands",
        "",
        "What `scimproof COMMAND --help` prints, with the other ways to say each option.",
    ]
    parts += [
        "",
        table(["Command", "What it does"], ([f"[`{n}`](#{n})", told] for n, told in COMMANDS.items())),
    ]
    for name in COMMANDS:
        command = root_command.get_command(click.Context(root_command), name)
        assert command is not None
        parts += ["", *_command(name, command)]
    return "\n".join(parts) + "\n"


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"scimproof {name}")
    yield from (f"## {anchor(name)}scimproof {name}", "", "```text", command.get_usage(context), "```", "")
    yield _prose(command.help)
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = [_option(name, each, context) for each in options]
    yield from ("", table(["Option", "Meaning", "Default", "Variable", "In scimproof.toml"], rows))
    if command.epilog:
        example = inspect.cleandoc(command.epilog.replace("\b", "")).strip()
        yield from ("", "```text", re.sub(r"^\n+", "", example), "```")


def _option(command: str, option: click.Option, context: click.Context) -> list[str]:
    record = option.get_help_record(context)
    assert record is not None
    made = BY_NAME.get((command, str(option.name))) if getattr(option, "section", "") else None
    about = re.sub(r"\s*\[[^][]*default:[^][]*\]$", "", record[1])
    told = made.default if made else option.default if option.show_default else None
    variable = code(made.variable) if made else ""
    key = code(".".join(made.keys)) if made else ""
    return [code(record[0]), _escaped(about), code(_value(told)), variable, key]


def _value(value: Any) -> str:
    if value in (None, "", (), False) or callable(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _escaped(text: str) -> str:
    """Help texts are no Markdown: an asterisk or an angle bracket in them is one."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([*<\[\]])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def _prose(text: str | None) -> str:
    return "\n\n".join(
        _escaped(" ".join(part.split())) for part in inspect.cleandoc(text or "").split("\n\n")
    )


def settings_page() -> str:
    """Every key of scimproof.toml with its option and its variable."""
    parts = [SETTINGS_HEAD]
    for section, about in SECTIONS.items():
        rows = [_setting(each) for each in SETTINGS if each.section == section]
        heads = ["Key", "Meaning", "Value", "Default", "Option", "Variable"]
        parts += ["", f"## {anchor(section)}[{section}]", "", about, "", table(heads, rows)]
    return "\n".join(parts) + "\n"


def _setting(each: Setting) -> list[str]:
    value = KINDS[each.kind]
    if each.choices:
        value = ", ".join(map(code, each.choices))
    elif each.kind is Kind.NUMBER:
        value = each.bounds.words
    option = each.option
    if each.kind is Kind.SWITCH:
        option += f", --no-{option.removeprefix('--')}"
    options = ", ".join(map(code, filter(None, option.split(", "))))
    return [
        code(each.key),
        _escaped(each.words),
        value,
        code(_value(each.default)),
        options,
        code(each.variable),
    ]


def exit_codes_page() -> str:
    """What each exit code means, for a run and for a load run."""
    rows = (
        [str(int(each)), *(f"{word} {when}" for word, when in zip(EXITS[each], WHEN[each], strict=True))]
        for each in Exit
    )
    head = ["Code", "`scimproof run`", "`scimproof load`"]
    return "\n".join(["# Exit codes", "", table(head, rows), "", EXITS_TAIL, ""])
