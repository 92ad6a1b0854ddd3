"""The embedded SCIM 2.0 target: honest by default, wrong on request in exactly one named way."""
