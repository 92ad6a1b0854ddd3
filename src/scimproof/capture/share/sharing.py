"""Shares a capture: writes it with stand-ins, and a summary; refuses when something cannot be placed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from scimproof import __version__
from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.reader import Capture
from scimproof.capture.share.messages import MessageRewriter, Problem
from scimproof.capture.share.rules import SharingRules, read_sharing_rules
from scimproof.capture.share.self_check import SelfCheck
from scimproof.capture.share.stand_ins import StandInMapping
from scimproof.capture.share.tally import Tally
from scimproof.capture.share.texts import TextRewriter
from scimproof.catalog.loader import Catalog
from scimproof.core.errors import ScimproofError, UsageError

CAPTURE, SUMMARY = "capture.jsonl", "share.json"
FORMAT = "scimproof.share-1"
WEEK = date(2024, 1, 1)  # the Monday of the week in which every shared capture begins
MOST_SHOWN = 20

Progress = Callable[[str, int], None]  # what is done, and how many exchanges so far


class SharingRefused(UsageError):
    """Raised when something cannot be placed; nothing was written. `problems` are all of them."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(_sentence(path, problems))


@dataclass(frozen=True)
class Shared:
    """What was written: the files, the summary of share.json."""

    capture: Path
    summary: Path
    document: dict[str, Any]


def share(
    capture: Capture,
    out: Path,
    catalog: Catalog,
    *,
    keep_headers: Collection[str] = (),
    leave_out: bool = False,
    progress: Progress = lambda *_: None,
    rng: random.Random | None = None,
) -> Shared:
    """Write `capture.jsonl` and `share.json` into a folder, which is made.

    Values of headers in `keep_headers` are replaced, too; it is their names that stay. With `leave_out`,
    exchanges in which something cannot be placed are left out, and counted, instead of a refusal. Raises
    SharingRefused, and UsageError where a capture is in the folder already.
    """
    made = _ready(out)
    try:
        return _share(capture, out, catalog, keep_headers, progress, rng, leave_out=leave_out)
    except BaseException:
        if made and not any(out.iterdir()):
            out.rmdir()
        raise


def _share(
    capture: Capture,
    out: Path,
    catalog: Catalog,
    keep_headers: Collection[str],
    progress: Progress,
    rng: random.Random | None,
    *,
    leave_out: bool,
) -> Shared:
    rules = read_sharing_rules(catalog)
    sharing = _Sharing(capture, rules, keep_headers, rng, progress)
    problems = sharing.collect()
    if problems and not leave_out:
        raise SharingRefused(capture.path, problems)
    sharing.write(out / CAPTURE, leave_out=leave_out)
    document = sharing.summary()
    path = out / SUMMARY
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as problem:
        raise ScimproofError(f"{path} cannot be written: {problem.strerror or problem}") from None
    return Shared(out / CAPTURE, path, document)


