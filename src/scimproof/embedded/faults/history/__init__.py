"""Faults that only a history shows: several writes of one resource, or of others beside it."""

from scimproof.embedded.faults.history import (
    deletions,
    membership,
    names,
    order,
    people,
    several_groups,
    views,
)

FAULTS = (
    *deletions.FAULTS,
    *membership.FAULTS,
    *names.FAULTS,
    *order.FAULTS,
    *people.FAULTS,
    *several_groups.FAULTS,
    *views.FAULTS,
)
