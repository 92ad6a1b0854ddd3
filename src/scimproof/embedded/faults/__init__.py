"""Every fault of the embedded target by name, each with the requirements it violates (expected.toml)."""

import tomllib
from dataclasses import replace
from importlib.resources import files

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import groups, history, lists, protocol, timing, users
from scimproof.embedded.faults.timing import under_load

_ALL = (
    *users.FAULTS,
    *groups.FAULTS,
    *lists.FAULTS,
    *protocol.FAULTS,
    *timing.FAULTS,
    *history.FAULTS,
)


def _with_requirements(faults: tuple[Fault, ...]) -> dict[str, Fault]:
    """The faults by name, each with the requirements that it must violate and those that it may.

    Raises KeyError if expected.toml names a fault that does not exist.
    """
    text = (files(__package__) / "expected.toml").read_text(encoding="utf-8")
    known = {fault.name: fault for fault in faults}
    for name, expected in tomllib.loads(text).items():
        trips, also = tuple(expected["trips"]), tuple(expected.get("also", ()))
        known[name] = replace(known[name], trips=trips, also=also)
    return known


_KNOWN = _with_requirements(_ALL)

# What Okta's traffic shows, and the load faults, which a replay of one request at a time may not meet.
FAULTS: dict[str, Fault] = {
    name: fault for name, fault in _KNOWN.items() if fault.trips or fault.group == under_load.GROUP
}
# What shows only after several writes, whatever sequences are played: for the search for histories.
HISTORIES: dict[str, Fault] = {name: fault for name, fault in _KNOWN.items() if fault.history}
# What shows only in requests that no suite sends yet: for other clients, and for suites to come.
UNSEEN: dict[str, Fault] = {name: fault for name, fault in _KNOWN.items() if name not in FAULTS}
