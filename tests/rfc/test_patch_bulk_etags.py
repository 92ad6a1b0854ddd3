"""PATCH, bulk jobs and tags: a right target holds, a wrong one fails for its fault and for nothing else."""

from __future__ import annotations

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.faults.rfc import RFC_FAULTS, bulk, etags, patch
from tests.matrix.inprocess import TOKEN
from tests.rfc.play import BAD, honest, play, shown

FAMILIES = ("rfc.patch", "rfc.bulk", "rfc.etag")
# Each fault with the sequences in which it shows.
SHOWN: dict[str, tuple[str, ...]] = {
    "rfc-patch-op-ignored": ("rfc.patch.envelope", "rfc.patch.together[half]"),
    "rfc-patch-nothing-accepted": ("rfc.patch.envelope",),
    "rfc-patch-sub-clears": ("rfc.patch.add[sub]", "rfc.patch.add[complex]"),
    "rfc-patch-again-moves": ("rfc.patch.add[again-member]", "rfc.patch.add[members]"),
    "rfc-patch-urn-left-out": ("rfc.patch.add[extension]", "rfc.patch.add[extension-pathless]"),
    "rfc-patch-name-drops": ("rfc.patch.replace[complex]", "rfc.patch.replace[sub]"),
    "rfc-patch-first-match": ("rfc.patch.replace[element-sub-two]", "rfc.patch.replace[element-sub]"),
    "rfc-patch-no-match-silent": ("rfc.patch.replace[no-match]", "rfc.patch.together[half]"),
    "rfc-patch-first-condition": ("rfc.patch.remove[two-conditions]", "rfc.patch.remove[element]"),
    "rfc-patch-null-member": ("rfc.patch.remove[last]", "rfc.patch.remove[member]"),
    "rfc-patch-half-done": ("rfc.patch.together[half]", "rfc.patch.together[order]"),
    "rfc-patch-on-the-old": ("rfc.patch.together[order-members]", "rfc.patch.together[order]"),
    "rfc-bulk-all-or-400": ("rfc.bulk",),
    "rfc-bulk-no-location": ("rfc.bulk",),
    "rfc-bulk-goes-on": ("rfc.bulk",),
    "rfc-bulk-reference-kept": ("rfc.bulk",),
    "rfc-bulk-no-later": ("rfc.bulk",),
    "rfc-bulk-unlimited": ("rfc.bulk",),
    "rfc-etag-patch-unconditional": ("rfc.etag",),
    "rfc-etag-304-body": ("rfc.etag",),
    "rfc-etag-same": ("rfc.etag",),
    "rfc-etag-restless": ("rfc.etag",),
}
# Legal ways to be unusual that these sequences meet, several at once, and what they make warnings of.
QUIET: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (
            "patch-204", "members-on-request", "no-groups-of-users", "username-lower-cased", "defaults",
            "formatted-made", "relative-locations", "strong-etags", "bulk-status-object", "circle-409",
        ),
        (),
    ),
    (
        (
            "null-placeholders", "first-email-primary", "behind-proxy", "ids-with-colons", "own-maximum",
            "bulk-results-reordered", "group-names-repeat", "no-match-noTarget", "no-etags",
        ),
        (),
    ),
    (("users-only", "slow-index"), ()),
    (("minimal",), ()),
    (("version-without-header",), ("rfc7644-3.14-header", "rfc9110-15.4.5-etag")),
    (
        ("value-paths-declined",),
        ("rfc7644-3.5.2-patch-status", "rfc7644-3.5.2.3-no-match-type", "rfc7644-3.5.2.2-absent-type",
         "rfc7644-3.5.2.1-no-match-type"),
    ),
)  # fmt: skip


def test_every_fault_is_shown_somewhere() -> None:
    assert {fault.name for module in (bulk, etags, patch) for fault in module.FAULTS} == set(SHOWN)


def test_a_right_target_holds_with_few_requests() -> None:
    played = honest(*FAMILIES)
    assert played.told(*BAD) == []
    assert len(played.findings) > 390
    assert played.requests < 1.2 * len(played.findings)


@pytest.mark.parametrize("name", SHOWN)
def test_a_fault_fails_for_what_it_breaks_and_for_nothing_else(name: str) -> None:
    fault = RFC_FAULTS[name]
    shown(play(build(token=TOKEN, faults=[name]), *SHOWN[name]), fault.trips, fault.also)


@pytest.mark.parametrize(("variants", "warned"), QUIET, ids=lambda value: "+".join(value) or "-")
def test_legal_variety_stays_quiet(variants: tuple[str, ...], warned: tuple[str, ...]) -> None:
    played = play(build(token=TOKEN, variants=variants), *FAMILIES)
    assert played.told(*BAD, quiet=warned) == []
