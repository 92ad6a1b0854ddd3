"""What a run created and its removal: the ledger, the cleaner, leftovers of earlier runs."""
