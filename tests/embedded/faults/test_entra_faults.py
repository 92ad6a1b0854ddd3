"""Faults of Entra's list by raw requests: what the honest target does right, the faulty one does wrong."""

from functools import cache

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.faults.entra import ENTRA_FAULTS, OWN_FAULTS
from tests.embedded.faults.entra_questions import QUESTIONS, Entra

# The question that shows it, of each fault of Entra's own and of some of the others.
SHOWN_BY = {
    "entra-create-manager-500": "manager in create",
    "entra-email-demanded": "created bare",
    "entra-empty-roles-refused": "created bare",
    "entra-extension-demanded": "created bare",
    "entra-group-filter-blind": "group found by name",
    "entra-group-patch-body": "no body of a group",
    "entra-miss-placeholder": "nobody found",
    "entra-nested-group-500": "nested group",
    "entra-read-405": "created with everything",
    "entra-reference-filter-500": "asked for a reference",
    "entra-custom-extension-lost": "custom extension",
    "entra-custom-extension-undeclared": "custom extension",
    "entra-custom-extension-500": "custom extension",
    "entra-custom-path-refused": "custom URN",
    "entra-manager-array-refused": "manager by a list",
    "entra-roles-refused": "roles replaced",
    "entra-role-text-500": "role as text",
    "entra-rename-refused": "renamed",
    "entra-rename-ignored": "renamed",
    "active-missing": "disabled by text",
    "auth-any-token": "wrong token",
    "auth-open": "wrong token",
    "charset-415": "created with everything",
    "create-external-id-dropped": "created with everything",
    "deactivate-anonymises": "disabled by text",
    "deactivate-deletes": "disabled by text",
    "delete-not-implemented": "group deleted",
    "enterprise-dropped": "created with everything",
    "entra-accept-demanded": "connection tested",
    "entra-active-mono-valued": "disabled by text",
    "entra-active-text-refused": "disabled by text",
    "entra-active-text-truthy": "disabled by text",
    "entra-add-email-appends": "address changed",
    "entra-add-single-refused": "title added",
    "entra-address-path-500": "whole address added",
    "entra-address-primary-refused": "created with everything",
    "entra-address-scattered": "whole address added",
    "entra-capital-op-ignored": "disabled by text",
    "entra-capital-op-refused": "disabled by text",
    "entra-content-type-demanded": "connection tested",
    "entra-delete-unknown-500": "deleted twice",
    "entra-deleted-name-taken": "created anew",
    "entra-department-not-shown": "created with everything",
    "entra-disable-hits-oldest": "one is disabled",
    "entra-disable-leaves-groups": "disabled stays in groups",
    "entra-dotted-keys-dropped": "dotted keys",
    "entra-dotted-keys-literal": "dotted keys",
    "entra-email-filter-500": "found by email",
    "entra-email-filter-blind": "found by email",
    "entra-email-filter-refused": "found by email",
    "entra-enable-text-ignored": "enabled by text",
    "entra-enable-text-refused": "enabled by text",
    "entra-excluded-members-listed": "members left out",
    "entra-excluded-members-refused": "members left out",
    "entra-external-id-filter-blind": "found by external id",
    "entra-external-id-filter-ignored": "found by external id",
    "entra-external-id-filter-refused": "found by external id",
    "entra-flag-404": "flag in the query",
    "entra-flag-is-filter": "flag in the query",
    "entra-group-delete-400": "group deleted",
    "entra-group-external-id-filter-refused": "group found by external id",
    "entra-group-external-id-kept": "group changed",
    "entra-group-external-id-not-shown": "group created",
    "entra-group-filter-refused": "group found by name",
    "entra-group-members-demanded": "group of two schemas",
    "entra-group-meta-refused": "group created",
    "entra-group-name-kept": "group changed",
    "entra-group-name-refused": "group of an odd name",
    "entra-group-pathless-refused": "group changed without path",
    "entra-group-replace-empties": "group changed",
    "entra-group-schema-missing": "schemas",
    "entra-group-schema-refused": "group of two schemas",
    "entra-groups-share-external-id": "two groups",
    "entra-last-path-only": "several at once",
    "entra-login-page": "wrong token",
    "entra-lookup-first-thousand": "found among many",
    "entra-manager-at-top": "manager set",
    "entra-manager-empty-500": "manager cleared",
    "entra-manager-empty-ignored": "manager cleared",
    "entra-manager-empty-stored": "manager cleared",
    "entra-manager-kept": "manager changed",
    "entra-manager-not-shown": "manager set",
    "entra-manager-text-refused": "manager set",
    "entra-manager-unknown-refused": "manager set",
    "entra-member-again-409": "added again",
    "entra-meta-refused": "created with everything",
    "entra-name-upper-case": "several at once",
    "entra-name-parts-not-shown": "created with everything",
    "entra-nested-group-loses-all": "nested group",
    "entra-no-operations-500": "no operations",
    "entra-null-reference-refused": "members with null reference",
    "entra-null-reference-spoils": "members with null reference",
    "entra-operations-reversed": "in order",
    "entra-patch-unknown-500": "unknown patched",
    "entra-pathless-is-put": "without path",
    "entra-pathless-refused": "without path",
    "entra-phone-changes-first": "phone changed",
    "entra-phone-formatted": "created with everything",
    "entra-phone-path-500": "phone added",
    "entra-phones-not-shown": "created with everything",
    "entra-plus-finds-nobody": "found by name",
    "entra-reference-filter-refused": "asked for a reference",
    "entra-remove-list-clears": "member removed",
    "entra-remove-list-first-only": "members removed",
    "entra-remove-list-ignored": "member removed",
    "entra-remove-list-refused": "member removed",
    "entra-rename-changes-email": "tombstone",
    "entra-role-primary-text-refused": "primary role",
    "entra-role-sub-attribute-refused": "created with everything",
    "entra-role-text-kept": "role as text",
    "entra-roles-replace-appends": "roles replaced",
    "entra-schemas-bare-array": "schemas",
    "entra-schemas-first-demanded": "operations first",
    "entra-stranger-removed-404": "stranger removed",
    "entra-sub-attribute-case": "capital Value",
    "entra-title-not-shown": "created with everything",
    "entra-tombstone-name-taken": "tombstone frees the name",
    "entra-tombstone-refused": "tombstone",
    "entra-urn-keys-dropped": "URN as key",
    "entra-urn-keys-refused": "URN as key",
    "entra-urn-path-ignored": "URN as path",
    "entra-urn-split-at-dot": "custom URN",
    "entra-user-agent-demanded": "connection tested",
    "entra-user-delete-405": "deleted twice",
    "entra-user-delete-deactivates": "deleted twice",
    "entra-value-path-clears-list": "phone changed",
    "entra-value-path-ignored": "phone added",
    "entra-value-path-no-target": "phone added",
    "external-id-not-shown": "created with everything",
    "filter-case-sensitive": "found by name",
    "filter-groups-ignored": "group found by name",
    "filter-miss-404": "nobody found",
    "filter-plus-literal": "found by name",
    "filter-unknown-500": "found by email",
    "group-add-replaces": "member added",
    "group-create-empty-500": "group created",
    "group-display-demanded": "member added",
    "group-patch-not-implemented": "member added",
    "inactive-404": "inactive found",
    "inactive-not-found-by-name": "inactive found",
    "large-add-cuts-to-100": "many members",
    "list-paging-ignored": "pages",
    "list-start-index-missing": "pages",
    "manager-is-text": "manager is somebody",
    "patch-dotted-path-500": "several at once",
    "patch-empty-accepted": "no operations",
    "patch-not-implemented": "disabled by text",
    "patch-not-stored": "disabled by text",
    "patch-second-op-lost": "in order",
    "patch-unknown-id-400": "unknown patched",
    "patch-value-path-500": "phone added",
    "patch-wipes-profile": "disabled by text",
    "read-excluded-attributes-ignored": "members left out",
    "response-type-html": "connection tested",
    "response-type-json": "connection tested",
    "scim-json-not-parsed": "created with everything",
    "unknown-parameter-400": "flag in the query",
}


