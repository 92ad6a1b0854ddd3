"""Sends the requests of a step: fills templates, walks lists, waits, asks the guard, keeps the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote, unquote

from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import Nested, Template, compact
from scimproof.core.context import ExecutionContext, Page, path_of
from scimproof.core.definitions import SMALL_SCHEME, Question, Step
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Json, Request, slim
from scimproof.core.paging import LoopDetector, next_start, total_results
from scimproof.core.results import CheckResult
from scimproof.core.scim import Kind, booked_name, id_of, usable_id, value_at
from scimproof.engine.bulk import creates_of, is_bulk, made_by
from scimproof.engine.capabilities import DECLINED
from scimproof.engine.verdicts import ask
from scimproof.engine.write_guard import addressed, may_create

MAX_PAGES = 200
MAX_FOLLOWED = 50  # pages of a walk that does as each page says
MOST_CASES = 80  # of one sequence or step
SEARCH = ".search"  # the end of a path by which a POST searches (RFC 7644 section 3.4.3)
BETWEEN_LOOKS = 0.3  # seconds until a list is looked at again that may be late


class Prevented(RunStopped):
    """Raised when the target says that it cannot do that now for any client (a limit is reached)."""

    def __init__(self, cause: str, seen: Exchange) -> None:
        super().__init__(cause)
        self.seen = seen


class Missing(RunStopped):
    """Raised when no earlier answer gave what a request needs: `blank` is the template variable."""

    def __init__(self, blank: str) -> None:
        super().__init__(f"an earlier answer gave no {blank}")
        self.blank = blank


class TargetSession(Protocol):
    """What a sequence is executed on: sends requests, records creates, says when to stop."""

    def send(self, request: Request) -> Exchange:
        """Send, and retry where the target answers 429; RunStopped when the run was stopped first."""
        ...

    def authorization(self) -> str:
        """The Authorization header for the next request; RunStopped when none can be obtained."""
        ...

    def refusal(self, scene: ExecutionContext, request: Request) -> str:
        """Why this request must not be sent (it would change what this run did not create); else empty."""
        ...

    def send_together(self, requests: list[Request]) -> list[Exchange]:
        """Send several, each while the others are under way; the exchanges in that order."""
        ...

    def observe(self, exchange: Exchange) -> None:
        """Learn from an answer which ids belong to resources with names of this run."""
        ...

    def witness(self, question: Question, enough: Callable[[Exchange], bool]) -> Exchange | None:
        """The observer's answer, asked again while it may be late; None without an observer."""
        ...

    def act(self, what: str, question: Question) -> Exchange | None:
        """An action of people on that user, played by the observer; None where that is not possible."""
        ...

    def look_at(self, request: Request) -> Exchange:
        """Send a read of the harness's own, with the retries of any other request."""
        ...

    def undisturbed(self) -> AbstractContextManager[bool]:
        """Inside, no other request of the run is in flight; False where that cannot be arranged."""
        ...

    def pause(self, seconds: float) -> None:
        """Let so much time pass; RunStopped when the run ends meanwhile."""
        ...

    def kind_of(self, target: str) -> Kind:
        """The kind of resource that a request target is of."""
        ...

    def unauthorized(self) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        """The user's headers that look like credentials, with wrong values; and the names of the others."""
        ...

    def intend(self, kind: Kind, name: str) -> None:
        """Record in the ledger that a resource of this name is about to be created."""
        ...

    def made(self, kind: Kind, name: str, exchange: Exchange) -> None:
        """Record in the ledger what the answer to a create shows."""
        ...

    def stopped(self) -> str:
        """Why nothing more may be sent; empty while the run goes on."""
        ...


def send_step(
    step: Step, scene: ExecutionContext, catalog: Catalog, stage: TargetSession, exchanges: list[Exchange]
) -> None:
    """Send the step's request as often as it says, page by page where it walks a list; fills `exchanges`.

    Raises RunStopped, with what was exchanged until then in the list, which is empty after a dialogue that
    asked nothing.
    """
    if step.dialogue:
        _converse(step, step.dialogue(scene), scene, catalog, stage, exchanges)
        return
    until = time.monotonic() + step.settles
    while True:
        scene.pages.pop(step.id, None)
        for number, case in enumerate(_cases(step, scene, catalog), 1):
            _send_case(step, scene, catalog, stage, exchanges, {**case, "number": str(number)})
        late = step.settles and exchanges[-1].ok and not _holds(step, scene, exchanges[-1])
        if not late or time.monotonic() > until or stage.stopped():
            return
        stage.pause(BETWEEN_LOOKS)


def _holds(step: Step, scene: ExecutionContext, exchange: Exchange) -> bool:
    """Whether no check of that step is broken by this answer."""
    return all(ask(check, scene, exchange).held is not False for check in step.checks)


