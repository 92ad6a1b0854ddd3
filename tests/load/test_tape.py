from __future__ import annotations

from pathlib import Path

from scimproof.ledger import Ledger, earlier
from scimproof.load.tape import Tape

NAME = 'scimproof-tapetest."Ä\\🙂'


def left(folder: Path) -> list[tuple[str, list[str]]]:
    return [(entry.name, entry.ids) for run in earlier(folder) for entry in run.entries.values()]


def test_what_is_about_to_be_created_is_on_disk_before_it_is_sent(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "a.jsonl", "http://t", "scimproof-tapetest")
    tape.intend("User", NAME)
    assert left(tmp_path) == [(NAME, [])]
    tape.made("User", NAME, 'i"d')
    tape.intend("Group", "other")
    assert left(tmp_path) == [(NAME, ['i"d']), ("other", [])]
    tape.made("Group", "other", "2")
    tape.close()
    assert left(tmp_path) == [(NAME, ['i"d']), ("other", ["2"])]


def test_it_says_the_same_as_a_ledger(tmp_path: Path) -> None:
    said = []
    for kind in (Ledger, Tape):
        path = tmp_path / f"{kind.__name__}.jsonl"
        ledger = kind(path, "http://t", "scimproof-tapetest")
        ledger.intend("User", NAME)
        ledger.made("User", NAME, "1")
        ledger.made("User", NAME.upper(), "1")
        ledger.intend("User", "second")
        ledger.made("User", "second", "2")
        ledger.removed("User", NAME, "1")
        ledger.stranger("User", "second", "2")
        ledger.intend("User", "third")
        assert ledger.is_ours("1")
        assert not ledger.is_ours("3")
        said.append((path.read_text(), ledger.counts()))
        ledger.close()
    assert said[0] == said[1]
