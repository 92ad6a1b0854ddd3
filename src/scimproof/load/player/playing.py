"""One execution of a compiled sequence under load: on which slot, under which names, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass

from scimproof.core.context import ExecutionContext
from scimproof.load.client.client import Slot
from scimproof.load.workload.compiled_sequence import CompiledSequence, CompiledStep


@dataclass(slots=True, eq=False)
class Playing:
    """Execution of a sequence, handed from step to step.

    `number` and `tag` make its names unique. `due` is the moment at which the next step is due, which is when
    the one before it had been read; `began` is when the first was, `done` when the last answer came. What
    does not count (`counts`) is warm-up.
    `skipped` is the last step that could not be sent.
    """

    sequence: CompiledSequence
    number: int
    tag: str
    scene: ExecutionContext
    slot: Slot
    began: float
    due: float
    done: float
    counts: bool
    skipped: CompiledStep | None = None
