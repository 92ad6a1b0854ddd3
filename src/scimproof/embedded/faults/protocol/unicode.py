"""Faults of text beyond ASCII, and of characters with a meaning in some syntax."""

import html
import re
from collections.abc import Callable
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, RawResponse, encode, error

GROUP = "unicode and encoding"
_INVISIBLE = re.compile("[\u0000-\u001f\u007f\u00ad\u200b-\u200f\u2060\ufeff]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff].*", re.DOTALL)
_SPECIAL = re.compile(r"[,#()]")
_FIXED = {"id", "schemas", "meta", "Operations", "totalResults", "startIndex", "itemsPerPage"}
_WRITES = ("create", "replace")


def _texts(value: Any, change: Callable[[str], str]) -> Any:
    """JSON with every string changed, except those that a server sets itself."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {key: item if key in _FIXED else _texts(item, change) for key, item in value.items()}
    return value


def _sent(change: Callable[[str], str]) -> Behave:
    """A behaviour that changes every string that a create or replace stores."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.action not in _WRITES or not call.body:
            return call.proceed()
        return call.send(_texts(call.body, change))

    return behave


def _any(names: JSON, pattern: re.Pattern[str]) -> bool:
    name = names.get("name") or {}
    texts = [names.get("displayName"), *(name.values() if isinstance(name, dict) else ())]
    return any(isinstance(text, str) and pattern.search(text) for text in texts)


def _refused(pattern: re.Pattern[str], status: int) -> Behave:
    """A behaviour that refuses names that match a pattern."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        names = {key: call.body.get(key) for key in ("name", "displayName")}
        found = call.action in _WRITES and _any(names, pattern)
        return (
            error(status, "Bad request" if status < 500 else "Internal server error")
            if found
            else call.proceed()
        )

    return behave


def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def _cut_astral(text: str) -> str:
    return _ASTRAL.sub("", text)


def _question_marks(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def _latin_1(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.body is None:
        return response
    raw = encode(response.body).decode().encode("latin-1", "replace")
    return RawResponse(response.status, None, response.headers, raw)


def _byte_order_mark(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.body is None:
        return response
    return RawResponse(response.status, None, response.headers, b"\xef\xbb\xbf" + encode(response.body))


def _html_shown(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.body is not None:
        response.body = _texts(response.body, html.escape)
    return response


def _lookup(change: Callable[[str], str | None]) -> Behave:
    """A behaviour that changes the value of a lookup first; None finds nothing."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.action != "list" or call.equality is None:
            return call.proceed()
        attribute, value = call.equality
        changed = change(value)
        if changed == value:
            return call.proceed()
        return call.query(filter=f'{attribute} eq "{changed or "nobody has this name"}"')

    return behave


def _plus_is_space(value: str) -> str:
    return value.replace("+", " ")


def _ascii_only(value: str) -> str | None:
    return value if value.isascii() else None


@when("Users", "create", "replace")
def _plus_in_name(call: InterceptedRequest) -> ScimResponse:
    body: JSON = call.body
    if isinstance(body.get("userName"), str):
        body["userName"] = _plus_is_space(body["userName"])
    return call.send()


FAULTS = (
    Fault(
        "lookup-plus-is-space",
        "D-262",
        GROUP,
        "`+` in a looked-up value becomes a space.",
        _lookup(_plus_is_space),
    ),
    Fault("stored-plus-is-space", "D-262", GROUP, "`+` in a userName is stored as a space.", _plus_in_name),
    Fault(
        "lookup-ascii-only",
        "D-264",
        GROUP,
        "A lookup with a non-ASCII value finds nothing.",
        _lookup(_ascii_only),
    ),
    Fault(
        "invisible-characters-400",
        "D-263",
        GROUP,
        "An invisible character is refused.",
        _refused(_INVISIBLE, 400),
    ),
    Fault(
        "special-characters-500",
        "D-265",
        GROUP,
        "Comma, hash or parenthesis in a name gets 500.",
        _refused(_SPECIAL, 500),
    ),
    Fault(
        "apostrophe-500", "D-320", GROUP, "An apostrophe in a name gets 500.", _refused(re.compile("'"), 500)
    ),
    Fault("response-latin-1", "D-264", GROUP, "Answers are Latin-1.", _latin_1),
    Fault(
        "response-byte-order-mark", "D-264", GROUP, "Answers begin with a byte order mark.", _byte_order_mark
    ),
    Fault("stored-as-mojibake", "D-264", GROUP, "UTF-8 is stored as if it were Latin-1.", _sent(_mojibake)),
    Fault(
        "stored-as-question-marks",
        "D-264",
        GROUP,
        "Non-ASCII letters are stored as `?`.",
        _sent(_question_marks),
    ),
    Fault(
        "stored-cut-at-emoji",
        "D-264",
        GROUP,
        "Text is cut at the first character beyond U+FFFF.",
        _sent(_cut_astral),
    ),
    Fault("shown-html-escaped", "D-326", GROUP, "Text is shown HTML-escaped.", _html_shown),
)
