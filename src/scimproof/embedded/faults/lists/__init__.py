"""Faults of lists: paging, filters, form."""

from scimproof.embedded.faults.lists import filtering, form, paging, projection

FAULTS = (
    *filtering.FAULTS,
    *form.FAULTS,
    *paging.FAULTS,
    *projection.FAULTS,
)
