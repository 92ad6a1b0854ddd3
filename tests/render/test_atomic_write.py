"""Where reports go is looked at before anything is sent; what cannot be written to is said in a sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from scimproof.render.atomic_write import write_whole
from scimproof.render.json_documents import report_json
from tests.engine.kit import Recording, command, environment, recording, scimproof_in
from tests.report.make_samples import sample
from tests.waiting import HANG

REPORT = ("report.json", "junit.xml", "report.html", "report.md")
LOAD = ("load.json", "load-junit.xml", "load.html")
OIN = ("oin.html", "oin.md")
PLAN = """\
question = "Where would it go?"
rate = 5
seconds = 1
[mix]
"okta.oin.connect" = 1
"""


@pytest.fixture(scope="module")
def target() -> Iterator[Recording]:
    with recording() as found:
        yield found


def in_the_way(folder: Path) -> str:
    (folder / "file").write_text("mine")
    return "file"


def below_a_file(folder: Path) -> str:
    return f"{in_the_way(folder)}/report"


def nowhere(_: Path) -> str:
    return "/proc/scimproof/report"


def too_long(_: Path) -> str:
    return "x" * 300


def a_link_to_nothing(folder: Path) -> str:
    (folder / "link").symlink_to("/proc/scimproof")
    return "link"


FOLDERS = (in_the_way, below_a_file, nowhere, too_long, a_link_to_nothing)
Way = Callable[[Path], str]


def ask(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return scimproof_in(folder, words, environment(folder) | more)


def refused(ran: subprocess.CompletedProcess[str], target: Recording | None = None) -> str:
    """What was said, in a sentence, before anything was sent."""
    assert ran.returncode == Exit.USAGE, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert "trouble inside" not in ran.stderr
    assert target is None or target.arrived == []
    return ran.stderr


def plan(folder: Path) -> str:
    (folder / "mine.toml").write_text(PLAN)
    return "mine.toml"


@pytest.mark.parametrize("way", FOLDERS)
@pytest.mark.parametrize("what", ["run", "run by variable", "load", "load by variable"])
def test_s14_a_folder_that_cannot_be_written_to_is_told_before_anything_is_sent(
    what: str, way: Way, target: Recording, tmp_path: Path
) -> None:
    target.arrived.clear()
    out, kind = way(tmp_path), what.split(maxsplit=1)[0]
    words = ["run", "okta.oin.connect"] if kind == "run" else ["load", plan(tmp_path)]
    words += ["--target", target.url]
    if "variable" in what:
        ran = ask(tmp_path, *words, SCIMPROOF_OUT=out)
    else:
        ran = ask(tmp_path, *words, "--out", out)
    assert out in refused(ran, target)
    assert (tmp_path / "file").exists() == (way in (in_the_way, below_a_file))


@pytest.mark.parametrize("name", [*REPORT, *OIN, *LOAD])
def test_s14_a_folder_where_a_file_would_go_is_told_before_anything_is_sent(
    name: str, target: Recording, tmp_path: Path
) -> None:
    target.arrived.clear()
    (tmp_path / "out" / name).mkdir(parents=True)
    words = ["load", plan(tmp_path)] if name in LOAD else ["run", "--oin"]
    ran = ask(tmp_path, *words, "--target", target.url, "--out", "out")
    assert f"{name} there is a folder" in refused(ran, target)
    assert list((tmp_path / "out").iterdir()) == [tmp_path / "out" / name]


def in_a_removed_folder(folder: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    gone = folder / "gone"
    gone.mkdir()
    script = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", script, *command(*words)], cwd=gone, env=environment(folder),
        capture_output=True, text=True, timeout=HANG, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_s14_a_working_directory_that_is_gone_is_told_before_anything_is_sent(
    target: Recording, tmp_path: Path
) -> None:
    target.arrived.clear()
    path = tmp_path / plan(tmp_path)
    for words in (["run", "okta.oin.connect"], ["load", str(path)]):
        told = refused(in_a_removed_folder(tmp_path, [*words, "--target", target.url]), target)
        assert "the working directory is gone" in told
    refused(in_a_removed_folder(tmp_path, ["render", "report.json"]))


@pytest.mark.nightly
@pytest.mark.parametrize("line", ["matrix report.json --out page.md", "compare old new --out page.md"])
def test_s14_a_working_directory_that_is_gone_is_told_by_what_reads_reports(
    line: str, tmp_path: Path
) -> None:
    refused(in_a_removed_folder(tmp_path, line.split()))


def test_s14_with_a_folder_in_full_no_working_directory_is_needed(target: Recording, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["run", "okta.oin.connect", "--target", target.url, "--out", str(out)]
    ran = in_a_removed_folder(tmp_path, words)
    assert ran.returncode == Exit.HOLDS, ran.stderr
    assert {path.name for path in out.iterdir()} == set(REPORT)


def test_s14_pytest_tells_it_too(target: Recording, tmp_path: Path) -> None:
    target.arrived.clear()
    out = in_the_way(tmp_path)
    words = ["--pyargs", "scimproof.suites", f"--scim-target={target.url}", f"--scim-out={out}"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words], cwd=tmp_path,
        env=environment(tmp_path), capture_output=True, text=True, timeout=HANG, check=False,
    )  # fmt: skip
    assert ran.returncode == Exit.USAGE, ran.stdout
    assert "a file stands there" in ran.stdout
    assert target.arrived == []


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_whole(tmp_path / "in" / "report.json", report_json(sample("failing")))


@pytest.mark.parametrize("way", FOLDERS)
def test_s14_render_writes_everything_or_nothing(way: Way, source: Path, tmp_path: Path) -> None:
    out = way(tmp_path)
    assert out in refused(ask(tmp_path, "render", str(source), "--out", out))
    (tmp_path / "out" / "report.md").mkdir(parents=True)
    refused(ask(tmp_path, "render", str(source), "--out", "out"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.md"]


@pytest.mark.parametrize("way", FOLDERS[1:])
def test_s14_compare_and_matrix_write_only_where_they_can(way: Way, source: Path, tmp_path: Path) -> None:
    out = f"{way(tmp_path)}/page.md"
    assert out in refused(ask(tmp_path, "compare", str(source), str(source), "--out", out))
    assert out in refused(ask(tmp_path, "matrix", str(source), "--out", "good.md", "--out", out))
    assert not (tmp_path / "good.md").exists()


def test_s14_a_name_as_long_as_may_be_can_be_written(source: Path, tmp_path: Path) -> None:
    name = "x" * 255
    ran = ask(tmp_path, "compare", str(source), str(source), "--out", name)
    assert ran.returncode == Exit.HOLDS, ran.stderr
    assert (tmp_path / name).stat().st_size > 100
    assert {path.name for path in tmp_path.iterdir()} == {name, "in"}


def test_s14_what_is_looked_at_leaves_nothing(tmp_path: Path) -> None:
    ran = ask(tmp_path, "run", "okta.oin.connect", "--target", "http://127.0.0.1:1/scim", "--out", "a/b")
    assert ran.returncode == Exit.CANNOT_TELL
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == set(REPORT)
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
