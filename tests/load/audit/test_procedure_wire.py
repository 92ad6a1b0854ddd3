"""The same over sockets, with the embedded target as a process of its own."""

from __future__ import annotations

from pathlib import Path

from scimproof.cleanup.ledger import Ledger
from scimproof.embedded.server import Served
from scimproof.load.audit.procedure import audit
from scimproof.load.audit.readback import Readback
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.launch.cleanup import LoadCleanup
from scimproof.load.plan.identities import UnscheduledIdentities
from scimproof.load.unscheduled.prefill import Prefill
from scimproof.load.unscheduled.races import Races
from scimproof.load.unscheduled.recorded_requests import RecordedRequests
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.load.audit.bench import PREFIX, catalog, sorts


def test_lost_creates_and_updates_and_duplicates_at_once(tmp_path: Path) -> None:
    faults = ("drop-one-create-in-fifty", "lost-membership-updates", "duplicate-under-race")
    with Served(faults=faults) as served:
        target = Target(served.base_url, Bearer(served.token), embedded=True)
        transport = HttpTransport(target)
        ledger, book = Ledger(tmp_path / "ledger.jsonl", target.url, PREFIX), WriteLog()
        fixed = {"base": target.base, "host": target.host_header, "prefix": PREFIX}
        authorization = {"authorization": target.credentials.authorization()}
        templates = catalog().templates
        booked = RecordedRequests(transport.send, templates, lambda: fixed | authorization, book, ledger)
        sender = catalog().sender(None)
        Prefill(booked, UnscheduledIdentities(PREFIX, "prefill", "a"), sender, parallel=4).users(60)
        races = Races(booked, UnscheduledIdentities(PREFIX, "races", "b"), sender, rounds=6)
        found = [*races.creates(), *races.members()]
        readback = Readback(transport.send, templates, lambda: fixed | authorization, book)
        result = audit(book, readback, settle=0)
        result.add(found)
        assert {"lost", "membership", "duplicate", "race"} <= sorts(result)
        assert LoadCleanup(target, transport, templates).of_ledger(ledger) == 0
        ledger.close()
        transport.close()
        assert not (tmp_path / "ledger.jsonl").exists()
