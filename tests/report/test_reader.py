"""A document outside the published schema is refused with the place, wherever one is read; nothing hangs."""

from __future__ import annotations

import copy
import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from scimproof.cli import root_command
from scimproof.core.errors import Exit, UsageError
from scimproof.core.paths import knowledge_root
from scimproof.report import reader
from scimproof.report.reader import DEEPEST, LARGEST, LOAD, REPORT, held_together, peek, read
from tests.engine.kit import command, environment, recording, scimproof
from tests.report.make_samples import sample
from tests.waiting import HANG

EARLIER = Path(__file__).parent / "earlier"
LOADED: dict[str, Any] = json.loads((EARLIER / "load-2026-11.json").read_text(encoding="utf-8"))
Change = Callable[[dict[str, Any]], object]


def report() -> dict[str, Any]:
    return sample("failing")


def load() -> dict[str, Any]:
    return copy.deepcopy(LOADED)


# What is changed, and what has to be said: the place, what is expected, what is there.
CHANGES: dict[str, tuple[Change, str]] = {
    "a verdict nobody knows": (
        lambda d: d["findings"][3].update(verdict="maybe"),
        "at /findings/3/verdict one of 'pass', 'not-applicable', 'waived', 'warning', 'inconclusive', 'fail'",
    ),
    "a result nobody knows": (lambda d: d.update(result="fine"), "at /result one of 'conformant'"),
    "findings as an object": (
        lambda d: d.update(findings={}),
        "at /findings a list is expected, not an object",
    ),
    "a number as text": (lambda d: d.update(seed="1"), "at /seed a whole number is expected, not '1'"),
    "a flag as a number": (lambda d: d.update(partial=1), "at /partial true or false is expected, not 1"),
    "a negative count": (
        lambda d: d["summary"]["verdicts"].update(fail=-1),
        "at /summary/verdicts/fail at least 0 is expected, not -1",
    ),
    "null for text": (lambda d: d.update(stop=None), "at /stop text is expected, not null"),
    "no ledger": (lambda d: d.pop("ledger"), "it lacks ledger"),
    "no number": (lambda d: d["exchanges"][0].pop("number"), "at /exchanges/0 it lacks number"),
    "headers that are no pairs": (
        lambda d: d["exchanges"][0].update(headers=[["a", "b", "c"]]),
        "at /exchanges/0/headers/0 at most 2 entries are expected, not 3",
    ),
    "a key with a slash": (
        lambda d: d["requirements"].update({"a/b~c\x1b[31m": {}}),
        "at /requirements/a~1b~0c\N{REPLACEMENT CHARACTER}[31m it lacks id",
    ),
    "a key with dots": (
        lambda d: d["requirements"].update({"a.b[0].c": {"id": 1}}),
        "at /requirements/a.b[0].c it lacks",
    ),
    "a value below a key with dots": (
        lambda d: next(iter(d["requirements"].values())).update(level=1),
        "/level one of 'MUST'",
    ),
    "a day that there is not": (
        lambda d: d.update(started="2026-02-31T12:00:00Z"),
        "at /started a moment, as 2026-12-31T12:00:00Z, is expected, not '2026-02-31T12:00:00Z'",
    ),
    "an exchange that is not there": (
        lambda d: d["findings"][0].update(exchange=99999),
        "at /findings/0/exchange there is no exchange 99999",
    ),
    "exchanges numbered otherwise": (
        lambda d: d["exchanges"][1].update(number=7),
        "at /exchanges/1/number 2 is expected, not 7",
    ),
    "a requirement that is not there": (
        lambda d: d["findings"][0].update(requirement="none"),
        "at /findings/0/requirement no requirement there is called 'none'",
    ),
    "a step that is not there": (
        lambda d: d["findings"][0].update(step="none"),
        "at /findings/0/step no step there is called",
    ),
}
LOAD_CHANGES: dict[str, tuple[Change, str]] = {
    "a result nobody knows": (lambda d: d.update(result="maybe"), "at /result one of"),
    "no operations": (lambda d: d.pop("operations"), "it lacks operations"),
    "a negative count": (
        lambda d: d["operations"][0].update(due=-1),
        "at /operations/0/due at least 0 is expected, not -1",
    ),
    "a percentile as text": (
        lambda d: next(iter(d["series"]["operations"].values())).update(p50=["1"]),
        "at /series/operations/okta.oin.user.create~1search/p50/0 a number or null is expected, not '1'",
    ),
    "a series that is too short": (
        lambda d: d["series"]["sent"].pop(),
        "at /series/sent as many entries as in /series/at are expected",
    ),
    "a gap in what was sent": (
        lambda d: d["series"]["sent"].__setitem__(0, None),
        "at /series/sent/0 a number is expected, not null",
    ),
}


