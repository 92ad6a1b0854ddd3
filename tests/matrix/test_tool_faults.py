"""Requirements of Microsoft's test tools are each tripped by a fault, and their faults trip what they say."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scimproof.cleanup.ledger import Ledger
from scimproof.core.definitions import Sequence
from scimproof.embedded.app import build
from scimproof.embedded.faults.entra.validator import TOOL_FAULTS
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, FEW, PREFIX, TOKEN, InProcess, catalog, tripped

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

AUTHORITIES = ("entra-validator", "entra-gallery")
V, G = "entra-validator-", "entra-gallery-"
# Faults of Okta's and Entra's traffic that these tools meet too, and what each trips here.
OTHERS = {
    "response-type-json": f"{V}media-type",
    "create-duplicate-accepted": f"{V}duplicate-409",
    "filter-miss-404": f"{V}filter-answered",
    "filter-case-sensitive": f"{V}filter-other-case {V}group-filter-other-case",
    "filter-users-ignored": f"{V}filter-finds {V}filter-none",
    "filter-groups-ignored": f"{V}group-filter-finds",
    "patch-not-implemented": f"{V}patch-answered {G}update-answered",
    "patch-not-stored": f"{V}patch-replace-shown {V}patch-add-shown {V}user-name-replaced {G}update-shown",
    "inactive-not-found-by-name": f"{V}disabled-found",
    "active-missing": f"{V}disabled-shown",
    "entra-manager-text-refused": f"{V}manager-answered {G}manager-answered",
    "entra-manager-not-shown": f"{V}manager-added {G}manager-set",
    "entra-manager-kept": f"{V}manager-replaced {G}manager-changed",
    "entra-manager-empty-500": f"{V}manager-remove-answered",
    "entra-manager-empty-ignored": f"{V}manager-removed {G}manager-removed",
    "entra-user-delete-405": f"{V}delete-answered",
    "entra-delete-unknown-500": f"{V}delete-404",
    "entra-operations-reversed": f"{V}same-shown",
    "entra-group-external-id-not-shown": f"{V}group-create-shown {G}group-create-shown",
    "read-excluded-attributes-ignored": f"{V}members-excluded",
    "group-patch-not-implemented": f"{V}group-patch-answered {V}member-answered {G}group-update-answered",
    "entra-group-external-id-kept": f"{V}group-external-id-replaced",
    "entra-group-name-kept": f"{G}group-update-shown",
    "delete-not-implemented": f"{V}group-delete-answered {V}group-delete-404",
    "entra-group-schema-missing": f"{G}schemas-group",
    "entra-schemas-bare-array": f"{V}schemas-list",
    "list-start-index-missing": f"{G}page-start-index {G}groups-page-start-index",
}
TRIPS = {name: set(found.split()) for name, found in OTHERS.items()} | {
    name: set(fault.trips) for name, fault in TOOL_FAULTS.items()
}


def asked() -> set[str]:
    """Every requirement of the two tools."""
    return {id for id, rule in catalog().requirements.items() if rule.authority in AUTHORITIES}


@cache
def sequences() -> list[Sequence]:
    chosen = catalog().select(["entra.validator", "entra.gallery"])
    return [replace(one, population=min(one.population, FEW)) for one in chosen]


def that_ask(*requirements: str) -> list[Sequence]:
    """The sequences in which these are asked."""
    of_answers = {f"{V}media-type"}
    found = [
        one
        for one in sequences()
        if any(
            check.requirement in requirements for step in one.steps if not step.given for check in step.checks
        )
    ]
    return found or (sequences()[:2] if of_answers & set(requirements) else [])


def play(app: WSGIApplication, chosen: list[Sequence]) -> set[str]:
    """The requirements of the two tools that do not hold."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        profile = catalog().profile("entra-gallery")
        target = Target(BASE, Bearer(TOKEN))
        run = Runner(catalog(), profile, chosen, target, InProcess(app), ledger, parallel=1, budget=250)
        findings = [finding for outcome in run.play() for finding in outcome.findings]
        ledger.close()
    return {id for id in tripped(findings) if id in asked()}


def test_each_requirement_is_tripped_by_a_fault() -> None:
    told = set().union(*TRIPS.values())
    assert told == asked()


def test_an_honest_target_has_nothing_to_be_told() -> None:
    assert play(build(token=TOKEN), sequences()) == set()


@pytest.mark.parametrize(
    "variant", ["patch-204", "username-lower-cased", "group-names-repeat", "null-placeholders"]
)
def test_legal_variety_is_quiet(variant: str) -> None:
    """Group names that repeat are legal, and what the validator fails all the same."""
    expected = {f"{V}group-duplicate-409"} if variant == "group-names-repeat" else set()
    assert play(build(token=TOKEN, variants=[variant]), sequences()) == expected


@pytest.mark.parametrize("name", sorted(TRIPS))
def test_a_fault_trips_what_it_says(name: str) -> None:
    found = play(build(token=TOKEN, faults=[name]), that_ask(*TRIPS[name]))
    assert found >= TRIPS[name]
    if name in TOOL_FAULTS:
        fault = TOOL_FAULTS[name]
        assert found <= {*fault.trips, *fault.also}
        assert fault.defect.startswith("EN-")
