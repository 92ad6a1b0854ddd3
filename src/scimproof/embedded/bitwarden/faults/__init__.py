"""Faults of the simulated Bitwarden: differences from the known behaviour."""
