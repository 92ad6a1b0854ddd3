"""Faults that the profile rfc shows; they are no part of what Okta's traffic is proven with."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.rfc import filters, lists

_MODULES = (
    filters,
    lists,
)

RFC_FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
