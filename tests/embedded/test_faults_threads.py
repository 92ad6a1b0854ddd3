"""What is kept between requests, by the targets and their faults, while many of them are served at once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest

from scimproof.embedded.app import Application
from scimproof.embedded.bitwarden.faults.behaviour import FAULTS as BITWARDEN
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import FAULTS, UNSEEN
from tests.bitwarden.client import Client as At
from tests.embedded.client import GROUP, Client, member, person
from tests.matrix.varieties import VARIETIES

TOKEN = "secret-token"
THREADS, ROUNDS = 4, 2
HURRIED = {"writes_per_second": 10_000, "writes_per_minute": 10_000, "reads_per_minute": 10_000}
KNOWN = (*FAULTS.values(), *UNSEEN.values(), *VARIETIES)


def life(client: Client, name: str) -> None:
    """A user and a group from create to delete, looked up, changed and listed on the way."""
    user = str(client.send("POST", "/Users", person(name)).body.get("id", "none"))
    put = {"schemas": [GROUP], "displayName": name, "members": [member(user)]}
    group = str(client.send("POST", "/Groups", put).body.get("id", "none"))
    client.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [member(user)]})
    client.find("Users", "userName", name)
    client.merge(f"/Users/{user}", displayName="Other")
    client.patch(f"/Users/{user}", {"op": "replace", "value": {"active": False}})
    client.patch(f"/Users/{user}", {"op": "replace", "value": {"active": True}})
    client.send("GET", f"/Users/{user}")
    client.send("GET", "/Users?startIndex=1&count=100")
    client.send("DELETE", f"/Groups/{group}")
    client.send("GET", f"/Users/{user}")


@contextmanager
def eager() -> Iterator[None]:
    """Threads change places after every few instructions, as they would in a million requests."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def together(act: Callable[[int], None]) -> list[BaseException]:
    """What was raised by doing it in several threads at once."""
    raised: list[BaseException] = []

    def run(place: int) -> None:
        try:
            act(place)
        except BaseException as problem:  # noqa: BLE001 - a thread's end tells nobody
            raised.append(problem)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(THREADS)]
    with eager():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return raised


def keeps(fault: Fault) -> bool:
    """Whether it kept anything of one life."""
    app = Application(TOKEN, [fault], 0.0)
    life(Client(app), "first")
    return any(memory for _, memory in (*app._edge, *app._core))


def hold(keepers: Iterable[Fault]) -> None:
    """Each of them, while lives go on in several threads at once."""
    for fault in keepers:
        app = Application(TOKEN, [fault], 0.0)

        def act(place: int, app: Application = app) -> None:
            for round_ in range(ROUNDS):
                life(Client(app), f"user{place}x{round_}")

        assert together(act) == [], fault.name


# One of each group of faults in which any keeps something between requests.
KEEPERS = {
    "parallel-creates-crosstalk", "second-cycle-400", "delete-name-stays-taken", "lookup-keeps-old-name",
    "group-member-stored-twice", "ids-are-digits", "list-unstable-order", "stale-reads-3s",
    "old-username-stays-taken", "creates-capped", "id-is-number", "password-listed", "patch-active-leaks",
    "list-shows-first-profile", "freed-name-old-profile", "third-update-lost", "leaver-email-to-next",
    "list-row-stays", "group-add-takes-place", "joiner-inherits-groups",
}  # fmt: skip


def test_of_each_kind_a_fault_that_keeps_something_holds_when_many_requests_are_served_at_once() -> None:
    keepers = [fault for fault in KNOWN if fault.name in KEEPERS]
    assert all(keeps(fault) for fault in keepers)
    hold(keepers)


@pytest.mark.nightly
def test_all_faults_that_keep_something_do_so() -> None:
    keepers = [fault for fault in KNOWN if keeps(fault)]
    assert {f.group for f in keepers} == {f.group for f in keepers if f.name in KEEPERS}
    hold(keepers)


AT_WORK = {"events-lost", "external-id-forgotten", "duplicates-created", "revoked-restored-by-create"}


def organization_life(client: At, name: str) -> None:
    """The same of a member, with everything that is asked and done beside SCIM; every token is good."""
    made = client.post("/Users", person(f"{name}@example.com"))
    id = str(made.json.get("id", "none")) if made.status < 300 else "none"
    group = client.group(name, id)
    client.set_active(id, active=False)
    client.set_active(id, active=True)
    client.get("/Users", filter=f'userName eq "{name}@example.com"')
    client.get("/Groups")
    assert [client.public(path).status for path in ("/members", "/groups", "/events")] == [200] * 3
    client.hook(f"/members/{id}/resend")
    client.hook("/mail", method="GET")
    client.hook("/settings", {"seats": 500}, method="PATCH")
    client.delete(f"/Groups/{group}")
    client.delete(f"/Users/{id}")


@pytest.mark.parametrize(
    "fault",
    [
        "",
        *(
            pytest.param(name, marks=() if name in AT_WORK else pytest.mark.nightly)
            for name in sorted(BITWARDEN)
        ),
    ],
)
def test_the_embedded_bitwarden_holds_when_many_requests_are_served_at_once(fault: str) -> None:
    shared = At(*([fault] if fault else []), **HURRIED)

    def act(place: int) -> None:
        client = At()
        client.app = shared.app
        for round_ in range(2):
            organization_life(client, f"user{place}x{round_}")

    assert together(act) == []


def test_no_token_is_forgotten_while_others_are_issued() -> None:
    shared = At(**HURRIED)
    tokens: list[str] = []
    assert together(lambda _: tokens.extend(shared.token() for _ in range(8))) == []
    answers = (shared.raw("GET", "/public/groups", b"", {"Authorization": f"Bearer {t}"}) for t in tokens)
    assert [answer.status for answer in answers] == [200] * 8 * THREADS
