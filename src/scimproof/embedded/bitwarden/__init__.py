"""Simulation of Bitwarden: SCIM, Public API and actions of people, by the evidence in `quirks.toml`."""

ORGANIZATION = "5f0d3a86-7c41-4c19-9b52-1d8e60c4a7f3"
"""The one organization there is, unless a test says otherwise."""

CLIENT_ID = f"organization.{ORGANIZATION}"
"""Who an observer is at the Public API; its secret is in `CLIENT_SECRET`, and is not the SCIM key."""

CLIENT_SECRET = "organization-secret"
HOOKS = "/hooks"
