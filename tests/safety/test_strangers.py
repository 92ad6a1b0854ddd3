"""What the run did not create is never touched, whatever the target answers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from tests.engine.kit import TOKEN, Recording, play, recording

USERS, GROUPS = 400, 100
FEW_USERS, FEW_GROUPS = 60, 12  # more than are walked past, for what does not depend on how many there are
# Where all is not needed: each kind of write, and each way to come by an id.
SOME = (
    "okta.oin.user.create-existing",
    "okta.oin.user.update",
    "okta.oin.user.rename",
    "okta.oin.user.link",
    "okta.oin.user.deactivate",
    "okta.aiw.user.reassign",
    "okta.aiw.user.renamed-trap",
    "okta.oin.group.push",
    "okta.oin.group.link",
    "okta.oin.group.delete",
    "okta.aiw.group.push",
    "okta.aiw.group.link",
    "okta.spec",
)
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
# Names that look like a run's own, some of them down to the last character but one.
ALIKE = [
    "scimproof@example.com",
    "scimproof-admins@example.com",
    "scimproof-abcdefgh@example.com",
    "scimproof-abcdefgh.0a1b2c.kim.boss@example.com",
    "SCIMPROOF-ABCDEFGH.0A1B2C.PAT@EXAMPLE.COM",
    "not.scimproof-abcdefgh.0a1b2c@example.com",
    "o'neil.scimproof+okta@example.com",
]


def populate(target: Recording, users: int = FEW_USERS, groups: int = FEW_GROUPS) -> dict[str, list[Any]]:
    """Fill the store with people and groups that are nobody's business; gives what GETs show of them."""
    for number in range(users):
        name = ALIKE[number] if number < len(ALIKE) else f"user{number}@example.com"
        body = {"schemas": [USER], "userName": name, "active": number % 7 > 0, "externalId": f"00u{number}"}
        target.ask("POST", "/Users", body)
    ids = [user["id"] for user in target.everything()["Users"]]
    for number in range(groups):
        name = f"scimproof-abcdefgh.0a1b2c Group {number}" if number < 5 else f"Group {number}"
        members = [{"value": id} for id in ids[number : number + 3]]
        target.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": members})
    return target.everything()


class Confused:
    """Answers a create with the id of somebody who was there before, name and all else as sent."""

    def __init__(self, app: Any) -> None:
        self._app, self.strangers = app, {"Users": itertools.cycle([""]), "Groups": itertools.cycle([""])}

    def __call__(self, environ: dict[str, Any], start: Callable[..., None]) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(self._app(environ, lambda *answer: told.append(answer)))
        status, headers = told[0][:2]
        kind = environ["PATH_INFO"].rpartition("/")[2]
        stranger = next(self.strangers[kind]) if kind in self.strangers else ""
        if environ["REQUEST_METHOD"] == "POST" and status.startswith("201") and stranger:
            body = json.dumps({**json.loads(body), "id": stranger}).encode()
            headers = [(name, value) for name, value in headers if name != "Content-Length"]
        start(status, headers)
        return [body]


@pytest.mark.parametrize(
    "fault",
    [
        "filter-users-ignored",
        "filter-groups-ignored",
        "create-id-differs",
        "create-answers-id-only",
    ],
)
def test_strangers_stay_byte_for_byte(fault: str) -> None:
    with recording(build(token=TOKEN, faults=[fault])) as target:
        before = populate(target)
        _, report = play(target.url, *SOME)
        after = target.everything()
    assert json.dumps(after) == json.dumps(before)
    assert report["ledger"]["left"] == []
    assert report["ledger"]["created"] == report["ledger"]["removed"] > 0


@pytest.mark.parametrize("wanted", [SOME, pytest.param((), marks=pytest.mark.nightly)], ids=["some", "all"])
def test_five_hundred_strangers_stay_byte_for_byte_whatever_is_played(wanted: tuple[str, ...]) -> None:
    with recording() as target:
        before = populate(target, USERS, GROUPS)
        _, report = play(target.url, *wanted)
        after = target.everything()
    assert len(before["Users"]) + len(before["Groups"]) == USERS + GROUPS
    assert json.dumps(after) == json.dumps(before)
    assert report["ledger"]["left"] == []
    assert report["ledger"]["created"] == report["ledger"]["removed"] > 0


@pytest.mark.parametrize("confused", ["Users", "Groups"])
def test_an_id_of_somebody_else_is_not_believed(confused: str) -> None:
    app = Confused(build(token=TOKEN))
    with recording(app) as target:
        before = populate(target)
        app.strangers[confused] = itertools.cycle([str(one["id"]) for one in before[confused][:40]])
        _, report = play(target.url, *SOME)
        app.strangers[confused] = itertools.cycle([""])
        after = target.everything()
    assert json.dumps(after) == json.dumps(before)
    assert report["ledger"]["left"] == []
    refused = [f for f in report["findings"] if "not sent: " in f["observed"]]
    assert refused
    assert {finding["verdict"] for finding in refused} == {Verdict.INCONCLUSIVE}
