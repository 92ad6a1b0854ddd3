"""Faults that the profile rfc shows; they are no part of what Okta's traffic is proven with."""

from scimproof.embedded.fault import Fault

from . import access, answers, attributes, bulk, discovery, etags, filters, lists, patch

_MODULES = (
    access,
    answers,
    attributes,
    bulk,
    discovery,
    etags,
    filters,
    lists,
    patch,
)

RFC_FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
