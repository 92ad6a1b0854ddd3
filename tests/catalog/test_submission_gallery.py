"""What is known of a submission to Entra's app gallery is whole, and fits the sequences."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.catalog import submission as submissions
from scimproof.core.errors import CatalogError, UsageError
from tests.render.submission.made import catalog, submission

NAMES = (
    "Create_User_Test", "Update_User_Test", "Disable_User_Test", "Delete_User_Test",
    "User_Update_Manager_Test", "Restore_User_Test", "POD_User_Test", "Create_Group_Test",
    "Update_Group_Test", "Delete_Group_Test", "Group_Update_Add_Member_Test",
    "Group_Update_Remove_Member_Test", "POD_Group_Test", "Restore_Group_Test",
    "Schema_Discoverability_Test", "SCIM_Null_Update_Test", "SCIM_User_Create_Test",
    "SCIM_User_Update_Test", "SCIM_Group_Create_Test", "SCIM_Group_Update_Test",
    "Validate_Credentials_Test", "Federated_Identity_Test", "SCIM_User_Pagination_Test",
    "SCIM_Group_Pagination_Test", "SCIM_Update_Manager_Test",
)  # fmt: skip
OPTIONAL = {"T4", "T10", "T14", "T24"}
CASES = submission("gallery").cases


def test_there_are_the_25_tests_of_the_workflow_in_its_order() -> None:
    assert [one.id for one in CASES] == [f"T{number}" for number in range(1, 26)]
    assert [one.title.partition(":")[0] for one in CASES] == list(NAMES)
    assert {one.id for one in CASES if one.optional} == OPTIONAL
    assert {one.id for one in CASES if one.kind == "outside"} == {"T22"}
    assert {one.id for one in CASES if one.kind == "here"} == {f"T{n}" for n in (*range(15, 21), 23, 24, 25)}


def test_the_validators_tests_are_24_and_7() -> None:
    mandatory, preview = submission("gallery").suites
    assert [step.number for step in mandatory.steps] == list(range(1, 25))
    assert [step.number for step in preview.steps] == list(range(1, 8))


def test_every_finding_of_the_validators_tests_is_one_row() -> None:
    suites = submission("gallery").suites
    rows = [a.finding for suite in suites for step in suite.steps for a in step.assertions]
    asked = {
        f"{sequence.id}/{step.id}#{check.requirement}"
        for sequence in catalog().select(["entra.validator"])
        if sequence.id != "entra.validator.schemas"  # what "discover schema" needs is no test of its own
        for step in sequence.steps
        for check in step.checks
        if not step.given and step.id != "discover"
    }
    assert Counter(rows) == Counter(asked)


def test_each_row_says_the_status_that_its_finding_asks_for() -> None:
    statements = {id: rule.statement + rule.broken for id, rule in catalog().requirements.items()}
    for suite in submission("gallery").suites:
        for step in suite.steps:
            for assertion in step.assertions:
                asked = statements[assertion.finding.rpartition("#")[2]]
                for status in re.findall(r"\b[245]\d\d\b", assertion.text):
                    assert status in asked, assertion


def test_every_sequence_of_the_workflow_is_a_test_of_it() -> None:
    named = {pattern.partition("/")[0] for case in CASES for pattern in case.findings}
    assert {one.id for one in catalog().select(["entra.gallery"])} <= named


def test_what_entra_itself_sends_is_in_the_dialect_of_nearly_every_tenant() -> None:
    by_service = [case for case in CASES if case.section in ("users", "groups")]
    assert len(by_service) == 14
    for case in by_service:
        named = {pattern.partition("/")[0] for pattern in case.findings}
        assert not [name for name in named if name.startswith("entra.flag")]
        assert [name for name in named if name.startswith(("entra.default", "entra.both"))]


def test_its_profile_plays_all_of_it_and_entras_own_does_not() -> None:
    asked = submission("gallery")
    submissions.demand(catalog(), asked, catalog().profile("entra-gallery"))
    with pytest.raises(UsageError, match=r"--gallery needs .* --profile|use --profile entra-gallery"):
        submissions.demand(catalog(), asked, catalog().profile("entra"))


def test_options_are_found_in_the_data() -> None:
    assert submissions.submissions() == {
        "gallery": "a submission to Entra's app gallery",
        "oin": "an OIN submission",
    }


SPOILT = [
    ("submission.toml", 'profile = "entra-gallery"', 'profile = "entra-galery"', "mean 'entra-gallery'"),
    ("submission.toml", 'to_do = "To do in Entra"', "", "[words] lacks to_do"),
    ("submission.toml", 'to_do = "To do', 'to_du = "To do', "did you mean 'to_do'"),
    ("submission.toml", 'needs = "', 'need = "', "suites/gallery: 'needs' is missing"),
    ("cases.toml", "optional = true", "optionl = true", "case T4"),
]


@pytest.mark.parametrize(("file", "was", "now", "said"), SPOILT)
def test_what_does_not_fit_is_refused_with_its_place(
    tmp_path: Path, file: str, was: str, now: str, said: str
) -> None:
    shutil.copytree(catalog().root / "suites" / "gallery", tmp_path / "suites" / "gallery")
    path = tmp_path / "suites" / "gallery" / file
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now, 1))
    with pytest.raises(CatalogError, match=re.escape(said)):
        submissions.load(replace(catalog(), root=tmp_path), "gallery")
