"""After a load nothing of it stays, whatever the target made of it, and nothing else is touched."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from scimproof.cleanup.cleaner import Tell
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.load.audit.procedure import audit
from scimproof.load.launch.cleanup import LoadCleanup
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.load.audit.bench import TOKEN, Bench, bench, catalog
from tests.load.audit.test_procedure_targets import creates, ruled, told

STRANGER = b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"stranger@example.com"}'


def remove(load: Bench, tell: Tell = lambda *_: None, parallel: int = 4) -> int:
    target = Target("http://127.0.0.1:1/scim/v2", Bearer(TOKEN))
    return LoadCleanup(target, load.inside, catalog().templates, parallel).of_ledger(load.ledger, tell)


def everybody(load: Bench) -> list[str]:
    found: list[Any] = []
    for kind in ("Users", "Groups"):
        request = Request("GET", f"/scim/v2/{kind}?count=500", (("Authorization", f"Bearer {TOKEN}"),))
        found += [r.get("userName") or r["displayName"] for r in load.inside.send(request).json["Resources"]]
    return found


def with_stranger(load: Bench) -> None:
    headers = (
        ("Authorization", f"Bearer {TOKEN}"),
        ("Content-Type", "application/scim+json"),
        ("Content-Length", str(len(STRANGER))),
    )
    load.inside.send(Request("POST", "/scim/v2/Users", headers, STRANGER))


def test_all_of_it_goes_in_parallel_and_with_progress(tmp_path: Path) -> None:
    with bench(tmp_path) as load:
        with_stranger(load)
        load.races(rounds=2).all(load.prefill(20))
        progress: list[tuple[int, int]] = []
        assert remove(load, lambda done, of: progress.append((done, of))) == 0
        assert everybody(load) == ["stranger@example.com"]
        of = len(load.ledger.entries)
        assert sorted(progress) == [(n, of) for n in range(1, of + 1)]


def test_phantoms_and_duplicates_go_too(tmp_path: Path) -> None:
    count = itertools.count()

    def refusing(request: Request, send: Any) -> Exchange | None:
        return send(request) and told(request, 500) if creates(request) and next(count) % 3 == 2 else None

    with bench(tmp_path, "duplicate-under-race", around=ruled(refusing)) as load:
        with_stranger(load)
        for number in range(6):
            load.ask("both/user-create", load.names("d", "tidy").person(number))
        list(load.races(rounds=3).creates())
        readback = load.readback()
        assert not audit(load.book, readback, settle=0).holds
        assert remove(load) == 0
        assert everybody(load) == ["stranger@example.com"]


def test_what_was_proven_by_the_audit_is_looked_at_removed_and_looked_for(tmp_path: Path) -> None:
    with bench(tmp_path) as load:
        load.prefill(10)
        readback = load.readback()
        audit(load.book, readback, settle=0)
        before = next(load.inside._numbers)
        # Several at a time would each look once, before the first one knows.
        assert remove(load, parallel=1) == 0
        assert (
            next(load.inside._numbers) - before - 1 == 3 * 10 + 1
        )  # whose it is, DELETE, whether it is gone; the list


def test_a_prefill_that_is_stopped_half_way_is_removed(tmp_path: Path) -> None:
    """What Ctrl-C does: the line gives up, and the creates under way have an unknown outcome."""
    count = itertools.count()

    def stopping(request: Request, send: Any) -> Exchange | None:
        if creates(request) and next(count) >= 10:
            send(request)
            raise RunStopped("interrupted")
        return None

    with bench(tmp_path, around=ruled(stopping)) as load:
        with pytest.raises(RunStopped, match="interrupted"):
            load.prefill(40)
        assert load.book.unknown > 0
        assert len(everybody(load)) > 10
        assert remove(load) == 0
        assert everybody(load) == []


def test_the_rest_is_removed_when_the_first_attempt_was_cut_short(tmp_path: Path) -> None:
    with bench(tmp_path) as load:
        load.prefill(20)

        def interrupt(done: int, of: int) -> None:
            if done == of // 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            remove(load, interrupt)
        assert remove(load) == 0
        assert everybody(load) == []
