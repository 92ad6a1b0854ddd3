"""PATCH in every form: each on a resource of its own, as the table forms.toml has them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave
from scimproof.core.scim import CORE_GROUP, CORE_USER, value_at

from ..asks import at, attribute_at, filled, rest_unchanged, shows
from ..people import create_user
from .steps import create, patch, read, shown_by, was_declined

MEMBERS = "rfc.patch.members"  # three users who are members of the groups that are changed
REST = "rfc7644-3.5.2.3-rest"
SOURCES = {
    "rfc.patch.add": "RFC 7644 section 3.5.2.1",
    "rfc.patch.replace": "RFC 7644 section 3.5.2.3",
    "rfc.patch.remove": "RFC 7644 section 3.5.2.2",
    "rfc.patch.together": "RFC 7644 section 3.5.2",
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form of PATCH: a row of forms.toml, where its fields are explained."""

    id: str
    title: str
    requirement: str
    operations: list[Json]
    after: Mapping[str, Json]
    before: Mapping[str, Json]
    kind: str = "user"
    needs: tuple[str, ...] = ()
    optional: bool = False
    schemas: str = ""
    gone: tuple[str, ...] = ()
    unprimary: str = ""
    primary: str = ""
    also: Mapping[str, Mapping[str, Json]] | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The attributes that the operations change."""
        return tuple(self.after)

    @property
    def followers(self) -> tuple[str, ...]:
        """Attributes that a server may make from those it changes: nobody has sent them."""
        follows = any(path.startswith("name") for path in self.after) and "displayName" not in self.before
        return ("displayName",) if follows else ()


def _forms() -> list[Form]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    known = {**table["values"], "@null": None}

    def meant(value: Json) -> Json:
        if isinstance(value, str):
            return known.get(value, value)
        if isinstance(value, list):
            return [meant(one) for one in value]
        return {key: meant(one) for key, one in value.items()} if isinstance(value, dict) else value

    rows = []
    for row in table["form"]:
        row |= {key: meant(row[key]) for key in ("before", "operations")}
        row["after"] = _wanted(meant(row["after"]))
        row["also"] = {id: _wanted(meant(values)) for id, values in row.get("also", {}).items()}
        by_type = any("emails[type" in str(value_at(one, "path")) for one in row["operations"])
        needs = [*row.get("needs", ()), *(["attr:emails.type"] if by_type else [])]
        row |= {"needs": tuple(needs), "gone": tuple(row.get("gone", ()))}
        rows.append(Form(**row))
    return rows


def _wanted(values: Mapping[str, Json]) -> dict[str, Json]:
    """Values by path, None for no value, where a table has an empty text."""
    return {path: None if value == "" else value for path, value in values.items()}


def unless_declined(step: str, before: str, wanted: Ask, form: Form | None = None) -> Ask:
    """What that step had to do is done; where it was declined, nothing is changed.

    With a `form`, which is not optional, its refusal breaks the rule.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        answer = scene.exchange(step)
        if answer is None or not (answer.ok or was_declined(answer)):
            why = answer.summary() if answer else "it was not sent"
            return cannot_tell(f"what {step} should have done", f"{step} failed: {why}")
        if answer.ok:
            return wanted(scene, exchange)
        untouched = rest_unchanged(before)(scene, exchange)
        if untouched.held is False:
            return grave(untouched.expected, untouched.observed)
        if form is None or form.optional:
            return does_not_apply(f"{step} was refused, and changed nothing")
        expected = shows(form.after)(scene, exchange).expected
        if lacking := _not_kept(form, scene, exchange):
            return cannot_tell(expected, lacking)
        return broken(expected, f"{step} was refused: {answer.summary()}")

    return ask


def has_result(form: Form, *, rest: bool) -> Ask:
    """The resource is as the form wants it; with `rest` all else is as before."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if lacking := _not_kept(form, scene, exchange):
            return cannot_tell("; ".join(form.after), lacking)
        judged = shows(form.after)(scene, exchange)
        if not judged.held:
            return grave(judged.expected, judged.observed) if exchange.ok else judged
        if wrong := _wrong(form, scene, exchange):
            return grave(f"{judged.expected}; {wrong[0]}", wrong[1])
        if rest:
            others = rest_unchanged("before", *form.named, *form.followers)(scene, exchange)
            if others.held is False:
                return grave(f"{judged.expected}; {others.expected}", others.observed)
        return _primary_kept(form, exchange) or judged

    return ask


def if_kept(form: Form, wanted: Ask) -> Ask:
    """The question, if the resource had before what the form made it with."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        lacking = _not_kept(form, scene, exchange)
        return cannot_tell("; ".join(form.after), lacking) if lacking else wanted(scene, exchange)

    return ask