def keep(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def refused(path: Path, *formats: str) -> str:
    with pytest.raises(UsageError) as problem:
        read(path, *(formats or (REPORT,)))
    assert str(path) in str(problem.value)
    return str(problem.value)


@pytest.mark.parametrize("name", CHANGES)
def test_s15_a_report_outside_its_schema_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    made = report()
    change, told = CHANGES[name]
    change(made)
    assert told in refused(keep(tmp_path / "report.json", made))


@pytest.mark.parametrize("name", LOAD_CHANGES)
def test_s15_a_load_report_outside_its_schema_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    made = load()
    change, told = LOAD_CHANGES[name]
    change(made)
    assert told in refused(keep(tmp_path / "load.json", made), LOAD)


# What is in the file, and what has to be said.
FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it is empty"),
    "blanks": (b" \r\n\t", "it is empty"),
    "text": (b"hello", "is not JSON: Expecting value: line 1 column 1"),
    "half of it": (b'{"format": "scimproof.report/1", "too', "is not JSON: Unterminated string"),
    "Latin-1": (b'{"a": "\xe9"}', "it is not UTF-8 (byte 7)"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "it is not UTF-8 (byte 0)"),
    "NaN": (b'{"seconds": NaN}', "NaN is no number there"),
    "Infinity": (b'{"seconds": -Infinity}', "-Infinity is no number there"),
    "a number beyond all": (b'{"seconds": 1e999}', "the number 1e999 is too large"),
    "5000 digits": (b'{"seed": %b}' % (b"9" * 5000), "it has a number of 5000 digits"),
    "20 digits": (b'{"seed": -12345678901234567890}', "it has a number of 20 digits"),
    "a key twice": (b'{"result": "pass", "a": {"b": 1, "b": 2}}', "one object has the name 'b' twice"),
    "half a character": (b'{"a": ["\\ud800"]}', "half a character"),
    "an array": (b"[]", "it is no JSON object"),
    "a number": (b"1", "it is no JSON object"),
    "null": (b"null", "it is no JSON object"),
    "nested for ever": (b"[" * 200_000, "nested too deep"),
    "nested in objects": (b'{"a":' * 200_000, "nested too deep"),
    "nested a little too deep": (b'{"a":' * 99 + b"1" + b"}" * 99, f"nested deeper than {DEEPEST} levels"),
    "another format": (b'{"format": "scimproof.comparison/1"}', "its format is 'scimproof.comparison/1'"),
    "a format that is none": (b'{"format": [1]}', "its format is a list"),
    "no format": (b'{"a": 1}', "it does not say its format"),
    "a later format": (b'{"format": "scimproof.report/2"}', "was written by a newer scimproof"),
    "the format alone": (b'{"format": "scimproof.report/1"}', "it lacks tool, target"),
}


@pytest.mark.parametrize("name", FILES)
def test_s15_what_is_no_report_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    content, told = FILES[name]
    path = tmp_path / "report.json"
    path.write_bytes(content)
    assert told in refused(path)


