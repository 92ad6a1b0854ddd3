"""The sequences about attributes: quiet at a right server, each fault shows, legal variety does not."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.embedded.app import Application
from scimproof.embedded.fault import Behave, Fault, ok, sent, shown, when
from scimproof.embedded.faults.rfc import RFC_FAULTS
from scimproof.embedded.faults.rfc.attributes import FAULTS
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error, resources
from tests.matrix.inprocess import TOKEN
from tests.rfc.play import BAD, WRONG, Played, honest, play

NAMES = ("kept", "read-only", "immutable", "returned", "typed", "canonical", "reference", "primary")
ATTRIBUTES = "rfc.attributes."
# The sequences in which a fault shows, and where it can show in few cases, with which their keys begin.
SHOWN_IN = {
    "rfc-attribute-dropped": (("kept", "returned"), "User:n"),
    "rfc-second-value-dropped": (("kept", "typed", "canonical", "primary"), "User:emails"),
    "rfc-put-merges-name": (("kept",), "User:name"),
    "rfc-created-written": (("read-only",), "User"),
    "rfc-groups-joined": (("read-only",), "User"),
    "rfc-immutable-replaced": (("immutable",), ""),
    "rfc-immutable-same-refused": (("immutable",), ""),
    "rfc-always-excluded": (("returned",), "User:s"),
    "rfc-request-always-shown": (("returned",), "User:b"),
    "rfc-boolean-as-text": (("typed", "kept"), "User:re"),
    "rfc-instant-as-seconds": (("typed", "kept"), "User:h"),
    "rfc-home-is-work": (("canonical", "kept", "primary"), "User:emails"),
    "rfc-members-elsewhere": (("reference",), ""),
    "rfc-two-primaries": (("primary",), "User:e"),
    "rfc-old-primary-removed": (("primary",), "User:e"),
}
# How many findings the honest target gives, and for how many requests.
COUNTS = {
    "kept": (880, 660),
    "read-only": (63, 65),
    "immutable": (9, 16),
    "returned": (248, 268),
    "typed": (190, 120),
    "canonical": (40, 40),
    "reference": (35, 25),
    "primary": (72, 95),
}


def behaving(fault: Fault, names: tuple[str, ...], keys: str = "") -> Played:
    """What came of these sequences with a target that behaves so."""
    app = Application(TOKEN, [fault], 0.0)
    return play(app, *(ATTRIBUTES + name for name in names), keys=keys)


@pytest.mark.parametrize("name", NAMES)
def test_rat01_a_right_server_is_told_nothing_bad(name: str) -> None:
    played = honest(ATTRIBUTES + name)

    assert not played.told(*BAD)
    findings, most = COUNTS[name]
    assert len(played.findings) == findings
    assert played.requests <= most


def test_rat02_every_fault_says_where_it_shows_and_is_known() -> None:
    assert {fault.name for fault in FAULTS} == set(SHOWN_IN)
    assert set(SHOWN_IN) <= set(RFC_FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_rat03_each_fault_shows(fault: Fault) -> None:
    names, keys = SHOWN_IN[fault.name]

    played = behaving(fault, names, keys)

    wrong = played.by(*WRONG)
    assert set(fault.trips) <= wrong, played.told(*BAD)
    assert wrong <= {*fault.trips, *fault.also}, played.told(*BAD)


def _lower_names(body: dict[str, Any]) -> None:
    if isinstance(body.get("userName"), str):
        body["userName"] = body["userName"].lower()


def _lower_domains(body: dict[str, Any]) -> None:
    for one in body.get("emails") or ():
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            name, at, domain = one["value"].partition("@")
            one["value"] = name + at + domain.lower()


def _plain_numbers(user: dict[str, Any]) -> None:
    for one in user.get("phoneNumbers") or ():
        one["value"] = "tel:" + re.sub(r"[-() ]", "", one["value"])


def _placeholders(user: dict[str, Any]) -> None:
    for name in ("nickName", "title", "locale", "userType"):
        user.setdefault(name, None)
    user.setdefault("roles", [])
    user.setdefault("name", {"givenName": None, "familyName": None})


def _formatted_made(user: dict[str, Any]) -> None:
    name = user.get("name") or {}
    parts = [str(name[part]) for part in ("givenName", "familyName") if name.get(part)]
    if parts:
        name["formatted"] = " ".join(parts)


def _defaults(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == "Users" and not {"attributes", "excludedAttributes"} & set(call.request.query):
        for user in resources(response):
            user.setdefault("displayName", user["userName"])
            user.setdefault("locale", "en-US")
            user.setdefault("userType", "Employee")
    return response


def _first_is_primary(user: dict[str, Any]) -> None:
    some = user.get("emails") or []
    if len(some) == 1:
        some[0]["primary"] = True


def _proxied(resource: dict[str, Any]) -> None:
    for key in ("members", "groups"):
        for one in resource.get(key) or ():
            one["$ref"] = re.sub(r"^https?://[^/]+", "https://proxy.example.org", one["$ref"])


def _relative(resource: dict[str, Any]) -> None:
    for key in ("members", "groups"):
        for one in resource.get(key) or ():
            one["$ref"] = re.sub(r"^.*/(?=(Users|Groups)/)", "../", one["$ref"])


def _other_forms(user: dict[str, Any]) -> None:
    """Bytes without padding, an instant in another zone, a number with a fraction of nothing."""
    for key, held in user.items():
        if key.startswith("urn:") and isinstance(held, dict):
            if "fingerprint" in held:
                held["fingerprint"] = held["fingerprint"].rstrip("=").replace("+", "-")
            if "hiredAt" in held:
                held["hiredAt"] = held["hiredAt"].replace("10:20:30", "12:20:30.000").replace("Z", "+02:00")


def _reversed(user: dict[str, Any]) -> None:
    for value in user.values():
        if isinstance(value, list):
            value.reverse()


@when("Users", "patch")
def _no_content(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(HTTPStatus.NO_CONTENT) if ok(response) else response


@when("Users", "create")
def _bare_create(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    for resource in resources(response):
        for key in ("emails", "name", "title"):
            resource.pop(key, None)
    return response


def _of_users_and_groups(edit: Any) -> Behave:
    def behave(call: InterceptedRequest) -> ScimResponse:
        return shown(call.kind, edit)(call) if call.kind in ("Users", "Groups") else call.proceed()

    return behave


_ALL_BUT_IDS = ("kept", "immutable", "typed", "canonical", "primary")
# Each with the sequences in which it could be taken for a fault.
VARIETIES: dict[str, tuple[Behave, tuple[str, ...]]] = {
    "userName in small letters": (sent("Users", ("create", "replace"), _lower_names), ("kept", "primary")),
    "domains in small letters": (sent("Users", ("create", "replace"), _lower_domains), _ALL_BUT_IDS),
    "telephone numbers as URIs": (shown("Users", _plain_numbers), _ALL_BUT_IDS),
    "null for what has no value": (shown("Users", _placeholders), NAMES),
    "name.formatted made of the parts": (shown("Users", _formatted_made), ("kept", "typed")),
    "defaults for what has no value": (_defaults, NAMES),
    "the only e-mail address is primary": (shown("Users", _first_is_primary), _ALL_BUT_IDS),
    "references by another host": (_of_users_and_groups(_proxied), ("reference", "returned", "read-only")),
    "relative references": (_of_users_and_groups(_relative), ("reference", "returned", "read-only")),
    "other forms of the same values": (shown("Users", _other_forms), _ALL_BUT_IDS),
    "lists in another order": (shown("Users", _reversed), _ALL_BUT_IDS),
    "PATCH answered without a body": (_no_content, ("kept", "read-only", "immutable", "primary")),
    "a create that shows little": (_bare_create, NAMES),
}


@pytest.mark.parametrize("name", VARIETIES)
def test_rat04_legal_variety_stays_quiet(name: str) -> None:
    behave, names = VARIETIES[name]

    assert not behaving(Fault(name, "", "", "", behave), names).told(*BAD)


@when("Users", "create", "replace")
def _no_photos(call: InterceptedRequest) -> ScimResponse:
    wanted = call.body.get("photos") or call.body.get("x509Certificates")
    return error(400, "no photos and certificates here", "invalidValue") if wanted else call.proceed()


def test_rat05_an_optional_attribute_that_is_refused_is_a_warning_and_no_more() -> None:
    played = behaving(Fault("no-photos", "", "", "", _no_photos), NAMES, "User:")

    assert not played.told("fail", "inconclusive", "error")
    assert played.by("warning") == {"rfc7643-4.1.1-kept", "rfc7643-2.3.1-listed"}
    assert all("photos" in told or "x509" in told for told in played.told("warning"))
