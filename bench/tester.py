"""Runs scim2-tester's checks against a server and prints what came of it; lives in the bench environment."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server


def main() -> None:
    """`python tester.py URL TOKEN`: one line of JSON with checks, requests and seconds."""
    url, token = sys.argv[1:]
    requests: list[object] = []
    hooks = {"request": [requests.append]}
    with Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, event_hooks=hooks) as http:
        started = time.monotonic()
        results = check_server(SyncSCIMClient(http))
        seconds = time.monotonic() - started
    statuses = Counter(result.status.name for result in results)
    wrong = sorted(
        {f"{r.title} {r.resource_type}" for r in results if r.status.name in ("ERROR", "CRITICAL")}
    )
    told = {"checks": len(results), "requests": len(requests), "seconds": seconds, "wrong": wrong}
    print(json.dumps(told | dict(statuses)))


if __name__ == "__main__":
    main()
