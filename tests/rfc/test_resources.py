"""Creates, PUT, DELETE, groups, users, other types: right targets hold, each fault shows as what it is."""

from __future__ import annotations

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from scimproof.embedded.faults.rfc import RFC_FAULTS, creates, writes
from scimproof.embedded.variants import VARIANTS
from tests.matrix.inprocess import TOKEN
from tests.rfc.play import BAD, honest, play, shown

ALL = (
    "rfc.create", "rfc.read.unknown", "rfc.replace.whole", "rfc.delete.gone", "rfc.group.members",
    "rfc.enterprise.manager", "rfc.user.active", "rfc.type.custom",
)  # fmt: skip
REFUSED = ("rfc.create.missing", "rfc.create.broken", "rfc.create.unassigned")
# Each fault with the sequences in which it shows, and others in which it must not.
SHOWN: dict[str, tuple[str, ...]] = {
    "rfc-create-location-lacks-base": ("rfc.create.minimal",),
    "rfc-create-modified-before": ("rfc.create.minimal", "rfc.create.read-only"),
    "rfc-create-external-id-invented": ("rfc.create.minimal", "rfc.create.conflict"),
    "rfc-create-meta-of-client": ("rfc.create.minimal", "rfc.create.read-only", "rfc.create.order"),
    "rfc-create-id-refused": ("rfc.create.read-only", "rfc.create.order"),
    "rfc-create-null-is-text": REFUSED,
    "rfc-create-first-schema-decides": ("rfc.create.order", "rfc.create.labelled"),
    "rfc-create-conflict-without-word": ("rfc.create.conflict",),
    "rfc-create-conflict-overwrites": ("rfc.create.conflict",),
    "rfc-create-nameless-user": REFUSED,
    "rfc-create-nameless-group": REFUSED,
    "rfc-create-list-is-user": REFUSED,
    "rfc-create-malformed-500": REFUSED,
    "rfc-create-name-from-text": REFUSED,
    "rfc-create-no-astral": ("rfc.create.labelled",),
    "rfc-create-no-charset": ("rfc.create.labelled",),
    "rfc-create-odd-id-500": ("rfc.read.unknown",),
    "rfc-create-nobody-patched": ("rfc.read.unknown", "rfc.delete.gone"),
    "rfc-write-put-adds": ("rfc.replace.whole",),
    "rfc-write-put-takes-name": ("rfc.replace.whole",),
    "rfc-write-delete-again-204": ("rfc.delete.gone", "rfc.read.unknown"),
    "rfc-write-group-lingers": ("rfc.delete.gone", "rfc.group.members"),
    "rfc-write-groups-empty": ("rfc.group.members", "rfc.delete.gone"),
    "rfc-write-member-ref-of-group": ("rfc.group.members", "rfc.delete.gone"),
    "rfc-write-manager-is-text": ("rfc.enterprise.manager",),
    "rfc-write-inactive-hidden": ("rfc.user.active",),
    "rfc-write-other-type-without-meta": ("rfc.type.custom", "rfc.create.minimal"),
}
# What a target makes without a name of the run's, and whom it hides, nobody can be sure to remove.
LEAVES = {"rfc-create-nameless-group", "rfc-create-list-is-user", "rfc-write-inactive-hidden"}


def test_every_fault_is_shown_somewhere() -> None:
    assert {fault.name for fault in (*creates.FAULTS, *writes.FAULTS)} == set(SHOWN)


def test_a_right_target_holds_with_few_requests() -> None:
    played = honest(*ALL)
    assert played.told(*BAD) == []
    assert len(played.findings) > 220
    assert played.requests < len(played.findings)
    assert played.left == 0


@pytest.mark.parametrize("name", SHOWN)
def test_a_fault_fails_for_what_it_breaks_and_for_nothing_else(name: str) -> None:
    fault, played = RFC_FAULTS[name], play(build(token=TOKEN, faults=[name]), *SHOWN[name])
    shown(played, fault.trips, fault.also)
    assert played.told(Verdict.ERROR) == []
    assert (played.left > 0) == (name in LEAVES)


# Legal ways to be unusual, several at once where they do not touch each other.
@pytest.mark.parametrize(
    "variants",
    [
        ("username-lower-cased", "defaults", "formatted-made", "relative-locations", "strong-etags"),
        ("null-placeholders", "first-email-primary", "behind-proxy", "ids-with-colons", "no-etags"),
        ("members-on-request", "no-groups-of-users", "patch-204", "email-domain-lower-cased"),
        ("group-names-repeat", "phone-canonical", "ids-numeric-text", "extra-members", "own-maximum"),
        ("delete-forbidden-type", "value-paths-declined", "cursor-only", "schemas-without-defaults"),
        ("users-only", "slow-index"),
        ("strangers",),
        ("minimal",),
    ],
    ids=lambda variants: variants[0],
)
def test_legal_variety_stays_quiet(variants: tuple[str, ...]) -> None:
    assert set(variants) <= set(VARIANTS)
    played = play(build(token=TOKEN, variants=variants), *ALL)
    assert played.told(*BAD) == []
    assert played.left == 0
