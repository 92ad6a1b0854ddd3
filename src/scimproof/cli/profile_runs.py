"""The runs of several profiles against one server, one after another, and what is said of them together."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.definitions import Profile
from scimproof.core.errors import Exit, UsageError
from scimproof.core.escaping import line
from scimproof.render.conformance.terminal import COLOURS
from scimproof.render.formats import DocumentKind, write_all
from scimproof.render.matrix import Source
from scimproof.render.side_by_side import lines, side_by_side
from scimproof.session.session import Options, Session

# From worst to best: that something does not hold is certain, whatever went wrong beside it.
WORST = (Exit.DOES_NOT_HOLD, Exit.TROUBLE, Exit.CANNOT_TELL, Exit.HOLDS)
NO_BASELINE = (
    "--baseline is the report of one profile, and --profile names several: run each with its own, or compare "
    "afterwards, as with `scimproof compare earlier/{id}/report.json {out}/{id}/report.json`"
)
LEAST = 1.0  # seconds of the budget that a run is worth beginning with


@dataclass(frozen=True)
class ProfileRuns:
    """The sessions of a command: one, or several whose reports go into folders of their own.

    `left_out` are profiles that play nothing of what was asked for.
    """

    sessions: list[Session]
    out: Path
    several: bool = False
    left_out: tuple[str, ...] = ()

    def folder(self, session: Session) -> Path:
        """Where the reports of that session go."""
        return self.out / session.profile.id if self.several else self.out

    def creations(self) -> tuple[int, int]:
        """How many users and groups all of them create."""
        users, groups = zip(*(session.creations() for session in self.sessions), strict=True)
        return sum(users), sum(groups)

    def warnings(self) -> list[str]:
        """What is known of the target's product, each once."""
        return list(dict.fromkeys(text for session in self.sessions for text in session.warnings()))

    def secrets(self) -> list[str]:
        """The secrets of all sessions."""
        return [secret for session in self.sessions for secret in session.secrets()]


def profile_runs(options: Options, out: Path) -> ProfileRuns:
    """The sessions for the profiles that the options name; UsageError for what contradicts itself."""
    if "," not in options.profile:
        return ProfileRuns([Session(options)], out)
    catalog = load_catalog(options.root)
    profiles = catalog.profiles_in(options.profile)
    if options.baseline:
        raise UsageError(NO_BASELINE.format(id=profiles[0].id, out=out))
    shares = _shares(catalog, profiles, options)
    asked = [one for one in profiles if shares[one.id] or not options.wanted]
    apps = [one for one in asked if catalog.sender(one).id in catalog.apps]
    sessions = [
        Session(
            replace(
                options,
                profile=one.id,
                wanted=tuple(shares[one.id]),
                app=options.app if one in apps or not apps else AppSettings(),
            )
        )
        for one in asked
    ]
    return ProfileRuns(sessions, out, several=True, left_out=tuple(p.id for p in profiles if p not in asked))


def _shares(catalog: Catalog, profiles: Sequence[Profile], options: Options) -> dict[str, list[str]]:
    """Which of the ids each profile plays: its own sequences; what none of them has, its sender's first."""
    shares: dict[str, list[str]] = {one.id: [] for one in profiles}
    own = {one.id: {s.id for s in _of(catalog, one, options)} for one in profiles}
    for word in options.wanted:
        hits = [one.id for one in catalog.select([word], inferred=options.include_inferred)]
        for id, known in own.items():
            mine = [hit for hit in hits if hit in known]
            shares[id] += [word] if len(mine) == len(hits) else mine
        if strangers := [hit for hit in hits if not any(hit in known for known in own.values())]:
            sender = strangers[0].partition(".")[0]
            home = next((one for one in profiles if catalog.sender(one).id == sender), profiles[0])
            shares[home.id] += [word] if len(strangers) == len(hits) else strangers
    return shares


def _of(catalog: Catalog, profile: Profile, options: Options) -> Iterable[Any]:
    observed = profile.observed if options.observer else ()
    return catalog.select((*profile.sequences, *observed), inferred=True)


@dataclass
class Budget:
    """The time that several runs share; the first begins it."""

    seconds: float
    ends_at: float = 0.0

    def begin(self, session: Session) -> bool:
        """Give a session what is left; whether that is worth beginning."""
        self.ends_at = self.ends_at or time.monotonic() + self.seconds
        left = self.ends_at - time.monotonic()
        session.options = replace(session.options, budget=min(left, session.options.budget))
        return left >= LEAST


def write_side_by_side(runs: ProfileRuns, documents: Iterable[dict[str, Any]], notes: Sequence[str]) -> Group:
    """Write the page of all reports; gives what a terminal shows of it."""
    sources = [Source(one["profile"]["id"], one, f"{one['profile']['id']}/report.html") for one in documents]
    table = side_by_side(sources, notes)
    files = write_all(DocumentKind.SIDE_BY_SIDE, table, runs.out)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    for name, sentence, state in lines(table):
        grid.add_row(Text(line(name)), Text(line(sentence, 1000), style=COLOURS[state]))
    told = [Text(line(note)) for note in notes]
    return Group(
        Text("Side by side", style="bold"),
        grid,
        *told,
        Text(f"Reports: {', '.join(map(str, files))}", style="dim"),
    )


def worst(codes: Iterable[Exit]) -> Exit:
    """The exit code of several runs: the worst of theirs."""
    return min(codes, key=WORST.index, default=Exit.CANNOT_TELL)
