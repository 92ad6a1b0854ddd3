"""The embedded SCIM 2.0 target: conforming by default, with one named fault on request."""

# Here and not in app.py, so that whoever only needs the address does not load a SCIM server.
BASE_PATH = "/scim/v2"
