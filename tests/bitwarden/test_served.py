"""`scimproof serve --as bitwarden`: as a process, on the command line, and under many requests at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from scimproof.embedded.bitwarden import CLIENT_ID, CLIENT_SECRET, ORGANIZATION
from scimproof.embedded.bitwarden.options import ServerOptions
from scimproof.embedded.server import Served
from tests.bitwarden.client import Client, person
from tests.waiting import HANG


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scimproof", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)


def test_served_as_a_process_with_its_knobs_and_faults() -> None:
    started = Served(product="bitwarden", knobs=["hosting=self", "seats=1"], faults=["challenge-401"])
    with started as served, httpx2.Client(trust_env=False) as client:
        assert served.base_url.endswith(f"/scim/v2/{ORGANIZATION}")
        refused = client.get(f"{served.base_url}/Users")
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        client.headers["Authorization"] = f"Bearer {served.token}"
        assert client.get(f"{served.base_url}/Users").json()["totalResults"] == 1
        full = client.post(f"{served.base_url}/Users", json=person("ada@example.com"))
        assert full.json()["detail"] == "Cannot autoscale on self-hosted instance."
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "scope": "api.organization"}
        where = served.base_url.partition("/scim/")[0]
        granted = client.post(f"{where}/identity/connect/token", data=form | {"client_secret": CLIENT_SECRET})
        assert granted.status_code == 200


def test_a_key_that_bitwarden_could_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIMPROOF_TOKEN", "k" * 31)
    ran = serve("--as", "bitwarden", "--port", "0")
    assert (ran.returncode, "31 characters" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--with", "seat=3"), "did you mean 'seats'?"),
        (("--with", "seats"), "KEY=VALUE"),
        (("--with", "seats=many"), "a number from 0 on"),
        (("--with", "era=old"), "one of pre2025, preDec2025, preFeb2026, preMay2026, current"),
        (("--with", "scim=perhaps"), "yes or no"),
        (("--fault", "member-ignored"), "did you mean 'members-ignored'?"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(arguments: tuple[str, ...], expected: str) -> None:
    ran = serve("--as", "bitwarden", *arguments)
    assert ran.returncode == 2
    assert expected in ran.stderr
    assert "Traceback" not in ran.stderr


def test_each_product_has_its_own_faults_and_knobs() -> None:
    assert "member-remove-ignored" in serve("--as", "bitwarden", "--list-faults").stdout
    assert "member-remove-ignored" not in serve("--list-faults").stdout
    assert {line.split()[0] for line in serve("--as", "bitwarden", "--list-knobs").stdout.splitlines()} == {
        name.replace("_", "-") for name in ServerOptions.__dataclass_fields__
    }
    refused = serve("--with", "seats=3")
    assert refused.returncode == 2
    assert "has nothing to set up" in refused.stderr


def test_of_many_creates_at_once_one_is_accepted_and_no_seat_is_given_twice() -> None:
    at = Client(seats=20, autoscale="no")
    with ThreadPoolExecutor(max_workers=16) as pool:
        same = list(pool.map(lambda _: at.post("/Users", person("ada@example.com")).status, range(50)))
        assert sorted(same) == [201] + [409] * 49
        others = pool.map(lambda n: at.post("/Users", person(f"user{n}@example.com")).status, range(60))
        assert sorted(others) == [201] * 18 + [400] * 42
    assert at.get("/Users").json["totalResults"] == 20


def test_members_join_and_leave_at_once_and_none_is_lost() -> None:
    at = Client()
    ids = [at.user(f"user{number}@example.com") for number in range(40)]
    group = at.group("Staff", *ids[:20])

    def change(number: int) -> int:
        id = ids[number]
        leave = {"op": "remove", "path": f'members[value eq "{id}"]'}
        join = {"op": "add", "path": "members", "value": [{"value": id}]}
        return at.patch(f"/Groups/{group}", leave if number < 20 else join).status

    with ThreadPoolExecutor(max_workers=16) as pool:
        assert set(pool.map(change, range(40))) == {204}
    assert at.in_group(group) == set(ids[20:])
