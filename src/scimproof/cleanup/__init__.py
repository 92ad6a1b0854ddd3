"""Removal of what runs create: the ledger, the cleaner, and leftovers of earlier runs."""
