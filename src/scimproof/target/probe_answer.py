"""Tells whether the answer to a connection test is a list of users, and if not, what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scimproof.core.http_message import Exchange, Json, short
from scimproof.core.scim import value_at

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
OLD = "urn:scim:schemas:core:1.0"
SIGN_IN = (b'type="password"', b"type='password'", b"type=password", b"saml", b"sign in", b"log in", b"login")
TROUBLE = 500
MANY = 429


def unusable(exchange: Exchange) -> str:
    """What came in place of a list of users, in words that go on after "GET URL "; empty for a list."""
    if exchange.error:
        return f"has no answer that can be read: {exchange.error}"
    answered = f"answered {exchange.status}"
    if is_html(exchange):
        return f"{answered} with {'a login page' if _asks_to_sign_in(exchange) else 'an HTML page'}, not SCIM"
    if exchange.status != 200:
        return f"{answered}{_said(exchange)}{_means(exchange.status)}"
    if not exchange.body.strip():
        return f"{answered} without a body, where a list of users was asked for"
    if exchange.json is None:
        return f"{answered} with something else than JSON ({_start(exchange)})"
    wrong = next(_wrong(exchange.json), "")
    return f"{answered} with {wrong}" if wrong else ""


def is_html(exchange: Exchange) -> bool:
    """A page for people; JSON is none under any label, since senders read it under any."""
    if exchange.json is not None:
        return False
    kind = (exchange.header("Content-Type") or "").lower()
    start = exchange.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in kind or start.startswith((b"<!doctype html", b"<html"))


def _wrong(body: Json) -> Iterator[str]:
    """What keeps this JSON from being a list of users."""
    if not isinstance(body, Mapping):
        yield f"JSON that is no object ({_kind(body)})"
        return
    schemas, total, found = (value_at(body, name) for name in ("schemas", "totalResults", "Resources"))
    if schemas is not None and not (isinstance(schemas, list) and LIST in schemas):
        old = isinstance(schemas, list) and OLD in schemas
        yield f"another schema ({short(str(schemas), 120)}) than {LIST}" + (": SCIM 1.1" if old else "")
    if total is None:
        yield "JSON that has no totalResults, so that it is no SCIM list"
    elif _count(total) is None:
        yield f"totalResults {short(repr(total), 40)}, which is no count, so that it is no SCIM list"
    if found is not None and not isinstance(found, list):
        yield f"Resources that are no array ({_kind(found)}), so that it is no SCIM list"
    elif not all(isinstance(one, Mapping) for one in found or ()):
        yield "Resources that are no JSON objects, so that it is no SCIM list"


def _count(total: Json) -> int | None:
    """The number, which some servers write as text: a run judges that."""
    if isinstance(total, bool):
        return None
    if isinstance(total, str) and total.isascii() and total.isdigit() and len(total) < 20:
        return int(total)
    if isinstance(total, int | float) and total >= 0 and total == total // 1:
        return int(total)
    return None


def _kind(value: Json) -> str:
    kinds = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _said(exchange: Exchange) -> str:
    """What the answer says of itself, where that is a SCIM error or the like."""
    found = (value_at(exchange.json, name) for name in ("detail", "message", "error_description", "error"))
    words = next((one for one in found if isinstance(one, str) and one.strip()), "")
    return f' ("{short(" ".join(words.split()), 120)}")' if words else ""


def _means(status: int) -> str:
    if status == MANY:
        return ": too many requests, for this client or for all"
    if status >= TROUBLE:
        return ": trouble inside the server; its log says more"
    if status in (204, 205):
        return " without a body, where a list of users was asked for"
    if status < 300:
        return ", where 200 and a list of users are expected"
    return ": it does not take the request that a sender begins with"


def _start(exchange: Exchange) -> str:
    return short(" ".join(exchange.body[:400].decode("utf-8", "replace").split()), 60)


def _asks_to_sign_in(exchange: Exchange) -> bool:
    page = exchange.body[:65536].lower()
    return any(sign in page for sign in SIGN_IN)
