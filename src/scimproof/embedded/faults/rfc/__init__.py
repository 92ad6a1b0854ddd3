"""Faults that the profile rfc shows; they are no part of what Okta's traffic is proven with."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.rfc import (
    access,
    answers,
    attributes,
    bulk,
    creates,
    discovery,
    etags,
    filters,
    lists,
    patch,
    writes,
)

_MODULES = (
    access,
    answers,
    attributes,
    bulk,
    creates,
    discovery,
    etags,
    filters,
    lists,
    patch,
    writes,
)

RFC_FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
