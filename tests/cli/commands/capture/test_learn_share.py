"""`scimproof learn --share` as it is typed: what it prints and writes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

from scimproof.capture.reader import Capture
from scimproof.core.errors import Exit
from tests.capture.share.shared import exchange, request, written
from tests.engine.kit import scimproof

JANE = json.dumps({"userName": "jane.doe@acme-corp.com", "title": "Wizard"}).encode()


def test_a_capture_is_shared_and_what_was_replaced_is_told(tmp_path: Path) -> None:
    written(tmp_path, exchange(1, request("POST /scim/v2/Users", body=JANE)))
    ran = scimproof(tmp_path, "learn", "in.jsonl", "--share", "out")
    assert ran.returncode == Exit.HOLDS, ran.stderr
    assert "1 exchange written with stand-ins." in ran.stdout
    assert "people" in ran.stdout
    assert "out/capture.jsonl" in ran.stdout
    (got,) = Capture(tmp_path / "out")
    everything = ran.stdout + "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert "jane" not in got.request.body.decode()
    # What is learnt of the original may quote it; what comes after is of the shared one.
    assert "jane" not in everything.partition("Replaced")[2].lower()


def test_what_cannot_be_placed_is_listed_and_nothing_is_written(tmp_path: Path) -> None:
    written(tmp_path, exchange(7, request("POST /scim/v2/Users", "X-Acme-Tenant: 7", body=JANE)))
    ran = scimproof(tmp_path, "learn", "in.jsonl", "--share", "out")
    assert ran.returncode == Exit.USAGE
    assert "request header X-Acme-Tenant: nobody knows what it says (exchange 7)" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "out").exists()
    ran = scimproof(tmp_path, "learn", "in.jsonl", "--share", "out", "--keep-header", "X-Acme-Tenant")
    assert ran.returncode == Exit.HOLDS, ran.stderr


def test_options_of_sharing_alone_are_refused(tmp_path: Path) -> None:
    written(tmp_path, exchange(1, request("GET /scim/v2/Users")))
    for words in (("--leave-out",), ("--keep-header", "X-A")):
        ran = scimproof(tmp_path, "learn", "in.jsonl", *words)
        assert ran.returncode == Exit.USAGE
        assert f"{words[0]} is for --share FOLDER" in ran.stderr
