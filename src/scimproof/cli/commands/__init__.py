"""The commands of `scimproof`, one module each."""
