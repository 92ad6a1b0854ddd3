"""Quick check of every response under load: status, schemas, id, names, active."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scimproof.catalog.request_template import Template
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Requirement, Step
from scimproof.core.http_message import Exchange, Json, Request, parse_json
from scimproof.core.scim import CORE_GROUP, CORE_USER, LIST_RESPONSE, value_at
from scimproof.engine.verdicts import ask
from scimproof.load.client.response import Response
from scimproof.load.fast_json import load_json
from scimproof.load.plan.storage_rules import Full
from scimproof.state.request_effects import boolean

WHOLE = re.compile(r"\{\{\s*([^{}=]+?)\s*\}\}").fullmatch
ASKED = (200, 201, 202, 204, 302, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 429, 500, 501, 503)

BEARABLE = frozenset(status for status in ASKED if status < 500 and status != 429)


@dataclass(frozen=True)
class Statuses:
    """Statuses of a step: those that let the sequence go on, and those that end it without an error."""

    good: frozenset[int]
    quiet: frozenset[int]


def statuses(step: Step, requirement: Requirement) -> Statuses:
    """Learned from the step's own gate by asking it: the catalogue says it once, in its checks.

    A gate that also looks at the body accepts no bare status; 200 is what such steps answer, 201 a create.
    One whose question depends on an earlier answer says nothing of any status here: only the worst is wrong.
    """
    good, quiet = set(), set()
    for status in ASKED:
        exchange = Exchange(0, Request("GET", "/", ()), status=status, body=b"{}")
        # Where a step sends more than one request, the question is about all of its answers.
        scene = ExecutionContext("", {}, exchanges={step.id: [exchange]})
        judgement = ask(step.checks[0], scene, exchange)
        if not judgement.applies:
            quiet.add(status)
        elif judgement.held:
            good.add(status)
    if len(quiet) == len(ASKED):
        return Statuses(frozenset(BEARABLE), frozenset())
    if requirement.level != "MUST":  # a deviation is a warning there, and the sequence goes on
        good |= BEARABLE - quiet
    usual = {200, 201} if step.creates else {200}
    return Statuses(frozenset(good or usual), frozenset(quiet))


@dataclass(frozen=True)
class ExpectedEcho:
    """Expected echo: what a request says that its answer must repeat, as blanks of names or as values."""

    user_name: str = ""
    display_name: str = ""
    active: bool | None = None


def promise(template: Template, rename: Callable[[str], str]) -> ExpectedEcho:
    """The expected echo of a file's body; nothing where a rule makes the body."""
    body = parse_json(template.body.encode())
    if not isinstance(body, Mapping):
        return ExpectedEcho()
    said = dict(body)
    for operation in value_at(body, "Operations") or []:
        value = operation.get("value")
        if str(operation.get("op")).lower() == "replace":
            said |= (
                value
                if isinstance(value, dict) and not operation.get("path")
                else {operation.get("path"): value}
            )
    active = boolean(said.get("active"))
    return ExpectedEcho(
        _blank(said.get("userName"), rename),
        _blank(said.get("displayName"), rename) if "/Groups" in template.target else "",
        active if isinstance(active, bool) else None,
    )


def _blank(value: Json, rename: Callable[[str], str]) -> str:
    found = WHOLE(value) if isinstance(value, str) else None
    return rename(found[1]) if found else ""


class QuickCheck:
    """Quick check of one step; `at(answer, …)` gives what is wrong in a word or two, and the JSON."""

    def __init__(
        self,
        step: Step,
        template: Template,
        requirement: Requirement,
        promised: ExpectedEcho,
        full: Sequence[Full] = (),
    ) -> None:
        found = statuses(step, requirement)
        self._good, self._quiet = found.good, found.quiet
        path = template.target.removeprefix("{{base}}").partition("?")[0]
        self._schema = CORE_GROUP if path.startswith("/Groups") else CORE_USER
        self._lists = template.method == "GET" and path.count("/") == 1
        self._one = path.count("/") == 2 and not self._lists
        self._may_be_empty = template.method not in ("GET", "POST")
        self._concerned = path.startswith(("/Users", "/Groups"))
        self._promise = promised
        self._full = tuple(full) if template.method != "GET" else ()
        self.limited = bool(self._full)

    def full(self, answer: Response) -> str:
        """Text of the product's refusal when a limit is reached, which is no error; else empty."""
        if not self._full or answer.error:
            return ""
        return next((full.detail for full in self._full if full.says(answer.status, answer.body)), "")

    def ends_quietly(self, answer: Response) -> bool:
        """Whether the target declined something optional: the sequence ends there, and nothing is wrong."""
        return not answer.error and answer.status in self._quiet

    def at(self, answer: Response, blanks: Mapping[str, str], id: str) -> tuple[str, Json]:
        """What is wrong with the answer (empty: nothing), and its body parsed when there was reason to.

        `id` is the one that the request addressed, empty when it addressed a collection. The words are few
        and never contain what the target sent, so that they can be counted.
        """
        if answer.error:
            return answer.error, None
        status = answer.status
        if status not in self._good and status not in self._quiet:
            return ("" if self._full and self.full(answer) else f"status {status}"), None
        if not answer.body:
            missing = status < 300 and status != 204 and not self._may_be_empty
            return ("no body" if missing else ""), None
        if status >= 300 or not self._concerned:
            return "", None
        body = load_json(answer.body)
        if type(body) is not dict:
            return "no JSON object", body
        return (self._list(body) if self._lists else self._resource(body, blanks, id)), body

    def _list(self, body: dict[str, Json]) -> str:
        if LIST_RESPONSE not in (_get(body, "schemas") or ()):
            return "schemas"
        found = body.get("Resources")
        if type(found) is not list and _get(body, "totalResults") != 0 and not _get(body, "Resources"):
            return "Resources"
        return ""

    def _resource(self, body: dict[str, Json], blanks: Mapping[str, str], id: str) -> str:
        # Nearly always spelled so: the call for any letter case is spared.
        schemas = body.get("schemas") or _get(body, "schemas")
        if type(schemas) is not list or self._schema not in schemas:
            return "schemas"
        found = body.get("id") or _get(body, "id")
        if found is None or found == "" or (self._one and id and str(found) != id):
            return "id"
        wanted = self._promise
        name = wanted.user_name
        if name and not _same(body.get("userName") or _get(body, "userName"), blanks, name):
            return "userName"
        if wanted.display_name and not _same(_get(body, "displayName"), blanks, wanted.display_name):
            return "displayName"
        active = wanted.active
        if active is not None and body.get("active") is not active:
            return "active" if _get(body, "active") not in (active, None) else ""
        return ""


def _get(body: dict[str, Json], name: str) -> Json:
    """An attribute, in any letter case; as it is written first."""
    found = body.get(name)
    return value_at(body, name) if found is None else found


def _same(found: Json, blanks: Mapping[str, str], name: str) -> bool:
    """The name of that blank, letter case aside; what the answer does not show cannot differ."""
    if found is None:
        return True
    try:
        wanted = blanks[name]
    except KeyError:
        return True
    return found == wanted or (isinstance(found, str) and found.casefold() == wanted.casefold())
