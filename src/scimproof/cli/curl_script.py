"""Script of curl commands for a sequence; ids of answers are carried on in shell variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import Outcome
from scimproof.render.curl import curl
from scimproof.session.in_process import TOKEN


def commands(sequence: Sequence, outcomes: list[Outcome], scene: ExecutionContext) -> Iterator[str]:
    """The lines of the script; only the first page of a list."""
    yield f"# {sequence.id}: {sequence.title}"
    yield "# Needs curl and jq; BASE is your base URL, as https://host/scim/v2"
    variables = {value: _variable(name) for name, value in scene.blanks.items() if name.endswith(".id")}
    for step, outcome in zip(sequence.steps, outcomes, strict=True):
        if outcome.exchanges and not step.observe:
            yield ""
            yield f"# {step.id}" + (f": {step.about}" if step.about else "")
            yield _curl(step, outcome.exchanges[0], variables, scene.blanks)


def _curl(step: Step, exchange: Exchange, variables: dict[str, str], blanks: Mapping[str, str]) -> str:
    request = exchange.request
    base, path = '"$BASE"', request.target.removeprefix(blanks["base"])
    if path == request.target:  # beside the base, not below it
        base, path = '"${BASE%/*}"', request.target.removeprefix(blanks["parent"])
    command = curl(
        request.method,
        base + _quote(path, variables),
        request.headers,
        request.body.decode(),
        secret=TOKEN,
        quote=lambda text: _quote(text, variables),
    )
    saved = dict(step.save) | ({f"{step.creates}.id": "id"} if step.creates else {})
    for blank, path in saved.items():
        if blank.endswith(".id"):
            query = re.sub(r"\.(\d+)", r"[\1]", f".{path}")
            return f"{_variable(blank)}=$({command} | tee /dev/stderr | jq -r {shlex.quote(query)})"
    return command


def _variable(blank: str) -> str:
    return re.sub(r"\W", "_", blank).upper()


def _quote(text: str, variables: dict[str, str]) -> str:
    """The text quoted for a shell, with ids of the example replaced by shell variables."""
    pieces = re.split("(" + "|".join(map(re.escape, variables)) + ")", text) if variables else [text]
    return "".join(f'"${variables[p]}"' if p in variables else shlex.quote(p) for p in pieces if p)
