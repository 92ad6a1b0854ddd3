"""suites/*/explore.toml: what is wrong in one is refused with the place."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.catalog.actions import FILE, read_repertoires
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
