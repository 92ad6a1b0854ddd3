"""`scimproof show`: a sequence as an HTTP conversation, from the source itself."""

from __future__ import annotations

from collections.abc import Iterator

import click

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.cli import completers
from scimproof.cli.curl_script import commands
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.errors import UsageError
from scimproof.core.http_message import Exchange
from scimproof.core.results import Outcome
from scimproof.session.in_process import TOKEN, rehearse

SHOWN = 1500
PAGES = 2


@click.command()
@click.argument("id", shell_complete=completers.ids)
@click.option(
    "--as",
    "form",
    type=click.Choice(["http", "curl"]),
    default="http",
    show_default=True,
    help="Output format.",
)
def command(*, id: str, form: str) -> None:
    """Show one sequence as an HTTP conversation with the requirements of each answer.

    The conversation is a worked example: the sequence runs against the embedded server inside this
    process. --as curl prints commands to try by hand, with $BASE and $SCIMPROOF_TOKEN.
    """
    catalog = load_catalog()
    sequence = catalog.sequences.get(id)
    if sequence is None:
        within = [known for known in catalog.sequences if known.startswith(f"{id}.")]
        hint = f"; there are: {', '.join(within)}" if within else catalog.near(id)
        raise UsageError(f"no sequence is called {id!r}{hint}")
    outcomes, scene = rehearse(catalog, sequence)
    lines = (
        _conversation(catalog, sequence, outcomes) if form == "http" else commands(sequence, outcomes, scene)
    )
    click.echo("\n".join(lines).replace(TOKEN, "..."))


def _conversation(catalog: Catalog, sequence: Sequence, outcomes: list[Outcome]) -> Iterator[str]:
    yield f"{sequence.id}: {sequence.title}"
    yield f"Attested by {sequence.source}; weakest grade of a request: {catalog.grade(sequence)}"
    if sequence.about:
        yield sequence.about
    if sequence.chains > 1:
        yield f"Played {sequence.chains} times at once, each with people of its own; one of them is shown."
    if sequence.population:
        yield f"{sequence.population} users exist before the first step."
    for number, (step, outcome) in enumerate(zip(sequence.steps, outcomes, strict=True), 1):
        yield ""
        yield from _step(catalog, number, step, outcome)
    yield ""
    yield catalog.sender(None, [sequence]).words.sources


def _step(catalog: Catalog, number: int, step: Step, outcome: Outcome) -> Iterator[str]:
    if step.act:
        yield f"== {number}. {step.id}: {step.about}"
        yield "   Nothing is sent to the target: people do it; at a stand-in, --observer plays them"
        return
    if step.observe:
        yield f"== {number}. {step.id}: {step.about or 'What the observer says'}"
        yield f"   Nothing is sent to the target; with --observer, the observer is asked: {step.observe}"
    else:
        yield from _request(catalog, number, step)
    for exchange in outcome.exchanges[:PAGES]:
        yield ""
        yield from _exchange(exchange)
    if len(outcome.exchanges) > PAGES:
        yield f"... and {len(outcome.exchanges) - PAGES} more pages"
    yield ""
    yield "   Preparation, which other sequences hold to account; it needs:" if step.given else "   Held to:"
    for place, check in enumerate(step.checks):
        yield from _check(catalog, step, place, check)


def _request(catalog: Catalog, number: int, step: Step) -> Iterator[str]:
    template = catalog.templates[step.request]
    yield f"== {number}. {step.id}: {step.about or template.shows}"
    yield f"   {template.operation}, grade {template.grade}, {template.source} (fixtures/{template.path})"
    for rule in sorted(template.rules):
        said = " ".join((catalog.rules[rule].__doc__ or "").split())
        yield f"   Its body is worked out by the rule {rule!r}" + (f": {said}" if said else "")


def _exchange(exchange: Exchange) -> Iterator[str]:
    request = exchange.request
    yield f"{request.method} {request.target} HTTP/1.1"
    for name, value in request.headers:
        yield f"{name}: {value}"
    if request.body:
        yield ""
        yield _cut(request.body)
    yield ""
    yield f"HTTP/1.1 {exchange.status} {exchange.reason}"
    yield f"Content-Type: {exchange.header('Content-Type')}" if exchange.body else "(no body)"
    if exchange.body:
        yield ""
        yield _cut(exchange.body)


def _cut(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)"


def _check(catalog: Catalog, step: Step, place: int, check: Check) -> Iterator[str]:
    rule = catalog.requirements[check.requirement]
    gate = (place == 0 or check.gate) and not step.independent
    yield f"   - {rule.level} {rule.id}" + (" (what follows stands on it)" if gate else "")
    yield f"     {rule.statement}"
    yield f"     {rule.source}" + (f"; grade {rule.grade}" if rule.grade else "")
