"""Replays identity providers' provisioning traffic against SCIM 2.0 servers and judges the answers."""

__version__ = "0.1.0"
