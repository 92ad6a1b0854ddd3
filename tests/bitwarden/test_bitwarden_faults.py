"""Each fault of the embedded Bitwarden changes what it says, and is seen where it should be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from scimproof.embedded.bitwarden.app import Bitwarden
from scimproof.embedded.bitwarden.faults.behaviour import FAULTS
from scimproof.embedded.bitwarden.quirks import Quirk, quirks
from tests.bitwarden import client
from tests.bitwarden.client import Client, person
from tests.bitwarden.test_quirks import proof


def broken_by(fault: str, monkeypatch: pytest.MonkeyPatch) -> list[Quirk]:
    """The quirks that are not shown any more where this fault is."""

    def build(*, faults: tuple[str, ...] = (), **settings: object) -> Bitwarden:
        return Bitwarden(faults=[fault, *faults], **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(client, "Bitwarden", build)
    return [quirk for quirk in quirks() if _broken(proof(quirk.name.replace("-", "_")))]


def _broken(shows: Callable[[], None]) -> bool:
    try:
        shows()
    except (
        AssertionError,
        LookupError,
        TypeError,
        ValueError,
    ):  # what is read from an answer that is another
        return True
    return False


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen_by_the_proofs(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_by(fault, monkeypatch)
    assert broken
    assert len(broken) < len(quirks()) / 2, "it is one change, not another server"
    if FAULTS[fault].mends:
        assert FAULTS[fault].mends in {quirk.deviation for quirk in broken}


def test_without_a_fault_nothing_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "Bitwarden", partial(Bitwarden))
    assert not [quirk.name for quirk in quirks() if _broken(proof(quirk.name.replace("-", "_")))]


def test_deactivations_and_reactivations_that_are_not_done() -> None:
    at = Client("deactivate-ignored")
    id = at.user()
    assert at.set_active(id, active=False).status == 204
    assert (at.active(id), at.status(id)) == (True, 0)
    at = Client("reactivate-ignored")
    id = at.user()
    at.set_active(id, active=False)
    assert at.set_active(id, active=True).status == 204
    assert at.status(id) == -1


def test_somebody_revoked_in_name_only_is_seen_by_the_public_api_alone() -> None:
    at = Client("revoked-in-name-only")
    id = at.user()
    at.join(id)
    assert at.set_active(id, active=False).status == 204
    assert not at.active(id)
    assert not at.listed("Users", filter='userName eq "ada@example.com"')[0]["active"]
    assert at.status(id) == 2
    at.set_active(id, active=True)
    assert at.active(id)


def test_members_of_groups_that_are_not_as_scim_was_answered() -> None:
    for fault, expected in (
        ("members-ignored", set()),
        ("member-remove-ignored", {"ada", "eve"}),
        ("members-dropped-on-rename", set()),
    ):
        at = Client(fault)
        ids = {name: at.user(f"{name}@example.com") for name in ("ada", "eve")}
        group = at.group("Staff", *ids.values())
        if fault == "members-dropped-on-rename":
            assert at.in_group(group) == set(ids.values())
            change = {"op": "replace", "value": {"id": group, "displayName": "Other"}}
        else:
            change = {"op": "remove", "path": f'members[value eq "{ids["ada"]}"]'}
        assert at.patch(f"/Groups/{group}", change).status == 204
        assert at.in_group(group) == {ids[name] for name in expected}, fault


def test_a_second_create_that_is_not_refused() -> None:
    at = Client("duplicates-created")
    at.user()
    assert at.post("/Users", person("ada@example.com")).status == 201
    assert at.get("/Users").json["totalResults"] == 3
    at = Client("revoked-restored-by-create")
    id = at.user()
    at.set_active(id, active=False)
    again = at.post("/Users", person("ada@example.com"))
    assert (again.status, again.json["id"], again.json["active"]) == (201, id, True)
