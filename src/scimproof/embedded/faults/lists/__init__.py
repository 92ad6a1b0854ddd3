"""Faults of lists: paging, filters, form."""

from scimproof.embedded.faults.lists import filtering, form, paging

FAULTS = (
    *filtering.FAULTS,
    *form.FAULTS,
    *paging.FAULTS,
)
