"""suites/*/explore.toml: what is wrong in one is refused with the place."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.catalog.actions import FILE, merged, read_repertoires, repertoire_named
from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import CatalogError, UsageError
from scimproof.core.paths import knowledge_root

CATALOG = load_catalog()
SENDER = CATALOG.senders["okta"]


def read(tmp_path: Path, before: str, after: str) -> None:
    """Read Okta's file with one text in it replaced by another."""
    folder = tmp_path / "okta"
    folder.mkdir()
    shutil.copy(knowledge_root() / "suites" / "okta" / FILE, folder)
    text = (folder / FILE).read_text(encoding="utf-8")
    assert before in text
    (folder / FILE).write_text(text.replace(before, after, 1), encoding="utf-8")
    read_repertoires(tmp_path, {"okta": SENDER}, CATALOG.templates, CATALOG.requirements)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('find_user = "', 'find_users = "', "[look] lacks find_user"),
        ('"okta-history-found"', '"okta-history-find"', "did you mean 'okta-history-found'?"),
        ('people.user = "absent"', 'people.user = "abscent"', "did you mean 'absent'?"),
        ('expect = "refused"', 'expect = "refuse"', "expect = 'refuse'; did you mean 'refused'?"),
        ("okta/both/user-create.http", "okta/both/user-creates.http", "did you mean 'okta/both/user-create"),
        ("steps.oin =", "steps.oim =", "no dialect is called 'oim'; did you mean 'oin'?"),
        ("becomes.user =", "becomes.usr =", "nobody plays 'usr'; did you mean 'user'?"),
        ('["user@group"]', '["group@user"]', "'group@user' is not a role of a user"),
        ('meets = ["user"]', 'meets = ["usr"]', "nobody plays 'usr'; did you mean 'user'?"),
        ("weight = 6", 'weight = "much"', "action 'add-member'"),
        ("[cast]", "[cast", "okta/explore.toml"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, before: str, after: str, says: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read(tmp_path, before, after)
    assert str(refused.value).startswith("okta/explore.toml")
    assert says in str(refused.value)


def test_a_profile_of_one_dialect_is_explored_in_that_one() -> None:
    repertoire = CATALOG.repertoire(SENDER)
    assert repertoire.dialects == ("oin", "aiw")
    assert repertoire.limited(CATALOG.profile("okta-aiw").sequences).dialects == ("aiw",)
    assert repertoire.limited(CATALOG.profile("okta").sequences).dialects == ("oin", "aiw")


def test_every_action_is_a_step_with_rules_of_its_own() -> None:
    sequence = CATALOG.repertoire(SENDER).sequence(CATALOG.templates)
    rules = {step.id: {check.requirement for check in step.checks} for step in sequence.steps}
    assert "okta-state-after-refused" in rules["rename-to-taken-name"]
    assert "okta-state-after-group-change" in rules["add-member"]
    assert all("okta-bystanders-unchanged" in some for some in rules.values())


def test_a_sender_without_such_a_file_has_no_repertoire() -> None:
    with pytest.raises(UsageError, match=r"no suites/okta/explore\.toml"):
        replace(CATALOG, repertoires={}).repertoire(SENDER)


ENTRA = CATALOG.repertoire(CATALOG.senders["entra"])


def test_entras_actions_are_in_both_dialects_and_no_request_of_them_is_inferred() -> None:
    assert ENTRA.dialects == ("default", "flag")
    assert ENTRA.limited(CATALOG.profile("entra-flag").sequences).dialects == ("flag",)
    for dialect in ENTRA.dialects:
        files = [step.request for action in ENTRA.actions.values() for step in action.sent(dialect)]
        assert {file.split("/")[0] for file in files} == {"entra"}
        assert [file for file in files if CATALOG.templates[file].grade == "D"] == []
    only_default = {name for name, action in ENTRA.actions.items() if not action.sent("flag")}
    assert only_default == {"update-display-name", "assert-roles", "disable-by-boolean"}


def test_what_entra_never_does_is_the_harness_s() -> None:
    lists = [CATALOG.templates[ENTRA.look[key]] for key in ("list_users", "list_groups")]
    assert {one.operation for one in lists} == {"HARNESS-LIST"}
    for one in lists:
        assert [name for name, _ in one.headers] == ["Host", "Authorization", "ADSCIMVersion"]


def test_actions_of_several_senders_are_each_in_their_own_dialect() -> None:
    both = merged([CATALOG.repertoire(SENDER), ENTRA])
    assert both.id == "okta+entra.explore"
    assert both.dialects == ("oin+default", "oin+flag", "aiw+default", "aiw+flag")
    assert {action.sender for action in both.actions.values()} == {"okta", "entra"}
    off, out = both.actions["okta-deactivate"], both.actions["entra-disable"]
    assert [step.request for step in off.sent("oin+flag")] == ["okta/oin/user-deactivate.http"]
    assert out.sent("aiw+flag")[-1].request == "entra/flag/user-disable.http"
    assert not both.actions["entra-assert-roles"].sent("oin+flag")
    assert both.dialect_of("entra", "oin+flag") == "flag"
    assert both.finding("entra-disable", "okta-history-found") == "entra.explore/disable#okta-history-found"


def test_each_sender_s_actions_are_asked_what_the_other_may_see() -> None:
    okta, entra = merged([CATALOG.repertoire(SENDER), ENTRA]).sequences(CATALOG.templates)
    assert (okta.id, entra.id) == ("okta.explore", "entra.explore")
    (disable,) = (step for step in entra.steps if step.id == "disable")
    rules = {check.requirement for check in disable.checks}
    assert {"entra-state-after-disable", "entra-history-found", "okta-history-found"} <= rules
    assert "okta-history-answered" not in rules


def test_several_senders_are_named_by_all_of_them() -> None:
    both = repertoire_named("okta+entra", CATALOG.repertoires)
    assert both is not None
    assert [part.sender.id for part in both.parts] == ["okta", "entra"]
    assert repertoire_named("okta+nobody", CATALOG.repertoires) is None
    assert repertoire_named("okta", CATALOG.repertoires) is CATALOG.repertoires["okta"]