def _converse(
    step: Step,
    dialogue: Generator[Mapping[str, str], Exchange, CheckResult],
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    exchanges: list[Exchange],
) -> None:
    """Send what a dialogue asks for, one request after another, and keep its conclusion."""
    try:
        blanks = next(dialogue)
        while True:
            scene.pages.pop(step.id, None)
            _send_case(step, scene, catalog, stage, exchanges, blanks)
            blanks = dialogue.send(exchanges[-1])
            exchanges[-1] = slim(exchanges[-1])
    except StopIteration as end:
        scene.concluded[step.id] = end.value


def _cases(step: Step, scene: ExecutionContext, catalog: Catalog) -> list[Mapping[str, str]]:
    """The template variables of each time that a step is sent for a case of its own; else once, with none."""
    if not step.each:
        return [{}]
    if scene.discovery is None:
        raise RunStopped("what the target says of itself could not be read")
    cases = catalog.expansions[step.each].cases(scene.discovery)
    if isinstance(cases, str):
        raise RunStopped(cases)
    return [case.blanks for case in cases[:MOST_CASES]]


def _send_case(
    step: Step,
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    exchanges: list[Exchange],
    case: Mapping[str, str],
) -> None:
    """Send the step's request as often as it says, with the template variables of one case."""
    known = {**scene.blanks, **step.recast_all(scene.blanks)}
    blanks = Nested(known, {**scene.texts, **step.blanks, **case})
    # A body rule sees who plays which role in this step, as the rest of the request does.
    played = replace(scene, blanks=blanks)
    rules = {name: (lambda rule=rule: rule(played)) for name, rule in catalog.rules.items()}
    pages, progress, before = scene.pages.setdefault(step.id, []), LoopDetector(), len(exchanges)
    size, template = catalog.sender_of(step.request).page_size, catalog.templates[step.request]
    start, blanks["onward"], blanks["cursor"] = 1, "", ""
    while True:
        blanks["startIndex"] = str(start)
        if step.times > 1:
            blanks["number"] = str(len(exchanges) + 1)
        exchanges += _asked(step, scene, catalog, stage, blanks, rules)
        scene.exchanges[step.id] = exchanges
        start += size
        again = len(exchanges) - before < step.times and exchanges[-1].ok
        if step.pages:
            page = Page.of(exchanges[-1], scene)
            pages.append(page)
            onward = progress.turn(page.ids) and page.ok
            if step.pages is True:
                again = again or (onward and more_after(step, len(pages), page.total, size))
            else:
                # Who shows only strangers on a page has not filtered: there is nothing to walk for.
                astray = "filter" in template.blanks and bool(page.ids) and not page.ours
                onward = onward and not astray and len(pages) < MAX_FOLLOWED
                again = onward and _turn(step, exchanges[-1].json, blanks)
        if not again:
            return
        if step.pages:  # what the checks ask of earlier pages is in `pages`: a list may have any length
            exchanges[-1] = slim(exchanges[-1])


def _turn(step: Step, body: Json, blanks: Nested) -> bool:
    """Fill in what asks for the next page, as this one says it; False when it is the last."""
    cursor = value_at(body, "nextCursor")
    if isinstance(cursor, str) and cursor:
        blanks["cursor"], blanks["onward"] = cursor, f"&cursor={quote(cursor, safe='')}"
        return True
    if step.pages == "cursor":
        return False
    first = value_at(body, "startIndex")
    start = next_start(body, first if isinstance(first, int) and first > 0 else 1)
    blanks["onward"] = f"&startIndex={start}"
    total = total_results(body)
    return start is not None and total is not None and start <= total


def _asked(
    step: Step,
    scene: ExecutionContext,
    catalog: Catalog,
    stage: TargetSession,
    blanks: Nested,
    rules: Mapping[str, Callable[[], Json]],
) -> list[Exchange]:
    """The exchanges of one request: one, or more where it is measured or was refused at first."""
    if step.wait:
        stage.pause(step.wait)
    given = step.authorization
    blanks["authorization"] = stage.authorization() if given is None else given
    if step.members:
        blanks["member.id"] = scene.population[0].id
    request = _fill(catalog.templates[step.request], blanks, rules)
    if given is not None and given != SMALL_SCHEME:
        request = replace(request, headers=request.headers + stage.unauthorized()[0])
    if step.at_once > 1 or step.members:
        every = [request] * step.at_once
        if step.members:
            every = list(_for_each_member(step, scene, catalog.templates[step.request], blanks, rules))
        return _together(scene, stage, every)
    exchanges = (_measure if step.timed else _sent)(step, scene, stage, request)
    if step.otherwise and exchanges[-1].status in DECLINED:
        request = _fill(catalog.templates[step.otherwise], blanks, rules)
        exchanges = [*exchanges, _send(step, scene, stage, request)]
    return exchanges


def more_after(step: Step, number: int, total: int | None, size: int) -> bool:
    """Whether the sender would ask for one more page of that `size` after so many (totalResults decides)."""
    return step.pages and number < MAX_PAGES and total is not None and number * size < total


