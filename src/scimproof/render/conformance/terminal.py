"""Writes a report for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.core.results import Verdict
from scimproof.render.conformance import rfc_rows
from scimproof.render.conformance.admin_messages import AdminMessage, AdminMessages
from scimproof.render.conformance.features import features
from scimproof.render.conformance.gate_notes import lapsed, notices, since, standing
from scimproof.render.diagnosis.grouping import Cause, causes
from scimproof.render.diagnosis.known_deviations import recognised
from scimproof.render.diagnosis.proof import ShownExchange
from scimproof.render.phrases import (
    SEVERITY,
    count,
    dialects,
    judged,
    look,
    reason,
    remains,
    result,
)
from scimproof.render.sender import authority, place, sender

Row = dict[str, Any]
COLOURS = {
    "conformant": "green",
    "conformant-with-waivers": "green",
    "nonconformant": "red",
    "inconclusive": "yellow",
}
SHADES = {
    "fails": "red",
    "trouble": "magenta",
    "reported": "yellow",
    "warning": "yellow",
    "undecided": "cyan",
}
MOST = 12
RULES = 3  # of an authority, by id
SHOWN = 180  # characters of a request
ENDLESS = 100_000  # columns


def text(report: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The rich text: counts, reasons and, last, the result; `files` are the paths of the reports.

    Everything is in `Text` objects: no markup in what a server sent is interpreted.
    """
    if not judged(report):
        return brief(report, files)  # every finding would only say the same cause once more
    found = causes(report)
    parts: list[RenderableType] = [_table(report), Text()]
    if product := recognised(report):
        parts.append(Text(f"{line(product, 600)}\n"))
    parts += [Text(f"{line(note, 600)}\n") for note in report.get("notes", ())]
    messages = AdminMessages(report)
    parts += [_cause(report, cause, messages) for cause in found[:MOST]]
    if len(found) > MOST:
        parts.append(
            Text(f"{count(len(found) - MOST, 'more reason is', 'more reasons are')} in the report.\n")
        )
    if rows := rfc_rows.sentence(report):
        parts.append(Text(line(rows)))
    parts += [Text(line(note)) for note in since(report)]
    parts += [Text(line(note), style="dim") for note in notices(report)]
    if table := _features(report):
        parts += [table, Text()]
    parts += _end(report, found)
    return Group(*parts, *_files(files), *_remains(report))


def brief(report: Row, files: Iterable[Path] = (), why: str = "") -> RenderableType:
    """The result, the paths of the reports, and resources that are left: two lines, or three."""
    return Group(*_end(report, causes(report), why), *_files(files), *_remains(report))


