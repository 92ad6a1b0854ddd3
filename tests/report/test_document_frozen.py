"""What a released schema says stays true: reports can be read years later, by programs written today."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.frozen import Change

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "reports" / "schema"
RELEASED = Path(__file__).parent / "released"
PEOPLE_WRITE = {"scimproof.config-1.json"}


def last_tag() -> str:
    """The last release that git knows here; none in a shallow clone or before the first."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def released() -> Iterator[tuple[str, str, Any]]:
    """Release, file name and schema of everything that was released."""
    for path in sorted(RELEASED.glob("*/*.json")):
        yield path.parent.name, path.name, json.loads(path.read_text(encoding="utf-8"))
    if tag := last_tag():
        listed = ["git", "ls-tree", "--name-only", tag, "reports/schema/"]
        for name in subprocess.run(
            listed, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split():
            shown = subprocess.run(
                ["git", "show", f"{tag}:{name}"], cwd=ROOT, capture_output=True, text=True, check=True
            )
            yield tag, Path(name).name, json.loads(shown.stdout)


@pytest.mark.parametrize(
    ("name", "schema"), [pytest.param(name, schema, id=f"{tag}-{name}") for tag, name, schema in released()]
)
def test_a_released_schema_only_gains(name: str, schema: Any) -> None:
    today = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    assert Change(schema, today, written=name not in PEOPLE_WRITE).breaks() == []


def test_the_schemas_of_the_last_release_are_kept_here() -> None:
    kept = {path.parent.name for path in RELEASED.glob("*/*.json")}
    assert kept
    tag = last_tag()
    assert not tag or tag.removeprefix("v") in kept, f"copy reports/schema of {tag} to {RELEASED.name}"


OLD: dict[str, Any] = {
    "$id": "x/1",
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": ["string", "null"]},
        "b": {"enum": ["x", "y"]},
        "c": {"const": 1},
        "d": {"$ref": "#/$defs/d"},
        "e": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "f": {"type": "object", "additionalProperties": {"type": "string"}},
        "g": {"type": "object", "properties": {}, "additionalProperties": False},
        "h": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    },
    "$defs": {"d": {"type": "object", "properties": {"x": {"type": "string"}}}},
}
Edit = Callable[[dict[str, Any]], Any]


def edited(edit: Edit) -> dict[str, Any]:
    new = copy.deepcopy(OLD)
    edit(new)
    return new


REFUSED: dict[str, Edit] = {
    "a property removed": lambda s: s["properties"].pop("b"),
    "one below removed": lambda s: s["$defs"]["d"]["properties"].pop("x"),
    "a type narrowed": lambda s: s["properties"]["a"].update(type="string"),
    "a type where there was none": lambda s: s["properties"]["b"].update(type="string"),
    "another type": lambda s: s["$defs"]["d"]["properties"]["x"].update(type="integer"),
    "newly required": lambda s: s["required"].append("b"),
    "newly required below": lambda s: s["$defs"]["d"].update(required=["x"]),
    "a value removed": lambda s: s["properties"]["b"].update(enum=["x"]),
    "another constant": lambda s: s["properties"]["c"].update(const=2),
    "a limit raised": lambda s: s["properties"]["e"]["items"].update(minimum=1),
    "a limit where there was none": lambda s: s["properties"]["e"].update(maxItems=3),
    "a pattern": lambda s: s["$defs"]["d"]["properties"]["x"].update(pattern="^a"),
    "other items": lambda s: s["properties"]["e"]["items"].update(type="string"),
    "nothing more allowed": lambda s: s.update(additionalProperties=False),
    "what is not named described": lambda s: s.update(additionalProperties={"type": "string"}),
    "an alternative less": lambda s: s["properties"]["h"]["anyOf"].pop(),
    "another id": lambda s: s.update({"$id": "x/2"}),
}
REFUSED_OF_WRITTEN: dict[str, Edit] = {
    "a type widened": lambda s: s["properties"]["a"].update(type=["string", "null", "integer"]),
    "a type forgotten": lambda s: s["properties"]["a"].pop("type"),
    "a value added": lambda s: s["properties"]["b"]["enum"].append("z"),
    "not required any more": lambda s: s["required"].clear(),
    "a limit lowered": lambda s: s["properties"]["e"]["items"].update(minimum=-1),
    "more allowed": lambda s: s["properties"]["g"].pop("additionalProperties"),
}
ALLOWED: dict[str, Edit] = {
    "nothing": lambda _: None,
    "a new property that need not be there": lambda s: s["properties"].update(z={"type": "integer"}),
    "one with requirements of its own": lambda s: s["properties"].update(z={"required": ["q"]}),
    "properties of an open object": lambda s: s["$defs"]["d"]["properties"].update(y={"enum": [1]}),
    "words": lambda s: s["properties"]["a"].update(description="new", default=None),
    "the same put into a definition": lambda s: (
        s["$defs"].update(b=s["properties"]["b"]),
        s["properties"].update(b={"$ref": "#/$defs/b"}),
    ),
    "the same in another order": lambda s: s["properties"]["b"].update(enum=["y", "x"]),
}


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("what", REFUSED)
def test_what_breaks_documents_is_refused(what: str, written: bool) -> None:
    assert len(Change(OLD, edited(REFUSED[what]), written=written).breaks()) == 1


@pytest.mark.parametrize("what", REFUSED_OF_WRITTEN)
def test_what_breaks_readers_is_refused_of_what_scimproof_writes(what: str) -> None:
    assert len(Change(OLD, edited(REFUSED_OF_WRITTEN[what])).breaks()) == 1
    assert Change(OLD, edited(REFUSED_OF_WRITTEN[what]), written=False).breaks() == []


@pytest.mark.parametrize("what", ALLOWED)
def test_what_breaks_nobody_is_allowed(what: str) -> None:
    assert Change(OLD, edited(ALLOWED[what])).breaks() == []


def test_a_schema_that_names_itself_is_no_trouble() -> None:
    tree = {"$ref": "#/$defs/t", "$defs": {"t": {"properties": {"t": {"$ref": "#/$defs/t"}}}}}
    assert Change(tree, copy.deepcopy(tree)).breaks() == []
