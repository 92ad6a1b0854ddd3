"""What a capture is as load: which requests are one arrival, when, and what is left out."""

from __future__ import annotations

from collections import Counter

import pytest

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.errors import UsageError
from scimproof.load.plan.names import planned
from scimproof.load.recording.traffic import CHAIN, TOLD, RecordedTraffic, read_traffic
from tests.load.recording.recorded import BEGAN, OktaTenant, Recorded

CREATE, UPDATE, DEACTIVATE = (f"okta.oin.user.{verb}" for verb in ("create", "update", "deactivate"))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def traffic(recorded: Recorded, sender: str = "") -> RecordedTraffic:
    return read_traffic(recorded.exchanges, recorded.catalog, recorded.look, planned, sender=sender)


def test_each_deciding_write_arrives_at_its_own_moment(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    user = tenant.create(1)
    tenant.update(5.5)
    tenant.deactivate(7.25, user)
    found = traffic(recorded)
    # The first request, a search, was at 0.9 s.
    assert found.began == BEGAN + 0.9
    assert found.played == [(100, CREATE), (4600, UPDATE), (6350, DEACTIVATE)]
    assert (found.sender, found.requests, found.seconds) == ("okta", 5, 7)
    assert found.stood_for == {CREATE: 2, UPDATE: 2, DEACTIVATE: 1}
    assert not found.left_out


def test_what_one_sequence_sends_is_one_arrival(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    user = tenant.create(1)
    recorded.send(1.2, "okta/both/user-get.http", user, {"id": user["user.id"]})
    group = {"group.id": "g", "group.displayName": "Sales"}
    empty = {"totalResults": 0, "Resources": []}
    recorded.send(10, "okta/both/group-find.http", group, empty)
    answer = {"id": "g", "displayName": "Sales"}
    recorded.send(10.1, "okta/both/group-create-empty.http", group, answer, status=201)
    recorded.send(10.2, "okta/oin/group-same-name.http", group, answer)
    people = {"user.id": "a", "user.userName": "a@x", "other.id": "b", "other.userName": "b@x"}
    recorded.send(10.3, "okta/oin/group-replace-members.http", group | people, answer)
    for number in range(3):
        at = 20 + number
        recorded.send(at, "okta/both/users-page.http", {"startIndex": str(number * 100 + 1)}, empty)
    found = traffic(recorded)
    assert [id for _, id in found.played] == [CREATE, "okta.oin.group.push", "okta.oin.user.import"]
    assert found.stood_for == {CREATE: 3, "okta.oin.group.push": 4, "okta.oin.user.import": 3}
    assert not found.left_out


def test_batches_of_one_group_are_one_arrival_and_those_of_two_groups_are_two(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    for number, group in enumerate(("g", "g", "h")):
        file = f"okta/oin/group-add-batch-{number % 2 + 1}.http"
        rules = {f"batch-{number % 2 + 1}": [{"value": "a", "display": "a@x"}]}
        recorded.send(number, file, {"group.id": group}, rules=rules)
    assert [id for _, id in traffic(recorded).played] == ["okta.oin.group.large"] * 2


def test_what_comes_long_after_begins_anew(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    for at in (0, 0.5, CHAIN + 1):
        member = {"group.id": "g", "user.id": f"u{at}", "user.userName": f"u{at}"}
        recorded.send(at, "okta/oin/group-add-member.http", member)
    assert [ms for ms, _ in traffic(recorded).played] == [0, round(CHAIN * 1000) + 1000]


def test_a_read_between_belongs_to_its_own_resource(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    one, other = tenant.someone(), tenant.someone()
    recorded.send(0, "okta/both/user-get.http", one, {"id": one["user.id"]})
    tenant.update(0.2, other)
    found = traffic(recorded)
    assert found.stood_for == {UPDATE: 2}
    assert list(found.left_out.values()) == [1]
    assert "(OKTA-08)" in next(iter(found.left_out))


def test_what_no_sequence_stands_for_is_counted(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    tenant.create(1)
    recorded.send(2, "okta/oin/user-deactivate.http", tenant.someone(), status=429)
    recorded.send(3, "entra/default/user-disable.http", tenant.someone())
    recorded.send(4, "okta/oin/user-deactivate.http", tenant.someone())
    recorded.disguise()
    found = traffic(recorded)
    assert sum(found.left_out.values()) + sum(found.stood_for.values()) == found.requests == 5
    assert sorted(found.left_out) == [
        "requests answered 429, which come again",
        "requests of Microsoft Entra ID",
        "requests that none of the known senders sends",
    ]


def test_the_sender_that_is_named_is_played(catalog: Catalog) -> None:
    recorded = Recorded(catalog)
    tenant = OktaTenant(recorded)
    tenant.create(1)
    recorded.send(3, "entra/default/user-disable.http", tenant.someone())
    assert traffic(recorded, sender="entra").played == [(2100, "entra.default.user.disable")]
    assert [id for _, id in traffic(recorded).played] == [CREATE]


def test_the_kind_of_app_decides_between_sequences_of_one_request(catalog: Catalog) -> None:
    for dialect in ("okta.oin", "okta.aiw"):
        recorded = Recorded(catalog, dialect)
        OktaTenant(recorded).update(1)
        assert [id for _, id in traffic(recorded).played] == [f"{dialect}.user.update"]


def test_a_capture_without_anything_to_play_is_refused_in_words(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    with pytest.raises(UsageError, match="no exchange is in it"):
        traffic(recorded)
    recorded.send(0, "okta/both/user-get.http", OktaTenant(recorded).someone())
    with pytest.raises(UsageError, match="no sequence stands for any of its requests: 1 x "):
        traffic(recorded)


def test_the_order_of_the_lines_does_not_matter(catalog: Catalog) -> None:
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    users = [tenant.someone() for _ in range(40)]
    for number in range(3000):
        tenant.update(number * 0.05 + 0.1 + number // 40 * 40, users[number % 40])
    recorded.exchanges.reverse()  # lines come in the order in which exchanges ended
    found = traffic(recorded)
    assert Counter(id for _, id in found.played) == {UPDATE: 3000}
    assert found.stood_for == {UPDATE: 6000}


def test_progress_is_told_while_it_is_read(catalog: Catalog) -> None:
    recorded, heard = Recorded(catalog), list[int]()
    tenant = OktaTenant(recorded)
    user = tenant.someone()
    for number in range(TOLD * 2):
        tenant.deactivate(number, user)
    read_traffic(recorded.exchanges, catalog, recorded.look, planned, tell=heard.append)
    assert heard == [TOLD, TOLD * 2]
