"""Every fault the embedded target can be given, by name."""

from scimproof.embedded.fault import Fault

FAULTS: dict[str, Fault] = {}
