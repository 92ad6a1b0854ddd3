"""The comparison with the ground truth notices what it is there to notice."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import unquote

import pytest

from tests.real.fleet import FLEET
from tests.real.publish import PUBLISHED
from tests.real.truth import Fact, complaints, load_facts

LOCATION = "rfc7644.answers/all#location"
SEARCH = "okta.user.create/search#hit"
READ = "okta.user.create/read-back#answered"
FACTS = [
    Fact(says="a 201 has a Location", findings=("*#location",), breaks=("broken",)),
    Fact(says="searches find", findings=("okta.user.*#hit",), warns=("odd",)),
    Fact(says="users are read", findings=("*/read-back#answered",)),
]
HONEST = {LOCATION: "pass", SEARCH: "pass", READ: "pass"}


def test_agreement_is_silent() -> None:
    assert complaints("honest", HONEST, FACTS) == []
    assert complaints("broken", HONEST | {LOCATION: "fail"}, FACTS) == []
    assert complaints("odd", HONEST | {SEARCH: "warning"}, FACTS) == []


def test_a_fault_that_was_not_found_is_a_miss() -> None:
    assert complaints("broken", HONEST, FACTS) == ["miss: a 201 has a Location: *#location should fail"]


def test_a_fail_that_nobody_knows_of_is_a_wrong_alarm() -> None:
    said = complaints("honest", HONEST | {LOCATION: "fail"}, FACTS)
    assert f"wrong alarm: {LOCATION} is fail" in said


def test_a_warning_where_all_is_well_is_a_wrong_alarm() -> None:
    said = complaints("honest", HONEST | {SEARCH: "warning"}, FACTS)
    assert f"wrong alarm: {SEARCH} is a warning" in said


def test_a_fail_where_only_a_warning_is_due_is_a_wrong_alarm() -> None:
    assert f"wrong alarm: {SEARCH} is fail" in complaints("odd", HONEST | {SEARCH: "fail"}, FACTS)


def test_an_error_is_never_excused() -> None:
    said = complaints("broken", HONEST | {LOCATION: "error"}, FACTS)
    assert f"wrong alarm: {LOCATION} is error" in said


def test_inconclusive_needs_a_fail_before_it_in_its_sequence() -> None:
    said = complaints("honest", HONEST | {READ: "inconclusive"}, FACTS)
    assert any(line.startswith(f"without a cause: {READ}") for line in said)


def test_a_fact_about_findings_that_do_not_exist_is_told() -> None:
    gone = Fact(says="renamed since", findings=("*#no-such",))
    assert complaints("honest", HONEST, [gone]) == ["miss: renamed since: no finding is called *#no-such"]


def test_what_a_run_may_miss_is_neither_asked_for_nor_a_wrong_alarm() -> None:
    rare = [Fact(says="nothing follows", findings=("*#location",), sometimes=("hasty",))]
    for verdict in ("pass", "fail"):
        assert complaints("hasty", {LOCATION: verdict}, rare) == []


def test_a_fact_explains_what_it_holds_back_and_nothing_else() -> None:
    lost = Fact(says="kept", findings=("*#location",), breaks=("broken",), holds_back=("okta.user.*",))
    verdicts = {LOCATION: "fail", READ: "inconclusive"}
    assert complaints("broken", verdicts, [lost]) == []
    assert any(READ in line for line in complaints("honest", verdicts, [lost]))


def test_brackets_in_a_glob_stand_for_themselves() -> None:
    assert Fact(says="", findings=("rfc.patch.add[*]/read#x",)).covers("rfc.patch.add[multi]/read#x")


@pytest.mark.parametrize("profile", ["okta", "entra", "rfc"])
def test_the_facts_speak_of_servers_that_exist(profile: str) -> None:
    facts = load_facts(profile)
    named = {one for fact in facts for one in (*fact.breaks, *fact.warns, *fact.untold, *fact.sometimes)}
    assert named == set(FLEET)


@pytest.mark.parametrize("server", FLEET)
@pytest.mark.parametrize("profile", ["entra", "rfc"])
def test_what_is_published_agrees_with_the_facts(profile: str, server: str) -> None:
    folder = PUBLISHED / profile / f"{server}-{FLEET[server].version}"
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    verdicts = {one["id"]: one["verdict"] for one in report["findings"]}
    because = {one["id"]: one["because"] for one in report["findings"] if one["because"]}
    assert complaints(server, verdicts, load_facts(profile), because) == []


def test_what_fails_in_the_table_of_the_rfcs_is_on_the_page_it_leads_to() -> None:
    table = (PUBLISHED.parents[1] / "docs" / "matrix.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(\.\./reports/published/(rfc/[^)#]*)#([^)]*)\)", table))
    assert len(links) > 50
    pages = {page: (PUBLISHED / page).read_text(encoding="utf-8") for page, _ in links}
    assert [place for page, place in links if f'id="{html.escape(unquote(place))}"' not in pages[page]] == []
