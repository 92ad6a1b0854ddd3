"""Sequences compiled for load: requests with placeholders, test identities, quick checks."""
