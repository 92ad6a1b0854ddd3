# ruff: noqa: INP001 - found by path, as Locust does it
"""Okta's provisioning traffic under Locust.

`SCIMPROOF_TOKEN=... locust -f load/locustfile.py --host URL --web-host 127.0.0.1`
"""

from scimproof.load.locustfile import OpenSchedule, ScimUser

__all__ = ["OpenSchedule", "ScimUser"]
