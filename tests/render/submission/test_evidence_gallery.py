"""The pack for Entra's app gallery: the same writers, other words, and tests that are optional."""

from __future__ import annotations

import re

import pytest

from scimproof.core.results import Verdict
from scimproof.render.formats import DocumentKind, formats
from scimproof.render.submission.sections import NOT_READY, blockers, brief, headline
from scimproof.render.submission.url_rules import address
from tests.render.submission.made import document, pack, submission, told

WRITE = {form.named("gallery"): form.text for form in formats(DocumentKind.PACK)}
GONE = "entra.default.user.delete/read-gone#entra-deleted-gone"
DISABLED = "entra.default.user.disable/read-back#entra-disable-persists"
START = "entra.gallery.user.pages/page-6#entra-gallery-page-start-index"
GROUPS = "entra.gallery.group.pages/page-6#entra-gallery-groups-page-start-index"
OTHERS = re.compile(r"\b(okta|oin|bitwarden)\b", re.IGNORECASE)


def test_an_honest_run_proves_the_workflows_own_tests_and_plays_what_entra_sends() -> None:
    honest = pack(id="gallery")
    assert {state: n for state, n in honest.counts.items() if n} == {
        "proven": 9,
        "provoked": 15,
        "outside": 1,
    }
    assert blockers(honest) == []
    assert headline(honest) == "Ready for the gallery's own run"
    cases = "9 proven here, 15 need Entra, 1 outside SCIM"
    assert brief(honest) == f"Validator 126 of 126, Preview 16 of 16; of 25 workflow tests: {cases}"


def test_what_fails_stands_in_the_way_of_the_tests_that_ask_for_it() -> None:
    one = pack({DISABLED: (Verdict.FAIL, "active is true")}, id="gallery")
    assert told(one, "T3").state == "fails"
    (stop,) = blockers(one)
    assert stop.breaks == ["T3"]
    assert headline(one) == NOT_READY


@pytest.mark.parametrize(("finding", "test"), [(GONE, "T4"), (GROUPS, "T24")])
def test_an_optional_test_that_fails_stands_in_nobodys_way(finding: str, test: str) -> None:
    one = pack({finding: (Verdict.FAIL, "it is not")}, id="gallery")
    assert told(one, test).state == "fails"
    assert blockers(one) == []
    assert headline(one) == "Ready for the gallery's own run"
    assert "optional" in WRITE["gallery.html"](one)
    assert "(optional)" in WRITE["gallery.md"](one)


def test_pages_are_a_test_of_their_own() -> None:
    one = pack({START: (Verdict.FAIL, "startIndex 1")}, id="gallery")
    assert {case.id for case, said in one.cases if said.state == "fails"} == {"T23"}


@pytest.mark.parametrize("form", WRITE)
def test_it_has_its_own_words(form: str) -> None:
    text = WRITE[form](pack({DISABLED: (Verdict.FAIL, "active is true")}, id="gallery"))
    assert not OTHERS.search(text.replace("okta-", "")), OTHERS.search(text)
    for said in ("Gallery pack", "Needs Entra", "In Entra", "client credentials", "In Entra:"):
        assert said in text, said


URLS = [
    ("https://scim.example.com/scim", "oauth2-client-credentials", ["keeps", "keeps"]),
    ("https://scim.example.com/scim", "bearer", ["keeps", "open"]),
    ("http://scim.example.com/scim", "basic", ["breaks", "breaks"]),
    ("http://127.0.0.1:8404/scim/v2", "header", ["open", "breaks"]),
]


@pytest.mark.parametrize(("url", "auth", "states"), URLS)
def test_the_way_in_is_held_to_what_the_gallery_takes(url: str, auth: str, states: list[str]) -> None:
    target = document(id="gallery")["target"] | {"url": url, "auth": auth}
    assert [state for _, state, _ in address(target, submission("gallery"))] == states