def _fill(template: Template, blanks: Nested, rules: Mapping[str, Callable[[], Json]]) -> Request:
    """The request; RunStopped when an earlier answer makes it impossible to compute."""
    try:
        return template.fill(blanks, rules)
    except KeyError as missing:
        raise Missing(missing.args[0]) from None
    except (TypeError, AttributeError, ValueError, LookupError) as problem:
        raise RunStopped(f"an earlier answer does not tell what to send now ({problem})") from None


def _may_create(scene: ExecutionContext, request: Request) -> bool:
    """Whether a target, right or wrong, could make something of it: any POST, a PUT to nobody's id."""
    nobody = request.method == "PUT" and addressed(request) not in scene.blanks.values()
    search = addressed(request) == SEARCH
    return may_create(request.method, nobody=nobody, search=search)


def _measure(step: Step, scene: ExecutionContext, stage: TargetSession, request: Request) -> list[Exchange]:
    """The answer with no other request in flight, and a second one where a check of it fails."""
    with stage.undisturbed() as alone:
        scene.undisturbed = alone
        exchange = _send(step, scene, stage, request)
        return (
            [exchange]
            if _holds(step, scene, exchange) or not alone
            else [exchange, _send(step, scene, stage, request)]
        )


def _sent(step: Step, scene: ExecutionContext, stage: TargetSession, request: Request) -> list[Exchange]:
    return [_send(step, scene, stage, request)]


def _for_each_member(
    step: Step,
    scene: ExecutionContext,
    template: Template,
    blanks: Nested,
    rules: Mapping[str, Callable[[], Json]],
) -> Iterator[Request]:
    """The request of the step for each of so many shared users."""
    for member in scene.population[: step.members]:
        blanks["member.id"] = member.id
        yield _fill(template, blanks, rules)


def _together(scene: ExecutionContext, stage: TargetSession, requests: list[Request]) -> list[Exchange]:
    """The answers to writes that are under way at the same time; those that were accepted last."""
    for request in requests:
        if refusal := stage.refusal(scene, request):
            raise RunStopped(refusal)
    exchanges = stage.send_together(requests)
    for exchange in exchanges:
        stage.observe(exchange)
    return sorted(exchanges, key=lambda exchange: exchange.ok)


def _send(step: Step, scene: ExecutionContext, stage: TargetSession, request: Request) -> Exchange:
    refusal = stage.refusal(scene, request)
    if refusal:
        raise RunStopped(refusal)
    exchange = deliver(stage, request, scene.blanks["prefix"], creates=_may_create(scene, request))
    if is_bulk(request):
        made = {one.bulk_id: one.id for one in made_by(exchange) if one.id}
        saved = {blank: path.removeprefix("bulk:") for blank, path in step.save.items()}
        scene.blanks |= {blank: made[bulk_id] for blank, bulk_id in saved.items() if bulk_id in made}
    id = id_of(identified(exchange).json) if step.creates and exchange.ok else ""
    scene.learn(step.creates, id, step.save, exchange.json, exchange.header, request.target)
    return exchange


def deliver(stage: TargetSession, request: Request, prefix: str, *, creates: bool) -> Exchange:
    """Send a request that may be sent; what it may create is in the ledger before, and what it made after."""
    if is_bulk(request):
        return _send_job(stage, request, prefix)
    if not creates:
        exchange = stage.send(request)
        stage.observe(exchange)
        return exchange
    kind = stage.kind_of(request.target)
    name = booked_name(kind, request.json, prefix)
    stage.intend(kind, name)
    exchange = stage.send(request)
    stage.made(kind, name, identified(exchange))
    return exchange


def identified(exchange: Exchange) -> Exchange:
    """The answer to a create; where it has no body, with the id at the end of its Location as one.

    RFC 7644 section 3.3 only recommends that the resource is in it.
    """
    if exchange.request.method != "POST" or exchange.status != HTTPStatus.CREATED or exchange.body:
        return exchange
    place = path_of(exchange.header("Location"), exchange.request.target)
    id = usable_id(unquote(place.rstrip("/").rpartition("/")[2]))
    return replace(exchange, body=compact({"id": id}).encode()) if id else exchange


def _send_job(stage: TargetSession, request: Request, prefix: str) -> Exchange:
    """Send a bulk job; the ledger has each of its creates before, and each resource that it made after."""

    def booked(operation: Request) -> tuple[Kind, str]:
        kind = stage.kind_of(operation.target)
        return kind, booked_name(kind, operation.json, prefix)

    for operation in creates_of(request):
        stage.intend(*booked(operation))
    exchange = stage.send(request)
    for made in made_by(exchange):
        body = compact({"id": made.id} if made.id else {}).encode()
        stage.made(*booked(made.operation), replace(exchange, request=made.operation, body=body))
    return exchange
