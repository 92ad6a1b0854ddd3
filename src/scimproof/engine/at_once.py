"""A session that sends the write of one step several times at once, as a retry overlaps the first attempt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Sequence, Step
from scimproof.core.http_message import Exchange, Request
from scimproof.engine.target_session import LiveTargetSession


@dataclass(kw_only=True)
class AtOnce(LiveTargetSession):
    """The session of one execution of a sequence with such a step.

    The write of that step is sent so often at once. Its exchange is one that was accepted, where any was.
    """

    step: Step
    before: tuple[Step, ...]
    scene: ExecutionContext

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """As ever, but for that write."""
        if request.method == "GET" or not self._due():
            return super().send(request, seconds)
        plainly = super().send
        with ThreadPoolExecutor(max_workers=self.step.at_once) as pool:
            several = list(pool.map(lambda _: plainly(request, seconds), range(self.step.at_once)))
        return next((exchange for exchange in several if exchange.ok), several[-1])

    def _due(self) -> bool:
        """Whether it is that step's turn: what is before it was sent, it was not."""
        sent = self.scene.exchanges
        return self.step.id not in sent and all(step.id in sent for step in self.before)


def session_for(sequence: Sequence, scene: ExecutionContext, session: LiveTargetSession) -> LiveTargetSession:
    """The session itself, or one that sends the step of that sequence which is sent several times at once."""
    place = next((place for place, step in enumerate(sequence.sent) if step.at_once > 1), None)
    if place is None:
        return session
    known = {one.name: getattr(session, one.name) for one in fields(session)}
    return AtOnce(**known, step=sequence.sent[place], before=sequence.sent[:place], scene=scene)