def lines(renderable: RenderableType) -> str:
    """The text as plain lines, for output that is no terminal: not wrapped, padded or coloured."""
    console = Console(file=StringIO(), width=ENDLESS, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(renderable)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _remains(report: Row) -> Iterator[Text]:
    """The last line, if resources are left on the target."""
    if left := remains(report):
        yield Text(line(left, 700), style="yellow")


def _files(files: Iterable[Path]) -> Iterator[Text]:
    names = [str(path) for path in files]
    if names:
        yield Text("Reports: " + ", ".join(names), style="dim")


def _table(report: Row) -> Table:
    verdicts = [verdict for verdict in Verdict if report["summary"]["verdicts"][verdict]]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for verdict in verdicts:
        table.add_column(str(verdict), justify="right")
    for name, counts in report["summary"]["authorities"].items():
        decides = " (decides)" if name in report["profile"]["gates"] else ""
        table.add_row(Text(name + decides), *(Text(str(counts[verdict])) for verdict in verdicts))
    for name, _, part in dialects(report):
        cells = (Text(str(part["verdicts"][verdict])) for verdict in verdicts)
        table.add_row(Text(f"{name}: {part['works']}"), *cells)
    return table


def _features(report: Row) -> Table | None:
    """The table of promised features with who verified them; None without features."""
    rows = features(report)
    if not rows:
        return None
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("feature", f"{sender(report)['name']} sends", "over SCIM", "by the observer", ""):
        table.add_column(title, overflow="fold")
    for row in rows:
        cells = ("\n".join(row["requests"]), row["scim"] or "-", row["observer"] or "-", row["state"])
        table.add_row(Text(line(row["title"])), *map(Text, cells))
    return table


def _cause(report: Row, cause: Cause, messages: AdminMessages) -> RenderableType:
    head = Text.assemble(
        (f"{SEVERITY[cause.severity]}  ", f"bold {SHADES[cause.severity]}"), (line(cause.title), "bold")
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    for label, detail, style in _details(report, cause, messages.of(cause.first)):
        grid.add_row(Text(f"  {label}", style="dim"), Text(detail, style=style))
    return Group(head, grid, Text())


def _details(report: Row, cause: Cause, shown: AdminMessage) -> Iterator[tuple[str, str, str]]:
    """Label, text and style of each line below a reason."""
    if cause.admin:
        yield place(report), line(cause.admin), ""
    yield from _logged(shown)
    yield from _shown(cause)
    for known in cause.known:
        yield "known", line(known.removeprefix("known "), 300), ""
    if cause.first:
        more = len(cause.findings) - 1
        yield "first at", cause.first["id"] + (f" and {more:,} more" if more else ""), "dim"
    if cause.blocked and cause.severity != "undecided":
        yield "", f"{count(cause.blocked, 'further check')} could not be asked because of it", "dim"
    if rule := cause.rule:
        yield "rule", f"{rule['id']}, {rule['level']}, {line(rule['source'])}", "dim"
        if contested := rule.get("contested"):
            yield "contested", line(contested), "dim"
    if others := list(_others(report, cause)):
        yield "breaks too", "; ".join(others), "dim"
    if cause.again:
        yield "again", line(cause.again), ""


def _logged(shown: AdminMessage) -> Iterator[tuple[str, str, str]]:
    """What the provider's log shows of the example, where it has one."""
    if shown and shown.log:
        yield "log", line(shown.headline, SHOWN), ""
        if shown.then:
            yield "then", line(shown.brief), ""


def _shown(cause: Cause) -> Iterator[tuple[str, str, str]]:
    """The exchange of the example, and what was expected of it."""
    if cause.proof.request:
        yield "sent", _sent(cause.proof.request), ""
    if cause.proof.read:
        yield "read", _sent(cause.proof.read), ""
    if cause.rule and cause.first:
        if cause.first["expected"]:
            yield "expected", line(cause.first["expected"], 300), ""
        yield "observed", line(cause.first["observed"], 300), ""


def _sent(exchange: ShownExchange) -> str:
    """A request with its body, cut, and the answer."""
    return f"{line(f'{exchange.head} {exchange.body}', SHOWN)} -> {line(exchange.came, 100)}"


def _others(report: Row, cause: Cause) -> Iterator[str]:
    """The other rules of a reason, by authority, the first few by id."""
    found: dict[str, list[str]] = {}
    for rule in cause.others:
        found.setdefault(rule["authority"], []).append(rule["id"])
    for name, ids in found.items():
        more = f" and {len(ids) - RULES:,} more" if len(ids) > RULES else ""
        yield f"{authority(name, report)}: {', '.join(ids[:RULES])}{more}"


def _end(report: Row, found: list[Cause], why: str = "") -> Iterator[Text]:
    yield from (Text(line(lapse), style="yellow") for lapse in lapsed(report))
    style = f"bold {COLOURS[look(report)]}"
    why_so = " ".join(filter(None, (standing(report), why or reason(report, found))))
    yield Text.assemble((_loud(report), style), "  ", line(why_so))


def _loud(report: Row) -> str:
    """The result in capitals; the sentence of a part unchanged."""
    outcome = result(report)
    return outcome if outcome[:1].isdigit() else outcome.upper()
