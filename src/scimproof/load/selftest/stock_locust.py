"""Stock Locust against one URL, as its documentation has it.

Run as `python -m scimproof.load.selftest.stock_locust URL`.
Ten users at twenty requests a second each; prints its own percentiles as one line of JSON. Never imported
by anything else: importing Locust replaces sockets and locks in the whole process.
"""

from __future__ import annotations

import json
import sys

import locust  # noqa: F401 - first of all, because it replaces what the others import
from locust import FastHttpUser, constant_throughput, task
from locust.env import Environment

from scimproof.load.greenlets import sleep

USERS, EACH = 10, 20.0


class Stock(FastHttpUser):
    """Locust user as most people write it."""

    wait_time = constant_throughput(EACH)

    @task
    def get(self) -> None:
        self.client.get("/Users", name="GET /Users")


def main() -> None:
    """`control URL SECONDS`."""
    url, seconds = sys.argv[1], float(sys.argv[2])
    environment = Environment(user_classes=[Stock], host=url)
    runner = environment.create_local_runner()
    runner.start(USERS, spawn_rate=USERS)
    sleep(seconds)
    runner.quit()
    total = environment.stats.total
    percentiles = {
        f"p{name}": total.get_response_time_percentile(float(name) / 100)
        for name in ("50", "90", "95", "99", "99.9")
    }
    print(json.dumps({"sent": total.num_requests, **percentiles}))  # noqa: T201 - its one line of result


if __name__ == "__main__":
    main()
