"""The embedded SCIM 2.0 target: honest by default, wrong on request in exactly one named way."""

# Here and not in app.py, so that whoever only needs the address does not load a SCIM server.
BASE_PATH = "/scim/v2"
