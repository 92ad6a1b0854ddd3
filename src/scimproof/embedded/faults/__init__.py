"""Every fault the embedded target can be given, by name."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import groups, lists, protocol, timing, users
from scimproof.embedded.faults.expected import with_requirements
from scimproof.embedded.faults.timing import under_load

_ALL = (*users.FAULTS, *groups.FAULTS, *lists.FAULTS, *protocol.FAULTS, *timing.FAULTS)

_KNOWN = with_requirements(_ALL)

# What Okta's traffic shows, and the load faults, which a replay of one request at a time may not meet.
FAULTS: dict[str, Fault] = {
    name: fault for name, fault in _KNOWN.items() if fault.trips or fault.group == under_load.GROUP
}
# What shows only in requests that no suite sends yet: for other clients, and for suites to come.
UNSEEN: dict[str, Fault] = {name: fault for name, fault in _KNOWN.items() if name not in FAULTS}
