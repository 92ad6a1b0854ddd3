"""Definition of a legal variant: one way to be unusual and right."""

from collections.abc import Callable
from dataclasses import dataclass

from scimproof.embedded.discovery import Describe
from scimproof.embedded.fault import Behave, Fault
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store

Arrange = Callable[[Service, Store], None]


@dataclass(frozen=True)
class Variant:
    """One way in which a right server may differ from the embedded target.

    `warns` are the requirements that may be warnings because of it. `describe` changes the discovery
    documents, `arrange` the switches and the content of a new target, `behave` requests and answers; with
    `edge` also those without credentials.
    """

    name: str
    summary: str
    warns: tuple[str, ...] = ()
    describe: Describe | None = None
    arrange: Arrange | None = None
    behave: Behave | None = None
    edge: bool = False

    def as_fault(self) -> Fault:
        """What it does to requests and answers, as the chain of faults takes it."""
        assert self.behave is not None
        return Fault(self.name, "", "variants", self.summary, self.behave, edge=self.edge)
