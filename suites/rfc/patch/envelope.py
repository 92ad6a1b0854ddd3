"""The message of a PATCH: what one without a right schema, operation, value or path has to meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, grave, held
from scimproof.core.scim import CORE_USER

from ..asks import refused, shows, word
from ..people import PATCH_OP, create_user
from .steps import NAME, W, accepted, failed, message, patch_as_is, read, user

NEW = "{{prefix}} new"
REPLACE = {"op": "replace", "path": "displayName", "value": NEW}
# A path that is none, by the id of its step.
PATHS = {
    "path-open": "emails[",
    "path-unclosed": 'emails[type eq "work"',
    "path-two-dots": "name..givenName",
    "path-brackets": "[]",
    "path-too-deep": 'emails[type eq "work"].value.x',
    "path-pointer": "/emails/0",
    "path-index": "emails[0].value",
}


class Bad(NamedTuple):
    """A PATCH that is wrong: its step, its body, the requirement that wants it refused, the scimTypes for it.

    One that is not `harmful` may be accepted; what it `leaves` then is an attribute that must not be there.
    """

    step: str
    body: Json
    requirement: str
    types: tuple[str, ...] = ()
    harmful: bool = True
    leaves: str = ""


def _operation(**members: Json) -> Json:
    return message({name.rstrip("_"): value for name, value in members.items()})


BAD = (
    Bad("no-schemas", {"Operations": [REPLACE]}, "rfc7644-3.5.2-message", harmful=False),
    Bad(
        "strange-schemas",
        {"schemas": [CORE_USER], "Operations": [REPLACE]},
        "rfc7644-3.5.2-message",
        harmful=False,
    ),
    Bad("no-operations", {"schemas": [PATCH_OP]}, "rfc7644-3.5.2-operations", ("invalidSyntax",)),
    Bad("empty", message(), "rfc7644-3.5.2-operations", ("invalidSyntax",)),
    Bad(
        "object",
        {"schemas": [PATCH_OP], "Operations": {}},
        "rfc7644-3.5.2-operations",
        ("invalidSyntax",),
    ),
    Bad("no-op", _operation(path="displayName", value=NEW), "rfc7644-3.5.2-op"),
    Bad("move", _operation(op="move", path="displayName", value=NEW), "rfc7644-3.5.2-op"),
    Bad("unknown-op", _operation(op="{{prefix}}", path="displayName", value=NEW), "rfc7644-3.5.2-op"),
    Bad("no-path", _operation(op="remove"), "rfc7644-3.5.2-path-needed", ("noTarget",)),
    Bad("no-value", _operation(op="add", path="displayName"), "rfc7644-3.5.2.1-value"),
    Bad("text", _operation(op="add", value="x"), "rfc7644-3.5.2.1-value"),
    *(
        Bad(
            step,
            _operation(op="replace", path=path, value="x"),
            "rfc7644-3.5.2-path-grammar",
            ("invalidPath", "invalidFilter") if "[" in path else ("invalidPath",),
        )
        for step, path in PATHS.items()
    ),
    Bad(
        "filter",
        _operation(op="replace", path='emails[type regex "x"].value', value="x"),
        "rfc7644-3.5.2-path-filter",
    ),
    Bad(
        "unknown-attribute",
        _operation(op="replace", path="noSuchAttribute", value="x"),
        "rfc7644-3.5.2-path-unknown",
        harmful=False,
        leaves="noSuchAttribute",
    ),
)


def _no_trace(name: str) -> Check:
    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"a resource without {name}"
        there = name.encode() in exchange.body
        return grave(expected, exchange.summary()) if there else held(expected)

    return Check("rfc7644-3.5.2-path-unknown", ask)


def _steps() -> Iterator[Step]:
    before = "before"
    for bad in BAD:
        checks = [Check(bad.requirement, refused(400, harmful=bad.harmful))]
        if bad.types:
            checks.append(Check(f"{bad.requirement}-type", word(*bad.types)))
        yield patch_as_is(bad.step, bad.body, *checks)
        after = f"{bad.step}-after"
        more = [_no_trace(bad.leaves)] if bad.leaves else []
        yield read("user", after, failed(bad.step, before), *more, independent=True)
        before = after


def _capital() -> Iterator[Step]:
    """An op with a capital letter, which one may understand."""
    last = f"{BAD[-1].step}-after"
    understood = Check("rfc7644-3.5.2-op-case", _understood)
    operation = {"op": "Replace", "path": "displayName", "value": "{{prefix}} capital"}
    yield patch_as_is("capital", message(operation), understood)
    effect = shows({"displayName": "{{prefix}} capital"})
    yield read(
        "user",
        "capital-after",
        Check("rfc7644-3.5.2-op-case", accepted("capital", effect)),
        failed("capital", last),
        independent=True,
    )


def _understood(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "Replace understood as replace"
    if exchange.ok:
        return held(expected, str(exchange.status))
    return CheckResult(held=False, expected=expected, observed=exchange.summary())


SEQUENCES = (
    Sequence(
        id="rfc.patch.envelope",
        title="The message of a PATCH",
        source="RFC 7644 section 3.5.2",
        needs=("patch", "attr:displayName"),
        people={"user": "plain"},
        steps=(
            create_user(body=user(displayName="{{user.displayName}}", name=NAME, emails=[W])),
            read("user"),
            *_steps(),
            *_capital(),
        ),
    ),
)
