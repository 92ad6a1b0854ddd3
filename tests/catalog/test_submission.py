"""What is known of a submission is whole, in the official order, and fits the sequences."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.catalog import submission as submissions
from scimproof.core.errors import CatalogError
from tests.render.submission.made import case, catalog, submission

# What Okta's test plan provokes, case by case, for a catalog app; every other case provokes nothing.
TRAFFIC = {
    "C9306": "01 02 03 04", "C9340": "01", "C9341": "01",
    "C9290": "05 07", "C9307": "05 07", "C9334": "07", "C9335": "06", "C9336": "07", "C9293": "13",
    "C9291": "09", "C9309": "09", "C9310": "09", "C9337": "09",
    "C9292": "11", "C9294": "11", "C9311": "11", "C9301": "10", "C9302": "10",
    "C9303": "03", "C9304": "03", "C9305": "09", "C9338": "04",
    "C9312": "15 16 17", "C9317": "16", "C9315": "22", "C9330": "22", "C9322": "22", "C9316": "19",
    "C9332": "18", "C9333": "18 11", "C9318": "21", "C9320": "18 19", "C9323": "15 16", "C9325": "21",
    "C9327": "21", "C9329": "18 19", "C9359": "03", "C9360": "03", "C9361": "03",
}  # fmt: skip
SILENT = {
    "C9296", "C9297", "C9298", "C9308", "C9313", "C9314", "C21902", "C9339", "C9342", "C9343", "C9289",
    "C9344", "C9345", "C9299", "C9300", "C9295", "C9321", "C9319", "C9324", "C9326", "C9331", "C9328",
}  # fmt: skip
# An operation that is a row of others, and two under which one request stands.
ROWS = {"OKTA-02": {"OKTA-01"}, "OKTA-22": {"OKTA-15", "OKTA-18"}}
SPEC = [12, 8, 3, 3, 3, 7, 4, 1, 1, 2, 4, 4]
CRUD = {4: 5, 6: 2, 8: 2, 11: 2, 13: 2}


def test_there_are_the_61_cases_of_the_plan_each_once() -> None:
    ids = [case.id for case in submission().cases]
    assert len(ids) == 61
    assert len(set(ids)) == 61
    assert set(ids) == SILENT | set(TRAFFIC)


def test_every_case_provokes_what_the_plan_says() -> None:
    for one in submission().cases:
        wanted = [f"OKTA-{number}" for number in TRAFFIC.get(one.id, "").split()]
        assert list(one.traffic) == wanted, one.id
        assert (one.kind == "outside") == (one.id in SILENT), one.id


@pytest.mark.parametrize("id", TRAFFIC)
def test_a_sequence_that_is_mapped_to_a_case_plays_each_of_its_operations(id: str) -> None:
    sequences = {pattern.partition("/")[0] for pattern in case(id).findings}
    steps = [step for name in sequences for step in catalog().sequences[name].steps]
    played = {catalog().templates[step.request].operation for step in steps}
    for operation in case(id).traffic:
        assert ROWS.get(operation, {operation}) <= played


def test_the_spec_suite_has_its_52_assertions_and_one_script_in_the_official_order() -> None:
    spec, _ = submission().suites
    assert [step.number for step in spec.steps] == list(range(1, 13))
    assert [sum(1 for a in step.assertions if not a.script) for step in spec.steps] == SPEC
    assert sum(SPEC) == 52
    assert [step.number for step in spec.steps if any(a.script for a in step.assertions)] == [10]
    assert [step.number for step in spec.steps if step.optional] == [10]


def test_the_crud_suite_has_the_apps_half() -> None:
    _, crud = submission().suites
    assert {step.number: len(step.assertions) for step in crud.steps} == CRUD


def test_every_finding_of_the_two_suites_is_one_row() -> None:
    rows = [a.finding for suite in submission().suites for step in suite.steps for a in step.assertions]
    asked = {
        f"{sequence.id}/{step.id}#{check.requirement}"
        for sequence in catalog().select(["okta.spec", "okta.crud"])
        for step in sequence.steps
        for check in step.checks
        if not step.given
    }
    assert Counter(rows) == Counter(asked)


def test_each_row_says_the_status_that_its_finding_asks_for() -> None:
    for suite in submission().suites:
        for step in suite.steps:
            for assertion in step.assertions:
                if found := re.fullmatch(r"status is (\d+)", assertion.text):
                    asked = assertion.finding.rpartition("#")[2]
                    assert asked in {f"spec-status-{found[1]}", "spec-groups-answered"}


def test_the_profile_for_catalog_apps_plays_all_of_it_and_no_aiw_sequence_is_named() -> None:
    submissions.demand(catalog(), submission(), catalog().profile("okta-oin"))
    submissions.demand(catalog(), submission(), catalog().profile("okta"))
    assert not [pattern for pattern in submission().patterns() if pattern.startswith("okta.aiw")]


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A copy of suites/oin that may be spoilt."""
    folder = tmp_path / "suites" / "oin"
    shutil.copytree(catalog().root / "suites" / "oin", folder)
    return folder


SPOILT = [
    ("cases.toml", '"okta.oin.user.update"', '"okta.oin.user.updated"', "mean 'okta.oin.user.update'"),
    ("cases.toml", "/read-back#okta-deactivate-readable", "/read-back#okta-nothing", "C9292"),
    ("cases.toml", 'traffic = ["OKTA-13"]', 'traffic = ["OKTA-12"]', "no sequence it names sends OKTA-12"),
    ("cases.toml", 'section = "sourcing"', 'section = "sourcng"', "did you mean 'sourcing'"),
    ("cases.toml", 'kind = "eyes"\ntitle', 'kind = "eye"\ntitle', "no kind 'eye'"),
    ("cases.toml", 'why = "The guide is a document."', "", "C9299: a case outside SCIM needs `why`"),
    ("cases.toml", 'look = "The person\'s status in Okta after the import."', "", "C9359: a case that"),
    ("cases.toml", 'expected = "The person exists', 'expects = "The person exists', "case C9296"),
    ("cases.toml", "okta-password-never-returned =", "okta-password-shown =", "[aside]"),
    ("cases.toml", '  "okta-rename-persists",\n', '  "okta-renamed",\n', "proof"),
    ("suites.toml", "#spec-first-active", "#spec-first-actve", "spec, step 1"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "was", "now", "said"), SPOILT)
def test_what_does_not_fit_is_refused_with_its_place(
    knowledge: Path, file: str, was: str, now: str, said: str
) -> None:
    path = knowledge / file
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now, 1))
    with pytest.raises(CatalogError, match=re.escape(said)):
        submissions.load(replace(catalog(), root=knowledge.parents[1]), "oin")


def test_an_honest_copy_loads(knowledge: Path) -> None:
    assert submissions.load(replace(catalog(), root=knowledge.parents[1]), "oin") == submission()