def test_s15_a_byte_order_mark_and_pairs_of_surrogates_are_read(tmp_path: Path) -> None:
    made = report() | {"more": "\N{GRINNING FACE}"}
    (tmp_path / "report.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(made).encode())
    assert read(tmp_path / "report.json", REPORT)["more"] == "\N{GRINNING FACE}"


def a_folder(path: Path) -> None:
    path.mkdir()


def a_pipe_without_a_writer(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def two_hundred_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)


NO_FILES = (a_folder, a_pipe_without_a_writer, a_socket, a_link_to_itself, endless, two_hundred_megabytes)


@pytest.mark.parametrize("make", NO_FILES)
def test_s15_what_is_no_file_is_refused_and_does_not_hang(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path has to be short
    monkeypatch.setattr(reader, "SILENT", 0.5)  # nobody will ever write into that pipe
    make(Path("it"))
    refused(Path("it"))
    for words in (["render", "it"], ["compare", "it", "it"], ["matrix", "it"]):
        ran = CliRunner().invoke(root_command, words)
        assert ran.exception is not None
        assert isinstance(ran.exception, UsageError | SystemExit), ran.exception


def test_s15_a_pipe_that_somebody_writes_into_is_read(tmp_path: Path) -> None:
    path = keep(tmp_path / "report.json", report())
    words = " ".join(command("compare", "--json", f"<(cat {path})", f"<(sleep 0.2; cat {path})"))
    ran = subprocess.run(
        ["bash", "-c", words],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert ran.returncode == Exit.HOLDS, ran.stderr
    assert json.loads(ran.stdout)["result"] == "not-worse"


def test_s15_a_pipe_in_which_nothing_comes_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "SILENT", 0.2)
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    assert "a pipe into which nobody has written" in refused(tmp_path / "pipe")
    os.close(writer)


def test_s15_a_large_one_is_read_in_less_time_than_it_takes_to_write(tmp_path: Path) -> None:
    made = report()
    made["exchanges"] = [row | {"number": n + 1} for n, row in enumerate(made["exchanges"] * 1500)]
    path = keep(tmp_path / "report.json", made)
    assert 5_000_000 < path.stat().st_size < LARGEST
    began = time.process_time()
    read(path, REPORT)
    took = time.process_time() - began
    began = time.process_time()
    assert json.dumps(made, indent=1)
    assert took < 20 * (time.process_time() - began)


def everywhere(folder: Path, wrong: Path, load: Path, target: str) -> Iterator[list[str]]:
    """Every command that reads a document, given this one."""
    good = str(keep(folder / "good.json", report()))
    yield ["render", str(wrong)]
    yield ["render", str(wrong), "--oin"]
    yield ["compare", str(wrong), good]
    yield ["compare", good, str(wrong)]
    yield ["matrix", good, str(wrong)]
    yield ["matrix", str(wrong.parent), "--out", str(folder / "page.md")]
    yield ["run", "okta.oin.connect", "--target", target, "--baseline", str(wrong)]
    yield ["compare", str(load), str(load)]
    (folder / "mine.toml").write_text(
        'question = "?"\nrate = 1\nseconds = 1\n[mix]\n"okta.oin.connect" = 1\n'
    )
    yield ["load", str(folder / "mine.toml"), "--target", target, "--baseline", str(load)]


def test_s15_every_command_refuses_it_with_exit_code_2_and_writes_and_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    wrong = keep(tmp_path / "in" / "report.json", report() | {"result": "fine"})
    load = keep(tmp_path / "load.json", LOADED | {"result": "fine"})
    with recording() as target:
        for words in everywhere(tmp_path, wrong, load, target.url):
            ran = scimproof(tmp_path, *words)
            assert ran.returncode == Exit.USAGE, (words, ran.stdout, ran.stderr)
            assert "/result" in ran.stderr, words
            assert "Traceback" not in ran.stderr
        assert target.arrived == []
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"report.json"}
    assert not (tmp_path / "report").exists()
    assert not (tmp_path / "page.md").exists()


def test_s15_what_contradicts_itself_in_another_way_is_no_trouble_of_ours(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="nothing can be made of it"),
        held_together(tmp_path / "report.json"),
    ):
        raise KeyError("what a writer looks for")


def mutations(made: Any, rng: random.Random, count: int) -> Iterator[Any]:
    """The document with one value replaced or left out, anywhere."""
    places = list(_places(made))
    others: list[Any] = [None, "", "x", 0, -1, 2**62, 0.5, True, [], {}, ["x"], {"x": 1}]
    for _ in range(count):
        changed = copy.deepcopy(made)
        *path, last = rng.choice(places)
        parent = changed
        for step in path:
            parent = parent[step]
        if rng.random() < 0.2:
            del parent[last]
        else:
            parent[last] = rng.choice(others)
        yield changed


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    within = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, found in within:
        yield (*path, key)
        yield from _places(found, (*path, key))


@pytest.mark.parametrize("count", [80, pytest.param(400, marks=pytest.mark.nightly)])
@pytest.mark.parametrize(("made", "form"), [(report(), REPORT), (load(), LOAD)])
def test_s15_the_schema_is_read_here_as_everybody_else_reads_it(
    made: dict[str, Any], form: str, count: int, tmp_path: Path
) -> None:
    name = form.replace("/", "-")
    schema = json.loads(
        (knowledge_root() / "reports" / "schema" / f"{name}.json").read_text(encoding="utf-8")
    )
    judge = Draft202012Validator(schema, format_checker=FormatChecker())
    for changed in mutations(made, random.Random(5), count):
        path = keep(tmp_path / "it.json", changed)
        try:
            reader._valid(peek(path), form)
            taken = True
        except reader._Refused:
            taken = False
        except UsageError:
            continue  # refused before the schema was asked
        assert taken is judge.is_valid(changed), next(judge.iter_errors(changed), None)