def _wrong(form: Form, scene: ExecutionContext, exchange: Exchange) -> tuple[str, str] | None:
    """What a form wants beside its values, and what is there instead."""
    schemas = value_at(exchange.json, "schemas")
    if form.schemas and (not isinstance(schemas, list) or form.schemas not in schemas):
        return f"{form.schemas} in schemas", f"schemas = {show(schemas)}"
    for text in form.gone:
        if filled(text, scene) in exchange.body.decode("utf-8", "replace"):
            return f"no {filled(text, scene)}", "it is still there"
    if form.primary:
        emails = value_at(exchange.json, "emails")
        found = [value_at(one, "value") for one in emails or () if value_at(one, "primary") is True]
        if not equal([filled(form.primary, scene)], found, None):
            return f"{filled(form.primary, scene)} the only primary one", f"primary are {show(found)}"
    return None


def _primary_kept(form: Form, exchange: Exchange) -> CheckResult | None:
    """A warning where an element that was replaced is the primary one still, which its new value is not."""
    rows = value_at(exchange.json, form.unprimary) if form.unprimary else None
    kept = [value_at(row, "value") for row in rows or () if value_at(row, "primary") is True]
    return declined("no primary element any more", f"primary is {show(kept[0])}") if kept else None


def _not_kept(form: Form, scene: ExecutionContext, exchange: Exchange) -> str:
    """What the resource was made with and did not have before the change; empty where it had all."""
    sent, before = scene.sent("create"), scene.answer("before")
    concerned = {path.partition(".")[0] for path in form.after}
    for path in (one for one in form.before if one.partition(".")[0] in concerned):
        if not equal(at(sent, path), at(before, path), attribute_at(scene, exchange, path)):
            return f"{path} was {show(at(before, path))} before, sent was {show(at(sent, path))}"
    return ""


def _body(form: Form) -> str:
    user = form.kind == "user"
    named = {"userName": "{{user.userName}}"} if user else {"displayName": "{{group.displayName}}"}
    schemas = [CORE_USER if user else CORE_GROUP, *(key for key in form.before if key.startswith("urn:"))]
    return json.dumps({"schemas": schemas, **named, **form.before})


def _sequence(form: Form) -> Sequence:
    family = form.id.partition("[")[0]
    replaces = family == "rfc.patch.replace"
    main = has_result(form, rest=not replaces)
    checks = [Check(form.requirement, unless_declined("patch", "before", main, form))]
    checks += [
        Check(id, unless_declined("patch", "before", if_kept(form, shows(values))))
        for id, values in (form.also or {}).items()
    ]
    if replaces:
        others = rest_unchanged("before", *form.named, *form.followers)
        checks.append(Check(REST, unless_declined("patch", "before", others)))
    checks.append(Check("rfc7644-3.5.2-patch-shows-new-state", shown_by("patch")))
    group = form.kind == "group"
    return Sequence(
        id=form.id,
        title=form.title,
        source=SOURCES[family],
        needs=("patch", *form.needs, *(("type:Group",) if group else ())),
        people={} if group else {"user": "plain"},
        groups={"group": "plain"} if group else {},
        shares=MEMBERS if group else "",
        steps=(
            create(form.kind, _body(form)),
            read(form.kind),
            patch(form.kind, form.operations, optional=form.optional, told_later=True),
            read(form.kind, "read", *checks, independent=True),
        ),
    )


PREPARATIONS = (
    Sequence(
        id=MEMBERS,
        title="the members of groups that are changed",
        source="RFC 7644 section 3.5.2",
        people={"u1": "plain", "u2": "plain", "u3": "plain"},
        steps=tuple(create_user(f"create-{one}", one) for one in ("u1", "u2", "u3")),
    ),
)

FORMS = _forms()
SEQUENCES = tuple(_sequence(form) for form in FORMS)