class _Sharing:
    """One capture on its way: gone through to collect, then again to write."""

    def __init__(
        self,
        capture: Capture,
        rules: SharingRules,
        keep_headers: Collection[str],
        rng: random.Random | None,
        progress: Progress,
    ) -> None:
        self._capture, self._rules, self._progress = capture, rules, progress
        self._tally = Tally(rules)
        self._stand_ins = StandInMapping(rules, rng)
        self._texts = TextRewriter(rules, self._stand_ins, self._tally)
        self._keep_headers = keep_headers
        self._messages = MessageRewriter(self._texts, keep_headers)
        self._without: set[int] = set()  # places in the capture; numbers may be given twice in a folder
        self._left_out: list[int] = []
        self._shift = 0
        self._written = 0

    def collect(self) -> list[Problem]:
        """Go through all that will be replaced; what cannot be placed."""
        first = None
        for count, exchange in enumerate(self._capture, 1):
            first = exchange.at if first is None else min(first, exchange.at)
            known = len(self._messages.problems)
            self._messages.exchange(exchange, 0)
            if len(self._messages.problems) > known:
                self._without.add(count)
            self._progress("reading", count)
        if first is None:
            other = f" ({self._capture.skipped:,} of others, or in outline, were left out)" * bool(
                self._capture.skipped
            )
            raise UsageError(f"{self._capture.path}: there is no exchange in it{other}")
        day = datetime.fromtimestamp(first, UTC).date()
        # Whole weeks, so that weekdays and times of day stay what they are.
        self._shift = -((day - WEEK).days // 7) * 7
        unreadable = [Problem(0, place, "it is no exchange") for place in self._capture.places]
        if more := self._capture.unreadable - len(unreadable):
            unreadable.append(Problem(0, f"{more:,} more", "they are no exchanges"))
        return [*unreadable, *self._messages.problems]

    def write(self, path: Path, *, leave_out: bool) -> None:
        """Write the capture, whole or not at all, without the exchanges in which something was not placed."""
        self._stand_ins.collecting = False
        self._texts.begin(self._shift)
        self._tally.begin()
        kept = self._tally.kept_words | {name.lower() for name in self._tally.kept_names}
        public = self._rules.public_words | kept
        check = SelfCheck(self._stand_ins.originals, public, self._keep_headers)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        problems: list[Problem] = []
        try:
            target = self._texts.url(self._capture.target) if self._capture.target else ""
            writer = CaptureWriter(part, target, __version__, WEEK_START)
            try:
                for count, exchange in enumerate(self._capture, 1):
                    self._progress("writing", count)
                    if count in self._without:
                        self._left_out.append(exchange.number)
                        continue
                    known = len(self._messages.problems)
                    shared = self._messages.exchange(exchange, self._shift)
                    leaks = [Problem(exchange.number, where, STILL_SHOWS) for where in check.leaks(shared)]
                    # A recorder that still writes adds exchanges that were not there before.
                    leaks += self._messages.problems[known:]
                    problems += leaks
                    if leaks:
                        self._left_out.append(exchange.number)
                    else:
                        writer.append(shared)
                        self._written += 1
            finally:
                writer.close()
            if problems and not leave_out:
                raise SharingRefused(self._capture.path, problems)
            part.rename(path)
        except OSError as problem:
            raise ScimproofError(f"{path} cannot be written: {problem.strerror or problem}") from None
        finally:
            part.unlink(missing_ok=True)

    def summary(self) -> dict[str, Any]:
        """What share.json says."""
        return {
            "format": FORMAT,
            "scimproof": __version__,
            "exchanges": self._written,
            "left_out": self._left_out,
            "replaced": self._tally.counts(),
            "attribute_names_kept": self._tally.kept_names,
        }


STILL_SHOWS = "a text that was replaced still shows; that is scimproof's mistake: please report it"
WEEK_START = datetime(WEEK.year, WEEK.month, WEEK.day, tzinfo=UTC).timestamp()


def _ready(out: Path) -> bool:
    """Make the folder; whether it was not there."""
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{out} cannot be made a folder: {problem.strerror or problem}") from None
    for name in (CAPTURE, SUMMARY):
        if (out / name).exists():
            raise UsageError(f"{out / name} is there already; name another folder, or remove it")
    return made


def _sentence(path: Path, problems: list[Problem]) -> str:
    """The refusal: what could not be placed, and the ways out."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for problem in problems:
        grouped.setdefault((problem.where, problem.what), []).append(problem.number)
    lines = [
        f"  {where}: {what} ({_numbers(numbers)})" if numbers[0] else f"  {where}: {what}"
        for (where, what), numbers in list(grouped.items())[:MOST_SHOWN]
    ]
    if len(grouped) > MOST_SHOWN:
        lines.append(f"  and {len(grouped) - MOST_SHOWN:,} more kinds")
    names = sorted({where.rpartition(" ")[2] for where, _ in grouped if " header " in where})
    ways = [
        f"{' '.join(f'--keep-header {name}' for name in names)} lets these names stay and replaces the values"
    ] * bool(names)
    ways.append("--leave-out leaves these exchanges out")
    places = f"{len(problems):,} places" if len(problems) > 1 else "one place"
    return "\n".join([
        f"{path}: nothing was written, since {places} cannot be replaced for certain:",
        *lines, f"Ways out: {'; '.join(ways)}.",
    ])  # fmt: skip


def _numbers(numbers: list[int]) -> str:
    several = sorted(set(numbers))
    shown = ", ".join(f"{number:,}" for number in several[:5])
    more = f" and {len(several) - 5:,} more" if len(several) > 5 else ""
    return f"exchange{'s' if len(several) > 1 else ''} {shown}{more}"
