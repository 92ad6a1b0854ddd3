"""How the body of a create is labelled and spelled, and where the attributes of an extension stand in it."""

from __future__ import annotations

import json
import unicodedata

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, ENTERPRISE_USER, value_at

from ..asks import at, attribute_at
from ..people import USER, user_body
from .answers import of_shown
from .bodies import body_for

SCIM = "application/scim+json"
PLAIN_JSON = "application/json"
TEXT = "Zoë 李 🙂"
DEPARTMENT = f"{ENTERPRISE_USER}:department"
ODD_NAMES = (
    '{"schemas":["' + CORE_USER + '"],"externalId":"{{prefix}}.names","UserName":"{{user.userName}}",'
    '"NAME":{"givenname":"{{user.givenName}}","FAMILYNAME":"{{user.familyName}}"},'
    '"Emails":[{"VALUE":"{{user.email}}","Type":"work"}]}'
)
CONTAINED = USER.replace(
    '"schemas":["' + CORE_USER + '"]',
    '"schemas":["'
    + CORE_USER
    + '","'
    + ENTERPRISE_USER
    + '"],"'
    + ENTERPRISE_USER
    + '":{"department":"Sales"}',
)


def accepted(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The body is taken under its label; to refuse application/json is a warning."""
    label = dict(exchange.request.headers).get("Content-Type", "")
    expected = f"201 to a body labelled {label}"
    if exchange.status == 201 and not exchange.error:
        return held(expected, "201")
    told = declined if label == PLAIN_JSON and exchange.status in (400, 406, 415) else broken
    return told(expected, exchange.summary())


def text_of(path: str, wanted: str) -> Ask:
    """The text reads back with the code points that were sent, but for NFC."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = wanted.replace("{{prefix}}", scene.blanks["prefix"])
        expected = f"{path} = {show(sent)}"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        found = value_at(exchange.json, path)
        if not isinstance(found, str) or not found.startswith(sent.partition("Zo")[0]):
            return cannot_tell(expected, f"{path} is not kept at all: {show(found)}")
        right = unicodedata.normalize("NFC", found) == sent
        return held(expected) if right else broken(expected, show(found))

    return ask


def text_body(discovery: Discovery, tag: str) -> dict[str, Json] | str:
    """A user's body whose displayName goes beyond ASCII and beyond 16 bits."""
    if discovery.attribute(discovery.user, "displayName") is None:
        return "the schema of users has no displayName"
    return body_for(discovery.user, discovery, tag, {"displayName": f"{{{{prefix}}}} {TEXT}"})


def in_utf_8(discovery: Discovery) -> list[Case] | str:
    """The body with the text as it is."""
    body = text_body(discovery, "unicode")
    return body if isinstance(body, str) else [_case("utf-8", json.dumps(body, ensure_ascii=False))]


def in_escapes(discovery: Discovery) -> list[Case] | str:
    """The body with the same text as escapes."""
    body = text_body(discovery, "escaped")
    return body if isinstance(body, str) else [_case("escapes", json.dumps(body, ensure_ascii=True))]


def _case(key: str, body: str) -> Case:
    return Case(key=key, blanks={"body": body})


def names_understood(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What was sent under names in other letters is there; to take it and lose it is worse than to refuse."""
    sent = exchange.request.json
    expected = "the values that were sent as UserName, NAME.givenname and Emails[].VALUE"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    if not exchange.ok:
        return broken(expected, exchange.summary())
    lost = [
        f"{path} = {show(value_at(exchange.json, path))}"
        for path in ("userName", "name.givenName", "emails.0.value")
        if (value := value_at(sent, path)) is not None
        and not equal(value, value_at(exchange.json, path), attribute_at(scene, exchange, path))
    ]
    return grave(expected, "; ".join(lost)) if lost else held(expected)


def top_level_body(scene: ExecutionContext) -> Json:
    """A user's body with the department at the top, where it is nobody's attribute."""
    return {**user_body(scene), "department": f"{scene.blanks['prefix']}-top"}


def only_in_container(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What was sent at the top has not become the extension's value."""
    sent = exchange.request.json["department"]
    expected = f"400, or no {DEPARTMENT}"
    if exchange.status == 400 and not exchange.error:
        return held(expected, "400")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = at(exchange.json, DEPARTMENT)
    return broken(expected, show(found)) if found == sent else held(expected)


def container_kept(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The extension's values are in its container, and schemas names it."""
    sent = at(scene.sent("container"), DEPARTMENT)
    expected = f"{DEPARTMENT} = {show(sent)}, and the URN in schemas"
    if nothing(sent):
        return does_not_apply("the schema of the extension has no department")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found, schemas = at(exchange.json, DEPARTMENT), value_at(exchange.json, "schemas")
    named = isinstance(schemas, list) and ENTERPRISE_USER.lower() in (str(one).lower() for one in schemas)
    if named and equal(sent, found, attribute_at(scene, exchange, DEPARTMENT)):
        return held(expected)
    return broken(expected, f"{show(found)}, schemas {show(schemas)}")


def _labelled(id: str, label: str) -> Step:
    return Step(
        id=id,
        request="rfc/user-create-labelled.http",
        creates=id,
        cast={"user": id},
        blanks={"body": USER, "label": label},
        independent=True,
        checks=(Check("rfc7644-3.8-accepted", accepted),),
    )


def _text(id: str, each: str) -> tuple[Step, Step]:
    """A create with a text beyond ASCII, and the read of it."""
    asked = text_of("displayName", f"{{{{prefix}}}} {TEXT}")
    create = Step(
        id=id,
        request="rfc/user-create-as-is.http",
        creates=id,
        each=each,
        independent=True,
        checks=(Check("rfc7644-3.8-utf-8", of_shown(asked)),),
    )
    read = Step(
        id=f"{id}-read",
        request="rfc/user-get.http",
        cast={"user": id},
        needs=("attr:displayName",),
        independent=True,
        checks=(Check("rfc7644-3.8-utf-8", asked),),
    )
    return create, read


SEQUENCES = (
    Sequence(
        id="rfc.create.labelled",
        title="Create with other labels, letters and names",
        source="RFC 7644 section 3.8",
        needs=("type:User",),
        people={
            "scim": "plain",
            "charset": "plain",
            "json": "plain",
            "named": "plain",
            "top": "plain",
            "contained": "plain",
        },
        steps=(
            _labelled("scim", SCIM),
            _labelled("charset", f"{SCIM};charset=utf-8"),
            _labelled("json", PLAIN_JSON),
            *_text("unicode", "text-in-utf-8"),
            *_text("escapes", "text-in-escapes"),
            Step(
                id="names",
                request="rfc/user-create.http",
                creates="named",
                cast={"user": "named"},
                blanks={"body": ODD_NAMES},
                independent=True,
                checks=(Check("rfc7643-2.1-names-any-case", of_shown(names_understood)),),
            ),
            Step(
                id="top-level",
                request="rfc/user-create-top-level.http",
                creates="top",
                cast={"user": "top"},
                blanks={"body": USER},
                needs=("extension:enterprise",),
                independent=True,
                checks=(Check("rfc7643-3.3-container", of_shown(only_in_container)),),
            ),
            Step(
                id="container",
                request="rfc/user-create.http",
                creates="contained",
                cast={"user": "contained"},
                blanks={"body": CONTAINED},
                needs=("extension:enterprise",),
                independent=True,
                checks=(Check("rfc7643-3.3-container-kept", of_shown(container_kept)),),
            ),
            Step(
                id="container-read",
                request="rfc/user-get.http",
                cast={"user": "contained"},
                needs=("extension:enterprise",),
                independent=True,
                checks=(Check("rfc7643-3.3-container-kept", container_kept),),
            ),
        ),
    ),
)

EXPANSIONS = {
    "text-in-utf-8": Expansion(cases=in_utf_8, blanks=frozenset({"body"})),
    "text-in-escapes": Expansion(cases=in_escapes, blanks=frozenset({"body"})),
}
RULES = {"rfc-user-top-level": top_level_body}
