"""Stock Locust users that send the same create and ask the same of the answer, as people write it."""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
from typing import Any

import locust  # noqa: F401 - first of all, because it replaces what the others import
from locust import FastHttpUser, HttpUser, User, constant, task
from locust.env import Environment

HEADERS = {
    "Accept": "application/scim+json",
    "Accept-Charset": "utf-8",
    "Content-Type": "application/scim+json; charset=utf-8",
    "User-Agent": "Okta SCIM Client 1.0.0",
    "Authorization": "Bearer bench",
}
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
NUMBERS = itertools.count()


def body() -> dict[str, Any]:
    """A user whom nobody else creates."""
    number = next(NUMBERS)
    name = f"scimproof-benchlcs.0x{number:x}a.pat.example@example.com"
    return {
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Pat", "familyName": "Example"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Pat Example",
        "locale": "en-US",
        "externalId": f"00u{number:017x}",
        "groups": [],
        "password": "aB3dE6gH",
        "active": True,
    }


def create(client: Any) -> None:
    """The request with its checks."""
    sent = body()
    with client.post("/Users", json=sent, headers=HEADERS, name="POST /Users", catch_response=True) as answer:
        found = answer.json()
        if answer.status_code != 201 or USER not in found["schemas"] or not found["id"]:
            answer.failure("not created")
        if found["userName"].casefold() != sent["userName"] or found["active"] is not True:
            answer.failure("not as sent")


class Fast(FastHttpUser):
    """FastHttpUser."""

    wait_time = constant(0)

    @task
    def create(self) -> None:
        create(self.client)


class Plain(HttpUser):
    """HttpUser."""

    wait_time = constant(0)

    @task
    def create(self) -> None:
        create(self.client)


KINDS: dict[str, type[User]] = {"FastHttpUser": Fast, "HttpUser": Plain}


def main() -> None:
    """`locust_users KIND URL USERS SECONDS`: one line of JSON with requests, CPU seconds, resident KiB."""
    kind, url, users, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    environment = Environment(user_classes=[KINDS[kind]], host=url)
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=users)
    time.sleep(0.5)
    before, cpu = environment.stats.total.num_requests, time.process_time()
    time.sleep(seconds)
    requests, cpu = environment.stats.total.num_requests - before, time.process_time() - cpu
    failed = environment.stats.total.num_failures
    runner.quit()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"requests": requests, "cpu": cpu, "failed": failed, "peak": peak}))


if __name__ == "__main__":
    main()
