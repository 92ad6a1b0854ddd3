"""Faults of filters: operators, brackets, dates, names, text that are read as something else."""

import re
from collections.abc import Callable

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, unlisted
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "rfc"
_SECTION = "rfc7644-3.4.2.2-"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:user:"
_FLAT = re.compile(r" (and|or) (?![^(]*\))")  # outside brackets


def _read_as(edit: Callable[[str], str | None]) -> Behave:
    """A behaviour that reads a filter as another one, or as none."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        found = call.request.query.get("filter") if call.request.method == "GET" else None
        if found is None or (edited := edit(found)) == found:
            return call.proceed()
        return call.query(filter=edited)

    return behave


def _words(these: str, those: str) -> Callable[[str], str]:
    return lambda text: text.replace(these, those)


def _left_to_right(text: str) -> str:
    first, *rest = _FLAT.split(text)
    for word, other in zip(rest[::2], rest[1::2], strict=True):
        first = f"({first} {word} {other})"
    return first


def _mixed(text: str) -> str:
    return re.sub(r"emails\[(type eq \S+) and (value \w+ [^\]]+)\]", r"emails.\1 and emails.\2", text)


def _and_inside_not(text: str) -> str:
    """Each or in brackets that stand in the brackets of a not, read as and."""
    made, closers = "", list[bool]()
    for part in re.split(r"(not \(|\(|\)| or )", text):
        if part in ("not (", "("):
            closers.append(part == "not (")
        elif part == ")" and closers:
            closers.pop()
        nested = part == " or " and True in closers[:-1] and closers[-1:] == [False]
        made += " and " if nested else part
    return made


def _false_of_nothing(call: InterceptedRequest) -> ScimResponse:
    """Active eq false is true of users who were created without active."""
    without = call.on("Users", "create") and "active" not in call.body
    found = call.request.query.get("filter", "")
    with call.kept("without", list[str]) as ids:
        ours = " or ".join(["active eq false", *(f'id eq "{id}"' for id in ids)])
    if "active eq false" in found:
        return call.query(filter=found.replace("active eq false", f"({ours})"))
    response = call.proceed()
    if without and response.body and "id" in response.body:
        with call.kept("without", list[str]) as ids:
            ids.append(response.body["id"])
    return response


def _refuses(wrong: Callable[[str], bool]) -> Behave:
    def behave(call: InterceptedRequest) -> ScimResponse:
        broken = wrong(call.request.query.get("filter", ""))
        return error(500, "Internal server error") if broken else call.proceed()

    return behave


def _other_letters(call: InterceptedRequest, resource: JSON) -> bool:
    found = re.search(r'userName sw "([^"]*)"', call.request.query["filter"], re.IGNORECASE)
    return found is not None and not str(resource.get("userName", "")).startswith(found[1])


def _page_first(call: InterceptedRequest) -> ScimResponse:
    """The page is cut from the whole list, and then filtered."""
    if "filter" not in call.request.query or "startIndex" not in call.request.query:
        return call.proceed()
    wanted = call.ask("GET", f"/{call.kind}", query={"filter": call.request.query["filter"]}).body or {}
    ids = {resource["id"] for resource in wanted.get("Resources", [])}
    response = call.query(filter=None)
    if response.body:
        response.body["Resources"] = [one for one in response.body["Resources"] if one["id"] in ids]
        response.body["totalResults"] = len(response.body["Resources"])
    return response


def _fault(name: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()) -> Fault:
    full = [one if one.startswith("rfc") else _SECTION + one for one in (*trips, *also)]
    return Fault(name, "", GROUP, summary, behave, tuple(full[: len(trips)]), tuple(full[len(trips) :]))


FAULTS = (
    _fault("rfc-co-as-sw", "co is read as sw.", _read_as(_words(" co ", " sw ")), "operator"),
    _fault(
        "rfc-pr-of-nothing",
        "pr is true of a list whose values lack the sub-attribute.",
        _read_as(lambda text: re.sub(r"\.\w+ pr", " pr", text)),
        "operator",
    ),
    _fault("rfc-ge-as-gt", "ge is read as gt.", _read_as(_words(" ge ", " gt ")), "operator"),
    _fault(
        "rfc-left-to-right", "and and or are read from left to right.", _read_as(_left_to_right), "precedence"
    ),
    _fault(
        "rfc-not-of-the-first",
        "not is applied to the first comparison in brackets alone.",
        _read_as(lambda text: re.sub(r"not \(([^()]+?) (and|or) ([^()]+)\)", r"(not (\1) \2 \3)", text)),
        "brackets",
    ),
    _fault(
        "rfc-elements-mixed",
        "The conditions in attr[...] hold for different values.",
        _read_as(_mixed),
        "same-element",
    ),
    _fault(
        "rfc-dates-as-text",
        "Dates are compared as text.",
        _read_as(_words("+02:00", "Z")),
        "dates",
    ),
    _fault(
        "rfc-false-of-nothing",
        "active eq false is true of who was made without active.",
        _false_of_nothing,
        "defaulted",
    ),
    _fault(
        "rfc-urn-is-no-filter",
        "A filter that begins with the URN of the schema is ignored.",
        _read_as(lambda text: None if text.lower().startswith(_CORE) else text),
        "urn",
    ),
    _fault(
        "rfc-sw-by-letter-case",
        "sw has regard to letter case, which eq has not.",
        unlisted(_other_letters, filtered=True),
        "case",
    ),
    _fault(
        "rfc-backslash-500",
        "A backslash in a value gets 500.",
        _refuses(lambda text: "\\" in text),
        "escapes",
        also=("rfc7644-7.7-injection", "rfc7644-7.8-prepared"),
    ),
    _fault(
        "rfc-unknown-operator-all",
        "A filter with an unknown operator returns everyone.",
        _read_as(lambda text: None if re.search(r" (regex|like) ", text) else text),
        "unknown-operator",
    ),
    _fault(
        "rfc-open-bracket-500",
        "A bracket that is not closed gets 500.",
        _refuses(lambda text: text.count("(") != text.count(")")),
        "grammar",
    ),
    _fault("rfc-page-before-filter", "A page is cut first, and filtered then.", _page_first, "pages"),
    _fault(
        "rfc-or-in-brackets-in-not",
        "or in brackets in the brackets of a not is read as and.",
        _read_as(_and_inside_not),
        "agrees",
    ),
)
