"""Plan made of a capture: what arrives in it, and the text of a plan that plays it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.reader import Capture
from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Profile
from scimproof.core.errors import UsageError
from scimproof.core.paths import shown
from scimproof.load.plan.names import planned
from scimproof.load.plan.recorded_arrivals import RecordedArrivals
from scimproof.load.recording.traffic import Tell, read_traffic

UNREADABLE = "lines or entries that cannot be read"
MINUTE, SECOND = 60_000, 1000  # ms


def read_recorded(
    path: Path, catalog: Catalog, profile: Profile | None = None, tell: Tell = lambda _: None
) -> RecordedArrivals:
    """What arrives in the capture at that path, in the dialect that was recorded.

    Only what the sender of the `profile` sends, the one that sent most without one; a product's profile says
    what is loaded and not who sends. `tell` hears how many exchanges were read. UsageError for a capture that
    cannot be read, or in which nothing can be played.
    """
    capture, looks = Capture(path), Recogniser(catalog).look
    sender = catalog.sender(profile).id if profile and not profile.deviations else ""
    plans = partial(planned, root=catalog.root)
    try:
        found = read_traffic(capture, catalog, looks, plans, sender=sender, tell=tell)
    except UsageError as problem:
        # What the reader says begins with the file.
        where = "" if str(problem).startswith(str(path)) else f"{shown(path)}: "
        raise UsageError(f"{where}{problem}") from None
    if capture.unreadable:
        found.left_out[UNREADABLE] += capture.unreadable
    return RecordedArrivals.of(
        found.played,
        capture=path.name,
        began=datetime.fromtimestamp(found.began, UTC).isoformat(timespec="milliseconds"),
        seconds=found.seconds,
        stood_for=dict(found.stood_for),
        requests=found.requests + capture.unreadable,
        left_out=dict(found.left_out),
    )


def plan_text(recorded: RecordedArrivals, capture: str) -> str:
    """A plan in TOML that plays that capture, named as a path from the plan's own folder."""
    return "\n".join(_lines(recorded, capture)) + "\n"


def _lines(recorded: RecordedArrivals, capture: str) -> Iterator[str]:
    began, played = recorded.began[:16].replace("T", " "), sum(recorded.stood_for.values())
    yield (
        f"# Recorded from {began} UTC on, for {recorded.seconds:,g} s: {played:,} of {recorded.requests:,} "
        f"requests are {len(recorded.moments):,} sequences."
    )
    wide = max(map(len, recorded.sequences))
    yield f"# {'':{wide}}  {'in all':>8}  {'busiest minute':>14}  {'busiest second':>14}"
    for id, number in sorted(recorded.counts.items(), key=lambda one: -one[1]):
        at = _moments(recorded, id)
        yield f"# {id:{wide}}  {number:>8,}  {_most(at, MINUTE):>14,}  {_most(at, SECOND):>14,}"
    yield from (f"# left out: {number:,} x {what}" for what, number in recorded.left_out.items())
    yield f'question = "Does the server keep up with what was recorded on {began[:10]}?"'
    yield f"capture = {json.dumps(capture, ensure_ascii=False)}"
    yield "factor = 1    # arrivals for each recorded one"
    yield ""
    yield "[thresholds]"
    yield '"*" = { errors = 0.001 }'


def _moments(recorded: RecordedArrivals, id: str) -> list[int]:
    place = recorded.sequences.index(id)
    return [ms for ms, plays in recorded.moments if plays == place]


def _most(at: list[int], width: int) -> int:
    """The most of these moments that lie within so many ms."""
    return max(bisect_left(at, ms + width) - number for number, ms in enumerate(at))
