"""Executes one sequence step by step: fills templates, sends requests, runs checks, yields outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import SMALL_SCHEME, Question, Sequence, Step
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import CheckResult, Outcome, Verdict
from scimproof.core.scim import value_at
from scimproof.engine.capabilities import NO_FACTS, Capabilities
from scimproof.engine.sending import Missing, Prevented, TargetSession, send_step
from scimproof.engine.verdicts import End, ask, judge, untold

NOWHERE = (404, 405, 501)  # no such path, or one that does nothing
UNDONE = (405, 501)
REFUSED = range(400, 500)
NOT_VERIFIABLE = "accepted, not verifiable: SCIM does not show it, and no observer was asked (--observer)"
NOT_PLAYED = "accepted, not verifiable: people do it ({what}); only a stand-in, with --observer, plays them"


def execute(
    sequence: Sequence,
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    facts: Capabilities = NO_FACTS,
) -> Iterator[Outcome]:
    """Execute the steps in order and yield one outcome each; however it ends, every finding is there."""
    ended: End | None = None
    for step in sequence.steps:
        stop = stage.stopped()
        goes_on = step.goes_on(ended=ended is not None, binding=ended is not None and ended.binding)
        before = End(stop) if stop else (None if goes_on else ended)
        outcome, end = _play(sequence, step, scene, catalog, stage, facts, before)
        ended = ended or (end and replace(end, binding=step.given or end.binding))
        yield outcome


def _play(
    sequence: Sequence,
    step: Step,
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    facts: Capabilities,
    ended: End | None,
) -> tuple[Outcome, End | None]:
    """Execute one step: its outcome, and the reason to end the sequence when its gate did not hold."""
    if not ended and (lacking := _without(sequence, step, scene, catalog, facts)):
        return untold(sequence, step, catalog, End(lacking, Verdict.NOT_APPLICABLE)), None
    if not ended and not step.observe and (absent := facts.absent(catalog.templates[step.request])):
        ended = End(absent, Verdict.NOT_APPLICABLE)
    if ended:
        return untold(sequence, step, catalog, ended), ended
    if step.act:
        return _have_done(sequence, step, scene, stage)
    if step.observe:
        return _ask_observer(sequence, step, scene, catalog, stage), None
    return _sent_step(sequence, step, scene, catalog, stage, facts)


def _sent_step(
    sequence: Sequence,
    step: Step,
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    facts: Capabilities,
) -> tuple[Outcome, End | None]:
    """The outcome of a step that sends a request."""
    exchanges: list[Exchange] = []
    if step.pages:
        scene.made = facts.made(catalog.templates[step.request])
    try:
        send_step(step, scene, catalog, stage, exchanges)
    except Prevented as cause:
        end = End(str(cause), binding=True)
        exchanges.append(cause.seen)
        told = untold(sequence, step, catalog, end, cause.seen)
        return replace(told, exchanges=tuple(exchanges)), end
    except RunStopped as cause:
        end = End(str(cause))
        if isinstance(cause, Missing) and (why := _not_created(sequence, step, scene, cause.blank)):
            end = End(why, Verdict.NOT_APPLICABLE)
        return untold(sequence, step, catalog, end), None if step.independent else end
    if not exchanges:
        return untold(sequence, step, catalog, _unasked(scene.concluded[step.id])), None
    return _concluded(sequence, step, scene, catalog, stage, facts, exchanges)


def _not_created(sequence: Sequence, step: Step, scene: ExecutionContext, blank: str) -> str:
    """Why there is no such id: its create was refused, which that step has told. Empty for anything else."""
    wanted = step.recast(blank)
    for maker in sequence.steps:
        if maker.save.get(wanted, "").startswith("bulk:") and scene.exchange(maker.id):
            return f"{maker.id} made none"
        seen = scene.exchange(maker.id) if maker.creates and f"{maker.creates}.id" == wanted else None
        if seen and not seen.error and seen.status in REFUSED:
            return f"{maker.id} was refused: {seen.summary()}"
    return ""


def _without(
    sequence: Sequence, step: Step, scene: ExecutionContext, catalog: Catalog, facts: Capabilities
) -> str:
    """Why this step alone does not apply here; empty where it does."""
    left_out = sequence.case.without.get(step.id, "") if sequence.case else ""
    if lacking := left_out or facts.lacking(step.needs):
        return lacking
    if not step.each or scene.discovery is None:
        return ""
    cases = catalog.expansions[step.each].cases(scene.discovery)
    return cases if isinstance(cases, str) else ""


def _unasked(conclusion: CheckResult) -> End:
    """Why a dialogue asked nothing."""
    verdict = Verdict.INCONCLUSIVE if conclusion.applies else Verdict.NOT_APPLICABLE
    return End(conclusion.observed, verdict)


def _concluded(
    sequence: Sequence,
    step: Step,
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    facts: Capabilities,
    exchanges: list[Exchange],
) -> tuple[Outcome, End | None]:
    """The outcome of a step that was sent: its checks, and for a preparing write its effect."""
    stranger = step.authorization is not None and step.authorization != SMALL_SCHEME
    left = stage.unauthorized()[1] if stranger and exchanges[-1].ok else ()
    if left:
        let_in = f"not asked: the credentials may be in {', '.join(left)}, which was sent as it is"
        whole = End(let_in, Verdict.NOT_APPLICABLE, binding=True)
        told = untold(sequence, step, catalog, whole, exchanges[-1])
        return replace(told, exchanges=tuple(exchanges)), whole
    if gone := _not_there(sequence, step, facts, exchanges[-1]):
        told = untold(sequence, step, catalog, gone, exchanges[-1])
        return replace(told, exchanges=tuple(exchanges)), gone
    if why := _undeclared(step, facts, exchanges[-1]):
        told = untold(sequence, step, catalog, End(why, Verdict.NOT_APPLICABLE), exchanges[-1])
        return replace(told, exchanges=tuple(exchanges)), None
    outcome, ends = judge(sequence, step, scene, catalog, facts, exchanges)
    if step.effect and ends is None:
        seen, ends = _look_for_effect(sequence, step, scene, stage, exchanges[-1])
        outcome = replace(outcome, exchanges=(*outcome.exchanges, *seen))
    return outcome, ends


def _not_there(sequence: Sequence, step: Step, facts: Capabilities, seen: Exchange) -> End | None:
    """Why a sequence does not apply whose feature the target neither declares nor has.

    That is asked of the first request of it that is not a preparation.
    """
    first = next((one.id for one in sequence.sent if not one.given), "")
    if step.id != first or seen.status not in NOWHERE or not (silent := facts.undeclared(sequence.needs)):
        return None
    return End(f"{silent} is not advertised, and not there: {seen.status}", Verdict.NOT_APPLICABLE)


def _undeclared(step: Step, facts: Capabilities, seen: Exchange) -> str:
    """Why a step does not apply whose feature the target neither declares nor has; empty where it does.

    A 404 says nothing here: what a step is about may be gone, or nobody's.
    """
    silent = facts.undeclared(step.needs) if seen.status in UNDONE else ""
    return f"{silent} is not advertised, and not there: {seen.status}" if silent else ""


def _look_for_effect(
    sequence: Sequence, step: Step, scene: ExecutionContext, stage: TargetSession, write: Exchange
) -> tuple[tuple[Exchange, ...], End | None]:
    """Read what a preparing write was about: without an effect, later steps have nothing to check."""
    request, made = write.request, value_at(write.json, "id")
    headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
    path, mark, query = request.target.partition("?")  # of the base URL, if it has one
    target = path + (f"/{quote(str(made), safe='')}" if request.method == "POST" else "") + mark + query
    try:
        seen = stage.look_at(Request("GET", target, headers))
    except RunStopped as cause:
        return (), End(str(cause))
    stage.observe(seen)
    for check in step.effect:
        judgement = ask(check, scene, seen)
        if judgement.held is False:
            gate = f"{sequence.id}/{step.id}#{check.requirement}"
            return (seen,), End(f"{gate} did not hold: {judgement.observed}", because=gate)
    return (seen,), None


def _question(step: Step, scene: ExecutionContext) -> Question:
    """The question to the observer: about whom, and since when."""
    role = step.observe.partition("-")[0]
    blanks = {**scene.blanks, **step.recast_all(scene.blanks)}
    name = blanks.get(f"{role}.{'userName' if role == 'user' else 'displayName'}", "")
    return Question(step.observe, blanks.get(f"{role}.id", ""), name, scene.began)


def _have_done(
    sequence: Sequence, step: Step, scene: ExecutionContext, stage: TargetSession
) -> tuple[Outcome, End | None]:
    """An action of people, where it can be played; elsewhere the checks that need it do not apply."""
    try:
        done = stage.act(step.act, _question(step, scene))
    except RunStopped as cause:
        return Outcome(sequence.id, step.id, (), ()), End(str(cause))
    if done is None:
        end = End(NOT_PLAYED.format(what=step.about or step.act), Verdict.NOT_APPLICABLE)
        return Outcome(sequence.id, step.id, (), ()), end
    scene.exchanges[step.id] = [done]
    failed = End(f"people could not do it: {done.error}") if done.error else None
    return Outcome(sequence.id, step.id, (done,), ()), failed


def _ask_observer(
    sequence: Sequence, step: Step, scene: ExecutionContext, catalog: Catalog, stage: TargetSession
) -> Outcome:
    """Ask the observer and run the step's checks; the later steps run whatever the answer is."""

    def enough(told: Exchange) -> bool:
        judged = [ask(check, scene, told) for check in step.checks]
        return all(judgement.held or not judgement.applies for judgement in judged)

    try:
        told = stage.witness(_question(step, scene), enough)
    except RunStopped as cause:
        return untold(sequence, step, catalog, End(str(cause)))
    if told is None:
        return untold(sequence, step, catalog, End(NOT_VERIFIABLE, Verdict.NOT_APPLICABLE))
    if told.error:
        end = End(f"the observer did not answer: {told.error}")
        return replace(untold(sequence, step, catalog, end, told), exchanges=(told,))
    scene.exchanges[step.id] = [told]
    # What an observer does not tell keeps nothing else from being asked.
    return judge(sequence, replace(step, independent=True), scene, catalog, NO_FACTS, [told])[0]
