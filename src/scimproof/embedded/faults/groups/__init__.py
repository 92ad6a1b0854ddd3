"""Faults of groups and their members."""

from scimproof.embedded.faults.groups import delete, large, membership, patch, put, side_effects

FAULTS = (
    *delete.FAULTS,
    *large.FAULTS,
    *membership.FAULTS,
    *patch.FAULTS,
    *put.FAULTS,
    *side_effects.FAULTS,
)
