"""Each requirement says what is wrong when it is broken, in words of users or of groups."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scimproof.catalog.loader import Catalog
from scimproof.catalog.loader import _requirements as read_requirements
from scimproof.core.errors import CatalogError
from scimproof.report.metadata import requirement
from tests.matrix.inprocess import catalog

CATALOG = catalog()
OF_USERS = re.compile(r"\b(users?|userName|people|persons?|somebody|nobody|accounts?)\b", re.IGNORECASE)
RULE = 'level = "MUST"\nsource = "S1"\nstatement = "A user is read by id."\n'


def asked_of(catalog: Catalog, resource: str) -> set[str]:
    """The requirements of steps whose request goes to that resource."""
    return {
        check.requirement
        for sequence in catalog.sequences.values()
        for step in sequence.sent
        if f"/{resource}" in catalog.templates[step.request].target
        for check in step.checks
    }


def test_c12_every_requirement_has_a_sentence_for_when_it_is_broken() -> None:
    def fits(said: str) -> bool:
        return said == said.strip() and said.endswith(".") and len(said) < 120

    rules = CATALOG.requirements.values()
    assert [
        r.id
        for r in rules
        if not all(map(fits, (r.broken, *(said for key, said in r.groups.items() if key != "then"))))
    ] == []
    assert [r.id for r in rules if r.broken == r.statement] == []
    assert [r.id for r in rules if r.groups.get("broken") in (r.statement, r.broken)] == []


def test_c12_no_two_rules_of_one_authority_are_broken_in_the_same_words() -> None:
    said = [(rule.authority, rule.broken) for rule in CATALOG.requirements.values()]
    assert len(said) == len(set(said))


def test_c09_what_is_asked_of_groups_too_speaks_of_groups_there() -> None:
    both = asked_of(CATALOG, "Users") & asked_of(CATALOG, "Groups")
    assert "okta-punctuation-accepted" in both
    for rule in (CATALOG.requirements[name] for name in both):
        for key, said in (("broken", rule.broken), ("admin", rule.admin)):
            told = rule.groups.get(key, said)
            assert not OF_USERS.search(told), f"{rule.id}: groups lacks {key} ({told})"


@pytest.mark.parametrize("broken", ["", 'broken = ""\n', 'broken = "A user is read by id."\n'])
def test_a_requirement_without_such_a_sentence_does_not_load(tmp_path: Path, broken: str) -> None:
    (tmp_path / "mine.toml").write_text(f'authority = "mine"\n[mine-read]\n{RULE}{broken}')
    with pytest.raises(CatalogError, match=r"mine\.toml: \[mine-read\] lacks broken"):
        read_requirements(tmp_path)


def test_words_for_groups_are_told_only_where_there_are_some() -> None:
    row = requirement(CATALOG.requirements["okta-punctuation-accepted"])
    assert row["broken"].startswith("A user whose name")
    assert row["groups"]["broken"].startswith("A group whose name")
    assert "groups" not in requirement(CATALOG.requirements["okta-create-answered"])


def test_words_for_groups_are_checked(tmp_path: Path) -> None:
    more = 'broken = "A user cannot be read."\ngroups = { title = "x" }\n'
    (tmp_path / "mine.toml").write_text(f'authority = "mine"\n[mine-read]\n{RULE}{more}')
    with pytest.raises(CatalogError, match="groups has title; it can have broken, admin and then"):
        read_requirements(tmp_path)
