"""What every answer of the run is asked, beside what RFC 7643 and RFC 7644 ask in every profile."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.own_resources import MESSAGES, is_list, of_answers, own
from scimproof.core.definitions import CUT_TOKEN, OTHER_TOKEN, SMALL_SCHEME, GlobalCheck, RunKnowledge
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, declined, held
from scimproof.core.scim import value_at

from .resource_answers import RESOURCES

TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"')
# What a detail for people does not have: the trace of an exception, a file of the server, a statement in SQL.
INSIDE = re.compile(
    r"Traceback \(most recent|\bat [\w.$]+\([\w.]+(:\d+)?\)|\bFile \"[^\"]+\", line \d"
    r"|\.(java|py|rb|go|cs|php):\d+"
    r"|(^|[\s\"'(])(/(usr|home|var|opt|srv|app|etc|root)/|[A-Za-z]:\\)[\w./\\-]+"
    r"|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b.+\b(FROM|VALUES|SET|WHERE)\b"
)
STAND_INS = (CUT_TOKEN, SMALL_SCHEME, OTHER_TOKEN)
SHORTEST = 8  # characters of a token that is looked for; a shorter one may be any word
BEFORE = (401, 412, 413, 414, 431)  # what a gateway or an HTTP server may refuse, which knows no SCIM


def _is_job(exchange: Exchange) -> bool:
    return exchange.ok and urlsplit(exchange.request.target).path.endswith("/Bulk")


def message_schemas(exchange: Exchange, _: RunKnowledge) -> CheckResult | None:
    body = exchange.json
    error = exchange.status >= 400
    if not isinstance(body, dict) or not (error or is_list(body) or _is_job(exchange)):
        return None
    found, expected = value_at(body, "schemas"), f"schemas with a URI below {MESSAGES}"
    listed = found if isinstance(found, list) else []
    if any(isinstance(urn, str) and urn.startswith(MESSAGES) for urn in listed):
        return held(expected)
    return (declined if exchange.status in BEFORE else broken)(expected, show(found))


def detail(exchange: Exchange, _: RunKnowledge) -> CheckResult | None:
    if exchange.status < 400 or not isinstance(exchange.json, dict):
        return None
    found = value_at(exchange.json, "detail")
    if found is None:
        return None
    expected = "detail, text for people"
    right = isinstance(found, str) and bool(found.strip()) and not INSIDE.search(found)
    return held(expected, show(found)) if right else broken(expected, show(found))


def redirect(exchange: Exchange, _: RunKnowledge) -> CheckResult | None:
    if exchange.status not in (301, 302, 303, 307, 308):
        return None
    right = exchange.status in (307, 308)
    return (held if right else broken)("307 or 308", str(exchange.status))


def challenge(exchange: Exchange, _: RunKnowledge) -> CheckResult | None:
    if exchange.status != 401:
        return None
    found = exchange.header("WWW-Authenticate")
    expected = "a WWW-Authenticate header with the 401"
    return held(expected, show(found)) if found else broken(expected, show(found))


def allow(exchange: Exchange, _: RunKnowledge) -> CheckResult | None:
    if exchange.status != 405:
        return None
    found = exchange.header("Allow")
    expected = "an Allow header with the 405"
    return held(expected, show(found)) if found is not None else broken(expected, "none")


def tag_form(exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
    """ETag and meta.version are quoted, with W/ in front of a weak one."""
    found = [value_at(row, "meta.version") for _, row in own(exchange, run)]
    found = [one for one in [exchange.header("ETag"), *found] if one is not None]
    expected = 'tags as "17" or W/"17"'
    wrong = [show(one) for one in found if not (isinstance(one, str) and TAG.fullmatch(one))]
    return broken(expected, ", ".join(wrong[:3])) if wrong else held(expected) if found else None


class NoEcho:
    """Whether no answer repeats what was sent in Authorization, be it the right or a wrong credential."""

    def __init__(self) -> None:
        self._sent: set[bytes] = set()

    def look(self, exchange: Exchange, _: RunKnowledge) -> CheckResult | None:
        """Whether a token that was sent so far is in this answer, also without its last letter."""
        value = next((v for k, v in exchange.request.headers if k.lower() == "authorization"), "")
        token = value.rpartition(" ")[2]
        if value not in STAND_INS and len(token) >= SHORTEST:
            self._sent.add(token[:-1].encode())
        if not self._sent:
            return None
        shown = exchange.body + "\n".join(text for _, text in exchange.headers).encode()
        expected = "no credential in an answer"
        if any(one in shown for one in self._sent):
            return broken(expected, "one that was sent in Authorization")
        return held(expected)

    def conclude(self, _: RunKnowledge) -> CheckResult | None:
        """Nothing beyond."""
        return None


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "rfc.answers": (
        GlobalCheck("rfc7644-3.1-message-schemas", watch=of_answers(message_schemas, discovery=True)),
        GlobalCheck("rfc7644-3.12-detail", watch=of_answers(detail, discovery=True)),
        GlobalCheck("rfc7644-3.12-redirect", watch=of_answers(redirect, discovery=True)),
        GlobalCheck("rfc9110-11.6.1-challenge", watch=of_answers(challenge, discovery=True)),
        GlobalCheck("rfc9110-15.5.6-allow", watch=of_answers(allow, discovery=True)),
        GlobalCheck("rfc9110-8.8.3-form", watch=of_answers(tag_form, discovery=True)),
        GlobalCheck("rfc7644-7-no-token-echo", watch=NoEcho),
        *RESOURCES,
    ),
}
