"""Faults that the sequences of the profile rfc show, each with the requirements that it violates."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.rfc import access, answers, discovery

RFC_FAULTS: dict[str, Fault] = {
    fault.name: fault for module in (access, answers, discovery) for fault in module.FAULTS
}
