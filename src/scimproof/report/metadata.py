"""Serialises target, profile, sequences and requirements for the report."""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import asdict
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Profile, Requirement, Sequence, Step
from scimproof.core.results import Outcome
from scimproof.report import summary
from scimproof.target.target import Target

Row = dict[str, Any]


def target(target: Target) -> Row:
    """The target's URL and how it was reached; the kind of credentials, never the credentials."""
    mode = target.credentials.mode
    kind = mode.reported if mode else "other"
    return {"url": target.url, "auth": kind, "insecure": target.insecure, "embedded": target.embedded}


def profile(profile: Profile) -> Row:
    """The profile's row: its id, and whose requirements decide."""
    row: Row = {
        "id": profile.id,
        "title": profile.title,
        "about": profile.about,
        "gates": list(profile.gates),
    }
    return row | {"features": [asdict(feature) for feature in profile.features]}


def sequences(catalog: Catalog, played: List[Sequence], outcomes: List[Outcome]) -> list[Row]:
    """The sequences in the order in which they were asked for, then the global checks."""
    known = {sequence.id for sequence in played}
    watches = {outcome.sequence: _watch(outcome) for outcome in outcomes if outcome.sequence not in known}
    return [_sequence(catalog, sequence) for sequence in played] + list(watches.values())


def requirements(catalog: Catalog, played: List[Sequence], findings: list[Row]) -> dict[str, Row]:
    """Every requirement that the sequences ask, by id, in catalogue order."""
    used = {check.requirement for sequence in played for step in sequence.steps for check in step.checks}
    used |= {finding["requirement"] for finding in findings}
    return {name: requirement(rule) for name, rule in catalog.requirements.items() if name in used}


def requirement(rule: Requirement) -> Row:
    """The requirement's row; wording for groups only where it has any."""
    row = asdict(rule)
    hidden = {"keeps", "rows"} | {key for key in ("groups", "contested", "log", "then") if not row[key]}
    row["then"] = list(rule.then)
    return {key: value for key, value in row.items() if key not in hidden}


def _sequence(catalog: Catalog, sequence: Sequence) -> Row:
    return {
        "id": sequence.id,
        "title": sequence.title,
        "source": sequence.source,
        "about": sequence.about,
        "dialect": "" if _is_replay(sequence) else summary.dialect(sequence.id),
        "grade": catalog.grade(sequence),
        "watch": False,
        "steps": [_step(catalog, step) for step in sequence.steps],
    }


def _is_replay(sequence: Sequence) -> bool:
    return any(step.recorded for step in sequence.steps)


def _step(catalog: Catalog, step: Step) -> Row:
    if step.observe:
        about = step.about or f"The observer is asked: {step.observe}"
        row: Row = {"id": step.id, "about": about, "request": None, "operation": "", "grade": ""}
        return row | {"given": step.given, "method": "", "path": "", "observe": step.observe}
    if step.recorded:
        method, _, where = step.recorded.partition(" ")
        row = {"id": step.id, "about": step.about, "request": None, "operation": step.operation, "grade": ""}
        return row | {"given": step.given, "method": method, "path": where}
    template = catalog.templates[step.request]
    return {
        "id": step.id,
        "about": step.about or template.shows,
        "request": step.request,
        "operation": template.operation,
        "grade": template.grade,
        "given": step.given,
        "method": template.method,
        "path": path(template.target),
    } | ({"wrong_credentials": True} if step.authorization is not None else {})


def path(target: str) -> str:
    """The path of a request template as `/Users/{id}`, without query and values."""
    kind, _, one = target.removeprefix("{{base}}").partition("?")[0].strip("/").partition("/")
    return f"/{kind}" + ("/{id}" if one else "")


def operations(catalog: Catalog, played: List[Sequence], sender: str) -> dict[str, Row]:
    """Titles and error texts of the sender's operations and of those that were run.

    Those of which its log shows something are `logged`.
    """
    used = {catalog.templates[step.request].operation for sequence in played for step in sequence.sent}
    owners = {sender, ""} | {catalog.operations[id].owner for id in used if id in catalog.operations}
    found = {}
    for id, operation in catalog.operations.items():
        if operation.owner in owners:
            row = asdict(operation)
            logged, owner = row.pop("logged"), row.pop("owner")
            in_log = logged and owner == sender and sender in catalog.logs
            found[id] = row | ({"logged": True} if in_log else {})
    return found


def log(catalog: Catalog, sender: str) -> dict[str, Row]:
    """What the sender's log shows of answers, as a part of the document; nothing where it has no log."""
    return {"log": catalog.logs[sender].json()} if sender in catalog.logs else {}


def sections(catalog: Catalog) -> dict[str, dict[str, str]]:
    """The titles of RFC sections, by RFC and number."""
    return {rfc: dict(titles) for rfc, titles in catalog.sections.items()}


def _watch(outcome: Outcome) -> Row:
    step = {"id": outcome.step, "about": "", "request": None, "operation": "", "grade": "", "given": False}
    about = "Asked of every answer of this run, whichever sequence it belongs to."
    empty = {"source": "", "dialect": "", "grade": ""}
    return {
        "id": outcome.sequence,
        "title": "Every answer",
        "about": about,
        **empty,
        "watch": True,
        "steps": [step],
    }
