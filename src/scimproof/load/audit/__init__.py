"""Audit of a load run: compares the store, read back afterwards, with every write that was answered."""
