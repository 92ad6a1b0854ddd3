"""What `make fresh` takes from README.md and from this machine, and that it leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fresh import machine
from tests.fresh.__main__ import main
from tests.fresh.machine import Reach, apt_proxies, archive, pip_settings, reaching
from tests.fresh.processes import FailedError, Processes, StoppedError
from tests.fresh.readme import ADDRESS, ReadmeError, typed
from tests.fresh.systems import SYSTEMS, copied, mounted_below, open_cache, remove
from tests.fresh.visit import ROOT, Visit

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_types_what_the_readme_shows_first() -> None:
    shown = typed(README)
    assert README.index(f"```\n{shown.demo}```") == README.index("```")
    assert README.index(shown.demo) < README.index(shown.run) < README.index(shown.tests)
    assert "make demo\n" in shown.demo
    assert "scimproof run --target" in shown.run
    assert shown.run.count(ADDRESS) == 1


@pytest.mark.parametrize(
    "text",
    [
        "```\nmake demo\n```\n",
        README.replace(ADDRESS, "https://elsewhere.example"),
        README.replace("make test\n", "make tests\n"),
    ],
)
def test_a_readme_that_no_longer_shows_it_is_refused(text: str) -> None:
    with pytest.raises(ReadmeError):
        typed(text)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (
            [
                "http://a.example/debian-security/ main Debian-Security",
                "http://a.example/packages/ contrib Debian",
                "http://a.example/packages/ main Debian",
            ],
            "http://a.example/packages",
        ),
        (["http://a.example/debian-security/ main ", "http://a.example/debian/ main "], "http://a.example/debian"),
        (["http://a.example/ubuntu/ main Ubuntu", ""], None),
        ([], None),
    ],
)  # fmt: skip
def test_debian_s_archive_is_the_one_that_apt_uses_here(lines: list[str], found: str | None) -> None:
    assert archive(lines) == found


def test_of_pip_s_settings_a_fresh_system_is_told_how_the_index_is_reached_and_nothing_else() -> None:
    told = pip_settings(
        [
            ":env:.timeout='180'",
            "global.cert='/somewhere/ca.pem'",
            "global.constraint='/somewhere/constraints.txt'",
            "global.extra-index-url='file:///opt/wheels https://b.example/simple'",
            "global.find-links='/opt/wheels'",
            "global.index-url='https://a.example/simple'",
            "global.timeout='15'",
            "install.user='true'",
        ]
    )
    assert reaching(told) == {
        "index-url": "https://a.example/simple",
        "extra-index-url": "https://b.example/simple",
        "timeout": "180",
    }
    assert Reach("", None, reaching(told)).pip_conf().splitlines()[0] == "[global]"
    assert Reach("", None, {}, {"https_proxy": "http://a b"}).profile() == "export https_proxy='http://a b'\n"


def test_apt_s_proxy_is_debootstrap_s_too() -> None:
    lines = ['Acquire::http::Proxy "http://p.example:3128";', 'Acquire::https::Proxy "DIRECT";', 'Dir "/";']
    assert apt_proxies(lines) == {"http_proxy": "http://p.example:3128"}


@pytest.mark.parametrize(
    ("user", "tools", "said"),
    [
        (1000, True, "it takes root"),
        (0, False, "not installed: coreutils, debootstrap, git, mount, util-linux (apt-get install "),
    ],
)
def test_what_is_lacking_is_said_and_is_no_success(
    user: int,
    tools: bool,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr("shutil.which", lambda name, **_: name if tools else None)
    monkeypatch.setattr(machine, "KEYRING", ROOT / "README.md")
    assert main(["--cache", str(tmp_path / "cache"), "--mirror", "http://a.example/debian"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"fresh: not tried: {said}")
    assert not (tmp_path / "cache").exists()


def test_no_archive_of_debian_s_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "lacking", list)
    monkeypatch.setattr(machine, "_said", lambda *_: [])
    assert main([]) == 2
    assert "--mirror URL" in capsys.readouterr().err


def test_ci_plays_it_and_installs_what_it_needs() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert re.search(r"^beside fresh make fresh$", script, re.MULTILINE)
    assert "installed debootstrap debootstrap " in (ROOT / ".ci/stages").read_text(encoding="utf-8")
    assert {(each.python, each.pip) for each in SYSTEMS} == {("3.11", "23.0"), ("3.13", "25")}


def test_nothing_is_removed_through_a_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "copy" / "a b" / "dev"
    inside.mkdir(parents=True)
    place = str(inside).replace(" ", "\\040")
    info = f"22 1 0:20 / / rw - ext4 /dev/vda rw\n36 22 0:6 / {place} rw,nosuid shared:2 - devtmpfs udev rw\n"
    assert mounted_below(tmp_path / "copy", info) == [str(inside)]
    assert mounted_below(tmp_path / "cop", info) == []
    (tmp_path / "mountinfo").write_text(info)
    monkeypatch.setattr("tests.fresh.systems.MOUNTS", tmp_path / "mountinfo")
    with pytest.raises(FailedError, match="umount"):
        remove(tmp_path / "copy")
    assert inside.exists()


def test_a_copy_is_removed_also_when_its_run_was_killed(tmp_path: Path) -> None:
    base, cache = tmp_path / "base", tmp_path / "cache"
    (base / "etc").mkdir(parents=True)
    open_cache(cache)
    assert cache.stat().st_mode & 0o777 == 0o700
    with copied(base, cache) as root:
        assert (root / "etc").is_dir()
        open_cache(cache)  # another run, while this one is under way
        assert (root / "etc").is_dir()
    left = cache / "copy-of-somebody-killed" / "root"
    left.mkdir(parents=True)
    open_cache(cache)
    assert [path.name for path in cache.iterdir()] == ["lock"]


def apart() -> bool:
    return os.geteuid() == 0 and machine.lacking() == []


@pytest.mark.skipif(not apart(), reason="needs root and namespaces, as make fresh does")
def test_what_is_started_ends_with_all_that_it_started(tmp_path: Path) -> None:
    processes = Processes()
    lines: list[str] = []
    with pytest.raises(FailedError, match="exit code 7"):
        processes.run(["sh", "-c", "cat; exit 7"], lines.append, typed="a\nb\n")
    assert lines == ["a", "b"]
    # A child that listens to nobody, found again by what it sleeps.
    with pytest.raises(FailedError, match="not over after"):
        processes.run(["sh", "-c", "setsid sleep 86399.25 & wait"], lines.append, seconds=1)
    started = processes.start(
        ["sh", "-c", "mount -t tmpfs none $0 && echo up; sleep 86399.25", str(tmp_path)]
    )
    assert started.stdout
    assert started.stdout.readline() == "up\n"
    assert mounted_below(tmp_path, Path("/proc/self/mountinfo").read_text()) == []
    processes.stop()
    processes.end(started)
    with pytest.raises(StoppedError):
        processes.start(["true"])
    assert _gone("86399.25")


@pytest.mark.skipif(not apart(), reason="needs root and namespaces, as make fresh does")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_they_end_with_the_one_that_started_them(number: signal.Signals) -> None:
    script = (
        "from tests.fresh.processes import Processes\n"
        "process = Processes().start(['sh', '-c', 'echo up; sleep 86399.75'])\n"
        "print(process.stdout.readline(), flush=True); process.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout
    assert parent.stdout.readline() == b"up\n"
    parent.send_signal(number)
    parent.communicate(timeout=60)
    assert _gone("86399.75")


def _gone(words: str) -> bool:
    """Whether no process has these words on its command line any more."""
    for _ in range(100):
        found = [one for one in Path("/proc").glob("[0-9]*/cmdline") if words.encode() in _read(one)]
        if not found:
            return True
        time.sleep(0.1)
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class Told(Visit):
    """A visit that writes down what would be typed."""

    def versions(self) -> None:
        pass

    @contextmanager
    def served(self) -> Iterator[str]:
        yield "http://127.0.0.1:1/scim/v2"

    def step(self, name: str, commands: str, *, at: str = "", keys: str = "") -> None:
        self.say(commands)


@pytest.mark.parametrize(
    ("whole", "tests"), [(False, "make test ARGS='-m fresh -n 0'\n"), (True, "make test\n")]
)
def test_the_newcomer_types_it_as_it_stands(whole: bool, tests: str, tmp_path: Path) -> None:
    told: list[str] = []
    shown = typed(README)
    Told(SYSTEMS[0], Processes(), tmp_path, told.append).all(shown, whole=whole)
    run = shown.run.replace("https://host/scim/v2", "http://127.0.0.1:1/scim/v2")
    assert told[1:] == [shown.demo, run, tests]
