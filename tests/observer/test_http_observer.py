"""The described interface: read within its limits, told in words, and what goes wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest

from scimproof.core.definitions import Question
from scimproof.core.errors import CannotTell, UsageError
from scimproof.embedded.bitwarden import ORGANIZATION
from scimproof.embedded.bitwarden.app import Bitwarden
from scimproof.embedded.bitwarden.options import ServerOptions
from scimproof.observer.descriptions import descriptions
from scimproof.observer.http_observer import ID, SECRET, RequestPace, make_http_observer
from scimproof.observer.protocol import ObserverUnavailable
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.bitwarden.client import Client
from tests.bitwarden.playing import BASE, CREDENTIALS, KEY, catalog, public_api
from tests.matrix.inprocess import Served

BITWARDEN = descriptions(catalog().root)["bitwarden"]


def words(observer: Any, about: str, id: str) -> Any:
    return observer.ask(Question(about, id, ""), time.sleep).words


def test_from_invited_to_accepted_to_confirmed() -> None:
    at = Client()
    observer, id = public_api(at.app), at.user("ada@example.com")
    seen = []
    for step in ("", "accept", "confirm"):
        if step:
            at.raw("POST", f"/hooks/members/{id}/{step}", b"{}", {"Content-Type": "application/json"})
        told = words(observer, "user", id)
        seen.append((told["status"], told["canLogIn"]))
        assert at.get(f"/Users/{id}").json["active"] is True, "SCIM cannot tell these apart"
    assert seen == [("invited", False), ("accepted", False), ("confirmed", True)]
    assert words(observer, "user-events", id) == {"events": ["confirmed", "invited"]}
    at.set_active(id, active=False)
    told = words(observer, "user", id)
    assert (told["status"], told["canLogIn"]) == ("revoked", False)
    at.delete(f"/Users/{id}")
    assert words(observer, "user", id) is None


def test_an_event_log_is_read_over_its_pages() -> None:
    at = Client()
    first = at.user("first@example.com")
    for number in range(120):
        at.user(f"user{number}@example.com")
    told = public_api(at.app).ask(Question("user-events", first, ""), time.sleep)
    assert told.words == {"events": ["invited"]}
    assert len(told.read) == 3


def test_no_more_is_read_in_a_minute_than_is_allowed() -> None:
    now = [0.0]
    pace = RequestPace(3, clock=lambda: now[0])
    assert [pace.due() for _ in range(3)] == [0, 0, 0]
    now[0] = 20.0
    assert pace.due() == 40.0
    now[0] = 60.0
    assert pace.due() == 0
    assert BITWARDEN.per_minute < 200


def test_a_429_is_waited_out_as_it_says() -> None:
    app = Bitwarden(key=KEY, knobs=ServerOptions(reads_per_minute=0))
    waits: list[float] = []
    with pytest.raises(ObserverUnavailable, match="429"):
        public_api(app).ask(Question("user", "x", ""), waits.append)
    assert waits == [60, 60]


@pytest.mark.parametrize(
    ("scim", "token", "api"),
    [
        (
            "https://scim.bitwarden.eu/v2/x",
            "https://identity.bitwarden.eu/connect/token",
            "https://api.bitwarden.eu",
        ),
        ("https://v.example/scim/v2/x", "https://v.example/identity/connect/token", "https://v.example/api"),
        ("http://127.0.0.1:1/v2/x", "http://127.0.0.1:1/connect/token", "http://127.0.0.1:1"),
        ("https://scim.bitwarden.com.evil.example/v2/x", None, None),
        ("http://127.0.0.1.evil.example/v2/x", None, None),
    ],
)
def test_where_it_is_follows_from_the_scim_url(scim: str, token: str | None, api: str | None) -> None:
    assert BITWARDEN.place(scim) == ((token, api) if token else None)


def test_what_cannot_work_is_said_before_anything_is_sent() -> None:
    target = Target(BASE, Bearer(KEY))
    with pytest.raises(UsageError, match=f"needs {ID} and {SECRET}"):
        make_http_observer(BITWARDEN, target, {})
    with pytest.raises(UsageError, match="token_url and url"):
        make_http_observer(BITWARDEN, Target("https://host/other", Bearer(KEY)), CREDENTIALS)
    with pytest.raises(UsageError, match="must be https"):
        make_http_observer(
            BITWARDEN, Target(f"http://vault.example/scim/v2/{ORGANIZATION}", Bearer(KEY)), CREDENTIALS
        )


def test_a_wrong_secret_is_told_before_the_run_with_what_to_check() -> None:
    app = Bitwarden(key=KEY)
    wrong = {**CREDENTIALS, SECRET: "not-the-secret"}
    observer = make_http_observer(BITWARDEN, Target(BASE, Bearer(KEY)), wrong, over=Served(app))
    with pytest.raises(CannotTell, match=f"invalid_client; check {ID} and {SECRET}"):
        observer.ready()
    assert "not-the-secret" in observer.secrets()
