"""Who may import whom: the table in ARCHITECTURE.md, read from there and held against the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "scimproof"
PAGE = "ARCHITECTURE.md"
BESIDE = {"embedded", "__init__", "__main__"}  # with rules of their own, below

# What only one part of the code may know, because it is slow to import, changes the process, or is not ours.
ONLY_IN = {
    "locust": {"load"},
    "gevent": {"load"},
    "geventhttpclient": {"load"},
    "httptools": {"load"},
    "orjson": {"load"},
    "scim2_server": {"embedded"},
    "scim2_models": {"embedded"},
    "waitress": {"embedded"},
    "pytest": {"pytest_plugin", "pytest_items"},
    "click": {"cli"},
    "jinja2": {"render"},
    "faker": {"people"},
    "fastjsonschema": {"document"},
    "jsonschema": {"validation"},
}


def part(path: Path) -> str:
    """The part of the package that a file belongs to: `cli` for cli/run.py, `wire` for wire.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(PACKAGE.rglob("*.py"))
PARTS = sorted({part(path) for path in FILES} - BESIDE)


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, at the top or later; not what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a thing comes from"
            whole = node.module == "scimproof"
            yield from (f"scimproof.{name.name}" if whole else str(node.module) for name in node.names)
        else:
            yield from imports(node)


@cache
def known() -> dict[str, set[str]]:
    """What each part imports: top names of other packages, and `scimproof.<part>`."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
            pieces = name.split(".")
            ours = pieces[0] == "scimproof" and len(pieces) > 1
            found.setdefault(part(path), set()).add(".".join(pieces[:2]) if ours else pieces[0])
    return found


def own(name: str) -> set[str]:
    """The other parts of scimproof that a part imports."""
    mine = {entry.removeprefix("scimproof.") for entry in known().get(name, ()) if "." in entry}
    return mine - {name, "__version__"}


def layers(head: str = "| Layer | Modules |") -> list[list[str]]:
    """The rows of a table; those of the layers, lowest first."""
    text = (ROOT / PAGE).read_text(encoding="utf-8").partition(head)[2]
    rows = text.partition("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([a-z_0-9]+)/?`", row) for row in rows]


def test_every_module_has_its_place_in_the_table() -> None:
    placed = [name for row in layers() for name in row]
    assert sorted(placed) == PARTS, f"say in the table of {PAGE} where a new module belongs"


@pytest.mark.parametrize("name", PARTS)
def test_a_module_imports_from_its_own_row_and_the_rows_above_only(name: str) -> None:
    allowed: set[str] = set()
    for row in layers():
        allowed |= set(row)
        if name in row:
            break
    assert own(name) - {"embedded"} <= allowed, f"see the table of {PAGE}"


def test_the_writers_see_the_document_and_never_a_run() -> None:
    of_the_document = {"titles", "extent"}
    assert own("render") <= {"model", "errors", "paths", "catalog", "oin"} | of_the_document


def test_nothing_but_the_command_line_starts_load() -> None:
    assert {name for name in PARTS if "load" in own(name)} <= {"cli"}


def test_every_module_of_load_has_its_place_and_the_command_line_imports_only_the_first_row() -> None:
    rows = layers("| In `load/` | Modules |")
    modules = {path.stem if path.is_file() else path.name for path in (PACKAGE / "load").iterdir()}
    placed = sorted(name for row in rows for name in row)
    assert placed == sorted(modules - {"__init__", "__pycache__"}), f"say in {PAGE} what a new module is for"
    command = "import scimproof.cli.load, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[2] for name in ran.stdout.split() if name.startswith("scimproof.load.")}
    assert loaded <= set(rows[0])


def test_the_embedded_target_and_the_engine_do_not_know_each_other() -> None:
    assert own("embedded") == set()
    assert {name for name in PARTS if "embedded" in own(name)} <= {"session", "rehearsal", "cli"}


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    assert {name for name, found in known().items() if package in found} <= ONLY_IN[package]


def test_no_module_imports_the_suites_by_name() -> None:
    assert {name for name, found in known().items() if found & {"suites", "fixtures", "reports"}} == set()
