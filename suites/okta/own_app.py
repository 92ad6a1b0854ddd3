"""Bodies of one's own app, by its mappings instead of Okta's default ones (OKTA-09, OKTA-25)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from scimproof.catalog.app import App
from scimproof.core.context import ExecutionContext

from .mapped import changed_so_far
from .merge import given_name, last_read, renamed, roles, taken

Body = Callable[[ExecutionContext], Any]


def rules_of_app(app: App) -> dict[str, Body]:
    """The body rules that this app changes: where it has mappings the merges."""
    return {} if app.settings.mappings is None else _merges(app)


def _merges(app: App) -> dict[str, Body]:
    push = partial(_profile, app)
    return {
        "profile": lambda scene: push(scene, _new(scene, _variables(app))),
        "given-name": partial(given_name, push=push),
        "link": push,
        "rename": partial(renamed, push=push),
        "taken": taken("other.userName", push),
        "taken-other-case": taken("other.userNameUpper", push),
        "manager-by-name": lambda scene: push(scene, _new(scene, ["familyName", "displayName", "title"])),
        "each": lambda scene: push(scene, _new(scene, changed_so_far(scene))),
        "roles": partial(roles, push=push),
        "emptied": lambda scene: push(scene) | {"displayName": ""},
    }


def _profile(app: App, scene: ExecutionContext, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the target returned with all that the app maps; `changes` are new values of the profile."""
    known = {
        name.removeprefix("user."): one for name, one in scene.blanks.items() if name.startswith("user.")
    }
    cast = known | (changes or {})
    fixed = {"userName": cast["userName"], "externalId": cast["externalId"]}
    body = app.merged(last_read(scene), fixed, app.values(cast))
    return body if "groups" in body else body | {"groups": []}


def _variables(app: App) -> list[str]:
    """The template variables of all that is mapped to the profile."""
    return [variable for path in app.mappings if (variable := app.variable(path))]


def _new(scene: ExecutionContext, variables: Iterable[str]) -> dict[str, Any]:
    """The values that a profile update gives these; those that have no other value stay."""
    names = {name: f"user.new{name[0].upper()}{name[1:]}" for name in variables}
    return {name: scene.blanks[blank] for name, blank in names.items() if blank in scene.blanks}
