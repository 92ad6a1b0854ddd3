from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scimproof.cleanup.ledger import Ledger
from scimproof.cleanup.ledger_reader import StaleLedger, earlier
from scimproof.load.ledger.fast_ledger import FastLedger

PREFIX = "scimproof-tapetest"
NAME = PREFIX + '.00000a."Ä\\🙂'


def left(folder: Path) -> list[tuple[str, list[str]]]:
    runs = list(earlier(folder))
    assert all(isinstance(run, StaleLedger) for run in runs), runs
    found = [entry for run in runs if isinstance(run, StaleLedger) for entry in run.entries.values()]
    return [(entry.name, entry.ids) for entry in found]


def named(word: str) -> str:
    return f"{PREFIX}.00000b.{word}"


def test_what_is_about_to_be_created_is_on_disk_before_it_is_sent(tmp_path: Path) -> None:
    tape = FastLedger(tmp_path / "a.jsonl", "http://t", PREFIX)
    tape.intend("User", NAME)
    assert left(tmp_path) == [(NAME, [])]
    tape.made("User", NAME, 'i"d')
    tape.intend("Group", named("other"))
    assert left(tmp_path) == [(NAME, ['i"d']), (named("other"), [])]
    tape.made("Group", named("other"), "2")
    tape.close()
    assert left(tmp_path) == [(NAME, ['i"d']), (named("other"), ["2"])]


def test_it_says_the_same_as_a_ledger(tmp_path: Path) -> None:
    said = []
    for kind in (Ledger, FastLedger):
        path = tmp_path / f"{kind.__name__}.jsonl"
        ledger = kind(path, "http://t", PREFIX)
        ledger.intend("User", NAME)
        ledger.made("User", NAME, "1")
        ledger.made("User", NAME.upper(), "1")
        ledger.intend("User", named("second"))
        ledger.made("User", named("second"), "2")
        ledger.removed("User", NAME, "1")
        ledger.stranger("User", named("second"), "2")
        ledger.intend("User", named("third"))
        if isinstance(ledger, FastLedger):
            ledger.settle()
        assert ledger.is_ours("User", "1")
        assert not ledger.is_ours("User", "3")
        assert not ledger.is_ours("Group", "1")
        said.append((path.read_text(), ledger.counts()))
        ledger.close()
    assert said[0] == said[1]


def test_a_killed_process_leaves_what_it_wrote(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from scimproof.load.ledger.fast_ledger import FastLedger
tape = FastLedger(Path(sys.argv[1]), "http://t", "scimproof-tapetest")
for number in range(30_000):
    name = f"scimproof-tapetest.00000c.name {number} " + "x" * 40
    tape.intend("User", name)
    tape.made("User", name, str(number))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", script, str(tmp_path / "a.jsonl")], check=False)
    assert ran.returncode == -9
    found = left(tmp_path)
    assert len(found) == 30_000
    assert [ids for _, ids in found[:-1]] == [[str(number)] for number in range(29_999)]
    assert found[-1][1] == []


def test_it_goes_on_after_it_was_settled(tmp_path: Path) -> None:
    tape = FastLedger(tmp_path / "a.jsonl", "http://t", PREFIX)
    for name in "abc":
        tape.intend("User", named(name))
        tape.settle()
        assert (tmp_path / "a.jsonl").read_bytes().endswith(b"}\n")
    tape.close()
    assert [name for name, _ in left(tmp_path)] == []
