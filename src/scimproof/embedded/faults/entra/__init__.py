"""Faults that show in what Entra sends: its own, and others that are the same defect under its traffic.

What each trips there is in expected.toml. With `FAULTS` of the package above Okta's traffic is proven.
"""

import tomllib
from dataclasses import replace
from importlib.resources import files

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import FAULTS, UNSEEN
from scimproof.embedded.faults.entra import (
    convergence,
    creates,
    groups,
    http,
    lookups,
    manager,
    operations,
    pathless,
    people,
    value_paths,
)

_MODULES = (creates, operations, value_paths, pathless, manager, lookups, people, groups, http, convergence)

# Faults of the package above that are a defect of Entra's list as they are.
REUSED = {
    "patch-value-path-500": "EN-11",
    "patch-dotted-path-500": "EN-11",
    "patch-second-op-lost": "EN-19",
    "patch-empty-accepted": "EN-26",
    "manager-is-text": "EN-32",
    "filter-unknown-500": "EN-42",
    "filter-groups-ignored": "EN-43",
    "filter-miss-404": "EN-44",
    "filter-case-sensitive": "EN-45",
    "read-excluded-attributes-ignored": "EN-46",
    "filter-plus-literal": "EN-47",
    "inactive-not-found-by-name": "EN-50",
    "inactive-404": "EN-50",
    "deactivate-deletes": "EN-51",
    "deactivate-anonymises": "EN-51",
    "delete-not-implemented": "EN-53",
    "patch-unknown-id-400": "EN-55",
    "group-display-demanded": "EN-64",
    "group-create-empty-500": "EN-66",
    "lost-membership-updates": "EN-68",
    "large-add-cuts-to-100": "EN-69",
    "group-add-replaces": "EN-70",
    "scim-json-not-parsed": "EN-82",
    "charset-415": "EN-82",
    "response-type-json": "EN-83",
    "response-type-html": "EN-83",
    "patch-not-implemented": "EN-86",
    "group-patch-not-implemented": "EN-86",
    "unknown-parameter-400": "EN-87",
    "external-id-not-shown": "EN-91",
    "create-external-id-dropped": "EN-91",
    "enterprise-dropped": "EN-91",
    "list-paging-ignored": "EN-93",
    "list-start-index-missing": "EN-93",
    "active-missing": "EN-91",
    "patch-not-stored": "EN-05",
    "patch-wipes-profile": "EN-23",
    "auth-any-token": "D-015",
    "auth-open": "D-013",
    "apostrophe-500": "D-320",
    "conflict-deactivates-owner": "D-284",
    "create-conflict-overwrites": "D-284",
    "create-duplicate-accepted": "ENTRA-07",
    "create-emails-dropped": "EN-91",
    "create-unusual-attributes-refused": "EN-17",
    "create-without-id": "ENTRA-07",
    "delete-deactivates-members": "ENTRA-30",
    "display-name-dropped": "EN-91",
    "filter-users-ignored": "EN-41",
    "given-name-dropped": "EN-91",
    "group-create-adds-owner": "ENTRA-23",
    "group-create-without-id": "ENTRA-23",
    "group-member-stored-twice": "D-201",
    "group-name-not-shown": "ENTRA-24",
    "non-ascii-name-400": "D-264",
    "patch-no-change-400": "D-115",
    "phone-numbers-dropped": "EN-91",
    "rate-limit-date": "D-294",
    "rate-limit-without-retry-after": "D-294",
    "reactivate-wipes-profile": "D-143",
    "read-group-list-response": "D-081",
    "read-list-response": "D-081",
    "third-patch-lands-before": "ENTRA-18",
    "title-dropped": "EN-91",
    "token-in-error": "D-322",
    "token-in-header": "D-322",
    "username-not-shown": "ENTRA-08",
    "reactivate-as-created": "D-143",
    "list-bare-array": "D-081",
    "lookup-id-differs": "D-064",
    "lookup-finds-old-name": "D-334",
    "read-unknown-id-200": "ENTRA-08",
    "patch-active-ignored": "EN-05",
    "delete-ineffective": "ENTRA-30",
    "delete-deletes-members": "ENTRA-30",
    "email-type-lost": "EN-91",
    "nick-name-becomes-display-name": "EN-90",
    "absent-is-null-text": "D-223",
    "create-is-inactive": "ENTRA-07",
}


def _with_requirements(faults: dict[str, Fault]) -> dict[str, Fault]:
    """The faults, each with the requirements that it violates under Entra's traffic and those that it may.

    Raises KeyError if expected.toml names a fault that does not exist.
    """
    text = (files(__package__) / "expected.toml").read_text(encoding="utf-8")
    found = {name: replace(fault, trips=(), also=()) for name, fault in faults.items()}
    for name, expected in tomllib.loads(text).items():
        trips, also = tuple(expected["trips"]), tuple(expected.get("also", ()))
        found[name] = replace(found[name], trips=trips, also=also)
    return found


_REUSED = {name: replace({**FAULTS, **UNSEEN}[name], defect=defect) for name, defect in REUSED.items()}
_OWN = {fault.name: fault for module in _MODULES for fault in module.FAULTS}

ENTRA_FAULTS: dict[str, Fault] = _with_requirements({**_OWN, **_REUSED})
"""All of them by name, with what they trip under Entra's traffic."""
OWN_FAULTS: dict[str, Fault] = {name: ENTRA_FAULTS[name] for name in _OWN}
"""Those that only Entra's traffic shows."""