@cache
def right(question: str) -> bool:
    """Whether the honest target does that right."""
    return QUESTIONS[question](Entra(build()))


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_the_honest_target_does_everything_right(question: str) -> None:
    """Each question has yes for an answer."""
    assert right(question)


@pytest.mark.parametrize("name", sorted(SHOWN_BY))
def test_a_fault_does_it_wrong(name: str) -> None:
    """To its question the answer is no."""
    assert right(SHOWN_BY[name])
    try:
        answer = QUESTIONS[SHOWN_BY[name]](Entra(build(faults=[name])))
    except (KeyError, TypeError):
        answer = False
    assert not answer


def test_every_fault_is_filed_once() -> None:
    """Names say whose they are; every defect is of Entra's list, or reused from the other one."""
    for name, fault in ENTRA_FAULTS.items():
        assert name == fault.name
        assert fault.summary.endswith(".")
        assert name.startswith("entra-") == (name in OWN_FAULTS)
        assert fault.defect.startswith(("EN-", "ENTRA-")) or name not in OWN_FAULTS
        assert name in SHOWN_BY or name not in OWN_FAULTS
    assert {fault.defect for fault in ENTRA_FAULTS.values()} >= {f"EN-{n:02}" for n in LISTED - UNSHOWN}


LISTED = {*range(1, 9), *range(10, 20), *range(20, 27), *range(30, 36), *range(40, 48), *range(50, 57)}
LISTED |= {*range(60, 75), *range(80, 88), *range(90, 95)}
# A token that ends after weeks, and one that Entra signs: no request shows them.
UNSHOWN = {84, 85}
