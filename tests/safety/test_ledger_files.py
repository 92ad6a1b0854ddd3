"""S02: a ledger is believed where it says what a run writes; any other is named, and never forgotten."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scimproof.cleanup.ledger import FORMAT, Ledger
from scimproof.cleanup.ledger_reader import StaleLedger, Unreadable, earlier
from scimproof.core.errors import Exit
from tests.engine.kit import Recording, recording, scimproof
from tests.safety.bent import colleague

PREFIX = "scimproof-00abcdef"
NAME = f"{PREFIX}.0a1b2c.pat.doe@example.com"


def head(url: str, **more: Any) -> dict[str, Any]:
    return {"op": "run", "format": FORMAT, "target": url, "prefix": PREFIX, "embedded": False} | more


def written(folder: Path, *facts: object, name: str = "a.jsonl") -> Path:
    path = folder / "ledgers" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(fact) + "\n" for fact in facts))
    return path


def intend(name: Any = NAME, kind: Any = "User") -> dict[str, Any]:
    return {"op": "intend", "kind": kind, "name": name}


STRANGE: dict[str, list[Any]] = {
    "another name": [head("{url}"), intend("colleague1@corp.example")],
    "a name of another run": [head("{url}"), intend("scimproof-99abcdef.0a1b2c.x@example.com")],
    "a name that only begins so": [head("{url}"), intend(f"{PREFIX}@example.com")],
    "no name": [head("{url}"), intend(None)],
    "a number as name": [head("{url}"), intend(7)],
    "another prefix": [head("{url}", prefix="colleague"), intend("colleague1@corp.example")],
    "an empty prefix": [head("{url}", prefix=""), intend("colleague1@corp.example")],
    "no prefix": [head("{url}", prefix=None), intend("colleague1@corp.example")],
    "a prefix with a pattern": [head("{url}", prefix="scimproof-........"), intend()],
    "an unknown op": [head("{url}"), intend(), {"op": "adopt", "kind": "User", "name": NAME, "id": "{id}"}],
    "no op": [head("{url}"), {"kind": "User", "name": NAME}],
    "a later format": [head("{url}", format="scimproof.ledger/2"), intend()],
    "another kind": [head("{url}"), intend(kind="Device")],
    "an id that is a path": [head("{url}"), {"op": "made", "kind": "User", "name": NAME, "id": ".."}],
    "an id that is a list": [head("{url}"), {"op": "made", "kind": "User", "name": NAME, "id": ["{id}"]}],
    "no head": [intend()],
    "a list": [[1, 2]],
    "a target that is none": [head("{url}", target=7), intend()],
}


@pytest.fixture
def target() -> Any:
    with recording() as target:
        yield target


@pytest.mark.parametrize("case", STRANGE)
def test_s02_a_ledger_that_no_run_wrote_is_named_and_nothing_is_deleted(
    case: str, tmp_path: Path, target: Recording
) -> None:
    target.app.app = target.app
    made = colleague(target, "Users", 1)
    before = target.everything()
    facts = json.loads(json.dumps(STRANGE[case]).replace("{url}", target.url).replace("{id}", made["id"]))
    path = written(tmp_path, *facts)
    cleaned = scimproof(tmp_path, "clean", "--yes")
    assert cleaned.returncode == Exit.CANNOT_TELL
    assert str(path) in cleaned.stderr
    assert "cannot be used, and is kept" in cleaned.stderr
    assert path.exists()
    assert target.everything() == before
    assert not [raw for raw in target.arrived if raw.startswith(b"DELETE")]


def test_s02_an_id_of_a_colleague_under_a_right_name_is_looked_at_first(
    tmp_path: Path, target: Recording
) -> None:
    target.app.app = target.app
    made = colleague(target, "Users", 1)
    before = target.everything()
    fact = {"op": "made", "kind": "User", "name": NAME, "id": made["id"]}
    written(tmp_path, head(target.url), intend(), fact)
    cleaned = scimproof(tmp_path, "clean", "--yes")
    assert "Traceback" not in cleaned.stderr
    assert target.everything() == before


def test_one_that_cannot_be_read_keeps_no_other_from_being_cleaned(tmp_path: Path, target: Recording) -> None:
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": NAME}
    made = target.ask("POST", "/Users", user).json
    fact = {"op": "made", "kind": "User", "name": NAME, "id": made["id"]}
    written(tmp_path, head(target.url), intend(), fact, name="z.jsonl")
    folder = tmp_path / "ledgers"
    (folder / "a.jsonl").write_bytes(b"\xff\xfe\x00")
    (folder / "b.jsonl").mkdir()
    (folder / "c.jsonl").write_bytes(b"")
    (folder / "d.jsonl").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "e.jsonl")
    (folder / "f.jsonl").write_bytes(b"[" * 100_000 + b"\n")
    (folder / "g.jsonl").write_bytes(b"x" * (3 << 20))
    cleaned = scimproof(tmp_path, "clean", "--yes")
    assert cleaned.returncode == Exit.CANNOT_TELL
    for name in "abcefg":
        assert f"{name}.jsonl" in cleaned.stderr
    assert target.everything() == {"Users": [], "Groups": []}
    assert {path.name for path in folder.iterdir()} == {f"{name}.jsonl" for name in "abcdefg"}
    assert "Traceback" not in cleaned.stderr


def test_what_0_1_0_wrote_is_read(tmp_path: Path) -> None:
    old = {"op": "run", "target": "http://t", "prefix": PREFIX, "embedded": False}
    written(tmp_path, old, intend(), {"op": "made", "kind": "User", "name": NAME, "id": "1"})
    (book,) = earlier(tmp_path / "ledgers")
    assert isinstance(book, StaleLedger)
    assert [entry.ids for entry in book.entries.values()] == [["1"]]


def test_a_line_that_broke_off_is_passed_over_at_the_end_only(tmp_path: Path) -> None:
    path = written(tmp_path, head("http://t"), intend())
    whole = path.read_text()
    path.write_text(whole + '{"op": "inte')
    (book,) = earlier(path.parent)
    assert isinstance(book, StaleLedger)
    path.write_text('{"op": "inte\n' + whole)
    (bad,) = earlier(path.parent)
    assert isinstance(bad, Unreadable)


def test_every_name_of_every_sequence_is_one_that_is_believed(tmp_path: Path) -> None:
    """What a run writes is what a later `clean` takes for a run's."""
    path = tmp_path / "ledgers" / "a.jsonl"
    ledger = Ledger(path, "http://t", PREFIX)
    ledger.intend("User", NAME)
    ledger.made("User", NAME, "1")
    ledger.prove("User", "1")
    ledger.accepted("User", NAME)
    ledger.stranger("User", NAME, "2")
    ledger.removed("User", NAME, "1")
    ledger._file.close()
    (book,) = earlier(path.parent)
    assert isinstance(book, StaleLedger)
    assert list(book.entries.values()) == list(ledger.entries.values())
