"""Which sequence stands for a recorded request: the catalogue's own steps and the sender's plans decide."""

from __future__ import annotations

import pytest

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.load.plan.names import planned
from scimproof.load.recording.stand_ins import ANY, StandIns, kind_of


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def stand_in(catalog: Catalog, template: str, dialect: str) -> str:
    sender = template.partition("/")[0]
    found = StandIns(catalog, catalog.senders[sender], planned(sender), dialect).of(
        catalog.templates[template]
    )
    return found.id if found else ""


@pytest.mark.parametrize(
    ("template", "dialect", "sequence"),
    [
        ("okta/both/user-create.http", "okta.oin", "okta.oin.user.create"),
        ("okta/both/user-create.http", "okta.aiw", "okta.aiw.user.create"),
        ("okta/both/user-put-profile.http", "okta.aiw", "okta.aiw.user.update"),
        # Of the same operation as an update that plans play, and of none of its own.
        ("okta/both/user-put-several.http", "okta.oin", "okta.oin.user.update"),
        ("okta/oin/group-add-member.http", "okta.oin", "okta.oin.group.add-member"),
        ("okta/oin/group-remove-member.http", "okta.oin", "okta.oin.group.remove-member"),
        ("okta/oin/group-remove-and-add.http", "okta.oin", "okta.oin.group.remove-and-add"),
        ("okta/oin/group-add-batch-2.http", "okta.oin", "okta.oin.group.large"),
        ("okta/both/users-page.http", "okta.oin", "okta.oin.user.import"),
        ("entra/both/user-create.http", "entra.default", "entra.both.user.create"),
        ("entra/default/user-disable.http", "entra.default", "entra.default.user.disable"),
        ("entra/flag/user-disable.http", "entra.flag", "entra.flag.user.disable"),
        ("entra/default/user-tombstone.http", "entra.default", "entra.default.user.soft-delete"),
        ("entra/both/users-test.http", "entra.default", "entra.both.connect-groups"),
        # A lone search or read of one resource is nothing that an administrator does.
        ("okta/both/user-find.http", "okta.oin", ""),
        ("entra/both/user-get.http", "entra.default", ""),
    ],
)
def test_the_sequence_that_is_about_it_stands_for_a_request(
    template: str, dialect: str, sequence: str, catalog: Catalog
) -> None:
    assert stand_in(catalog, template, dialect) == sequence


@pytest.mark.parametrize("dialect", ["okta.oin", "okta.aiw", "entra.default", "entra.flag"])
def test_every_write_of_a_planned_sequence_has_a_stand_in_of_its_sender(
    dialect: str, catalog: Catalog
) -> None:
    sender = dialect.partition(".")[0]
    plans = planned(sender)
    made = StandIns(catalog, catalog.senders[sender], plans, dialect)
    for id in plans:
        for step in catalog.sequences[id].unattended:
            template = catalog.templates[step.request]
            if not step.given and template.method not in ("GET", "HEAD"):
                found = made.of(template)
                assert found, (id, step.id)
                assert found.id.startswith(f"{sender}.")


def test_a_playing_covers_what_it_sends_itself_and_no_preparing_write(catalog: Catalog) -> None:
    made = StandIns(catalog, catalog.senders["okta"], planned("okta"), "okta.oin")
    create, find, page = (
        kind_of(catalog.templates[f"okta/both/{name}.http"])
        for name in ("user-create", "user-find", "users-page")
    )
    covered = made.covered(catalog.sequences["okta.oin.user.create"])
    assert (covered[create], covered[find]) == (1, 2)
    assert not made.covered(catalog.sequences["okta.oin.user.deactivate"])[create]
    assert made.covered(catalog.sequences["okta.oin.user.import"])[page] >= ANY
