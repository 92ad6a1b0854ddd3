"""Who may import whom: the tables in ARCHITECTURE.md, read from there and held against the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "scimproof"
PAGE = "ARCHITECTURE.md"
TABLES = {"": "| Package | Holds |", "render": "| In `render/` | Holds |", "load": "| In `load/` | Holds |"}
BESIDE = {"__init__", "__main__", "suites"}  # entry points
MOST = 15  # modules side by side that a stranger still takes in; __init__ aside

# What only one place may know, because it is slow to import, changes the process, or is not ours.
ONLY_IN: dict[str, str | tuple[str, ...]] = {
    "locust": "load/",
    "gevent": "load/",
    "geventhttpclient": "load/",
    "zmq": "load/rpc/",
    "httptools": "load/",
    "orjson": "load/",
    "scim2_server": "embedded/",
    "scim2_models": "embedded/",
    "waitress": "embedded/",
    "pytest": "pytest_plugin/",
    "click": "cli/",
    "jinja2": "render/",
    "faker": "catalog/identities.py",
    "httpx2": ("target/", "observer/", "session/in_process.py"),
    "httpcore2": "target/exact_transport.py",
    "fastjsonschema": "report/reader.py",
    "jsonschema": "core/validation.py",
    "opentelemetry": "load/export/",
    "prometheus_client": "load/export/",
}
PATCHING = {"locust", "gevent"}  # they change sockets and locks of the process that imports them
COMMAND_LINE = (
    "plan",
    "metrics",
    "launch",
    "export",
    "recording",
    "capacity",
    "dashboard",
)  # of load/, what the command line's process may import

FILES = sorted(PACKAGE.rglob("*.py"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module or name that a file imports, at the top or later."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a thing comes from"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return frozenset(found)


@cache
def packages(path: Path) -> frozenset[str]:
    """The top names of all that a file imports."""
    return frozenset(name.split(".")[0] for name in imports(path))


def module(path: Path) -> str:
    """The dotted name of a file below the package: `cli.commands.run`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def graph() -> dict[str, set[str]]:
    """Which modules of scimproof each one imports."""
    known = {module(path): path for path in FILES}
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        mine = found.setdefault(name, set())
        for word in imports(path):
            if word.split(".")[0] != "scimproof":
                continue
            target = word.removeprefix("scimproof").lstrip(".")
            while target and target not in known:
                target = target.rpartition(".")[0]
            mine |= {target} - {name, ""}
    return found


def room(name: str, within: str) -> str:
    """The part of `within` (a package, or "" for the whole) that a module is in; "" for what is elsewhere."""
    inside = f"{within}." if within else ""
    return name.removeprefix(inside).split(".")[0] if name.startswith(inside) and name != within else ""


def table(within: str) -> dict[str, set[str]]:
    """The rows of a table in ARCHITECTURE.md: who may import whom."""
    text = (ROOT / PAGE).read_text(encoding="utf-8").partition(TABLES[within])[2]
    rows = [row.strip("|").split("|") for row in text.partition("\n\n")[0].splitlines()[2:]]
    names = [(re.findall(r"`([a-z_]+)`", row[0]), set(re.findall(r"`([a-z_]+)`", row[2]))) for row in rows]
    return {name: allowed for row, allowed in names for name in row}


@pytest.mark.parametrize("within", TABLES)
def test_every_room_has_its_row_and_every_row_its_room(within: str) -> None:
    folder = PACKAGE / within
    rooms = {
        path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(table(within)) == rooms - BESIDE, f"say in {PAGE} what a new module or package is for"


@pytest.mark.parametrize("within", TABLES)
def test_a_room_imports_what_its_row_says(within: str) -> None:
    allowed = table(within)
    wrong = {
        f"{name} imports {other}"
        for name, others in graph().items()
        for other in others
        if (mine := room(name, within)) in allowed
        and room(other, within) not in {"", mine, *allowed[mine], *BESIDE}
    }
    assert not wrong, f"see the tables of {PAGE}"


def test_no_rows_of_a_table_could_make_a_cycle() -> None:
    for within in TABLES:
        list(TopologicalSorter(table(within)).static_order())


def test_no_module_is_part_of_an_import_cycle() -> None:
    try:
        list(TopologicalSorter(graph()).static_order())
    except CycleError as cycle:
        pytest.fail(f"an import cycle: {' -> '.join(cycle.args[1])}")


def test_no_folder_has_more_modules_than_a_stranger_takes_in() -> None:
    folders = {path.parent for path in FILES}
    counts = {folder: len([p for p in folder.glob("*.py") if p.stem != "__init__"]) for folder in folders}
    assert not {str(folder.relative_to(PACKAGE)): n for folder, n in counts.items() if n > MOST}


def test_the_writers_see_the_document_and_never_a_run() -> None:
    seen = {other for name, others in graph().items() if name.startswith("render.") for other in others}
    assert {name for name in seen if name.startswith("report")} <= {"report.titles", "report.extent"}


def test_the_process_of_the_command_line_is_not_patched() -> None:
    command = "import scimproof.cli.commands.load.load, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    loaded = ran.stdout.split()
    assert not PATCHING & set(loaded)
    assert {room(name.removeprefix("scimproof."), "load") for name in loaded} <= {"", *COMMAND_LINE}


def test_only_the_command_line_starts_load_and_only_its_unpatched_part() -> None:
    for name, others in graph().items():
        if not name.startswith("load"):
            theirs = {room(other, "load") for other in others} - {""}
            assert not theirs or (name.startswith("cli.") and theirs <= set(COMMAND_LINE)), name


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    knowing = {path.relative_to(PACKAGE).as_posix() for path in FILES if package in packages(path)}
    assert {path for path in knowing if not path.startswith(ONLY_IN[package])} == set()


def test_no_module_imports_the_suites_by_name() -> None:
    for path in FILES:
        assert not packages(path) & {"suites", "fixtures", "reports"}, path


def test_a_test_file_is_found_from_the_module_it_tests() -> None:
    """tests/load/plan/test_loader.py is about load/plan/loader.py; other folders are about more than one."""
    tests, lost = ROOT / "tests", []
    for path in sorted(tests.rglob("test_*.py")):
        folder = PACKAGE / path.parent.relative_to(tests)
        if path.parent == tests or not folder.is_dir():
            continue
        known = {one.stem for one in folder.iterdir() if one.stem != "__init__"}
        name = path.stem.removeprefix("test_")
        if not any(name == one or name.startswith(f"{one}_") for one in known):
            lost.append(path.relative_to(tests).as_posix())
    assert not lost, "name it for the module, or put it into a folder that is about several (CONTRIBUTING.md)"


def test_a_class_name_has_one_meaning() -> None:
    names = Counter(
        node.name
        for path in FILES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert not [name for name, count in names.items() if count > 1]
