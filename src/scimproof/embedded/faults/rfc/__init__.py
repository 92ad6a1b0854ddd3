"""Faults that only what the RFCs ask shows: the profile `rfc` is proven by them, each module by its part."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.rfc import access, answers, discovery

_MODULES = (
    access,
    answers,
    discovery,
)

RFC_FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
