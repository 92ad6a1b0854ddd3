"""The locks: complete for this Python, and installed everywhere without asking for anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.test_repository import LOCKS, ROOT, tracked

pytestmark = pytest.mark.fresh
# These are installed where the tests run, so that what each package wants can be read there.
# Those of the real servers and of the benchmark are held to it by `pip check` where they are installed.
HERE = ("runtime", "load", "dev", "build")
# From the word install to the -r of the same command, and what else stands on that line.
AN_INSTALL = re.compile(
    r"\binstall\b(?:(?!\binstall\b).){0,400}?\s[\"']?(?:-r|--requirement)\b[^\n]*", re.DOTALL
)
A_CHECK = re.compile(r"""pip\W[^\n]{0,60}?(?<![-\w])check(?![-\w=])""")


def locked(lock: Path) -> dict[str, Requirement]:
    """What the lock has for this Python and machine, by name."""
    lines = [
        line.rstrip(" \\") for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum()
    ]
    wanted = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one for one in wanted if not one.marker or one.marker.evaluate()}


def extras_wanted(name: str, extras: set[str]) -> Iterator[Requirement]:
    """What the installed package asks for, with these extras."""
    for line in metadata.requires(name) or []:
        wanted = Requirement(line)
        if not wanted.marker or any(wanted.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield wanted


def missing(have: dict[str, Requirement], first: list[Requirement]) -> list[str]:
    """What somebody in `have` asks for, extras followed, and that is not there in a version that will do."""
    found, seen, todo = [], set(), [(one, "pyproject.toml or *.in") for one in first]
    todo += [(one, "itself") for one in have.values()]
    while todo:
        wanted, by = todo.pop()
        name = canonicalize_name(wanted.name)
        here = have.get(name)
        (pin,) = here.specifier if here else [None]
        if pin is None or not wanted.specifier.contains(pin.version, prereleases=True):
            found.append(f"{wanted} (for {by})")
            continue
        key = (name, frozenset(wanted.extras))
        if key not in seen:
            seen.add(key)
            todo += [(each, name) for each in extras_wanted(name, wanted.extras)]
    return sorted(found)


@pytest.mark.parametrize("name", HERE)
def test_a_lock_has_everything_that_what_is_in_it_asks_for(name: str) -> None:
    have = locked(ROOT / f"requirements/{name}.lock")
    versions = {each: f"=={metadata.version(each)}" for each in have}
    assert versions == {each: str(one.specifier) for each, one in have.items()}
    mine = [Requirement(line) for line in metadata.requires("scimproof") or [] if name != "build"]
    extra = "load" if name in ("dev", "load") else ""
    asked = [one for one in mine if not one.marker or one.marker.evaluate({"extra": extra})]
    source = ROOT / f"requirements/{name}.in"
    if source.exists():
        lines = [line.partition("#")[0].strip() for line in source.read_text(encoding="utf-8").splitlines()]
        asked += [Requirement(line) for line in lines if line]
    assert len(asked) >= (1 if name == "build" else 10)
    assert missing(have, asked) == []


def test_a_lock_that_lacks_something_is_noticed() -> None:
    """Without email-validator, which only `pydantic[email]` wants; with a pydantic that nobody can use."""
    have = locked(ROOT / "requirements/runtime.lock")
    told = missing({name: one for name, one in have.items() if name != "email-validator"}, [])
    assert told != []
    assert all(line.startswith("email-validator") for line in told)
    assert missing({**have, "pydantic": Requirement("pydantic==0.1")}, []) != []


def installs() -> dict[str, list[str]]:
    """Every command in a tracked file that installs from a file of requirements, by file."""
    ours = {"tests/packaging/test_locks.py", "tests/ci/test_recipes.py"}  # which say what they hold others to
    texts = {
        name: text for name, text in tracked().items() if name not in ours and not name.endswith(".lock")
    }
    found = {name: [one[0] for one in AN_INSTALL.finditer(text)] for name, text in texts.items()}
    return {name: each for name, each in found.items() if each}


def test_whoever_installs_from_a_lock_installs_nothing_else_and_checks() -> None:
    """Without --no-deps a pip before 23.3 asks for the newest of what has extras, then refuses it."""
    found = installs()
    assert set(found) >= {
        "Makefile",
        "bench/rounds.py",
        "deploy/Dockerfile",
        "deploy/ci/install",
        "noxfile.py",
        "tests/packaging/test_distribution.py",
        "tests/real/fleet.py",
    }
    loose = [
        f"{name}: {' '.join(one.split())}"
        for name, each in found.items()
        for one in each
        if "--no-deps" not in one or "--require-hashes" not in one
    ]
    assert loose == []
    unchecked = [
        name
        for name, each in found.items()
        if len(A_CHECK.findall((ROOT / name).read_text(encoding="utf-8"))) < len(each)
    ]
    assert unchecked == []


@pytest.mark.parametrize(
    "text",
    [
        "pip install --require-hashes -r requirements/dev.lock",
        'run([*pip, "install", "-qq", "-r", str(ROOT / "requirements" / "bench.lock")])',
        'session.install("--require-hashes", "-r", "requirements/dev.lock")',
        'pip install \\\n    --require-hashes --requirement "$checkout/requirements/runtime.lock"',
        'pip = [python, "-m", "pip", "install"]\nrun([*pip, "-r", recipe / "requirements.lock"])',
    ],
)
def test_an_install_that_asks_for_more_would_be_seen(text: str) -> None:
    (one,) = AN_INSTALL.findall(text)
    assert "--no-deps" not in one


def test_every_lock_is_installed_by_something() -> None:
    text = "\n".join(text for name, text in tracked().items() if not name.endswith(".lock"))
    assert [lock.name for lock in LOCKS if lock.name not in text] == []
