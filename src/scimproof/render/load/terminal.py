"""Writes a load report for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.render.load.outside import outside
from scimproof.render.load.sizes import answers, grown, size
from scimproof.render.phrases import breach_of, count, recording, remains
from scimproof.render.sender import sender

Row = dict[str, Any]
COLOURS = {"pass": "green", "fail": "red", "invalid": "yellow"}
MARKS = {"held": ("holds", "green"), "broken": ("BROKEN", "red"), "undecided": ("not told", "yellow")}
COLUMNS = ("p50", "p95", "p99", "max")
MOST, FEW = 12, 24
LEAST = {
    "p90": 10,
    "p95": 20,
    "p99": 100,
}  # answers of which one is beyond it; p99.9 is in no document below 10,000
SIZES = {
    "members": "members",
    "batches": "batches",
    "errors": "errors",
    "first batch ms": "first_ms",
    "last batch ms": "last_ms",
    "all ms": "total_ms",
    "read back ms": "read_ms",
}
BYTES = {
    "first answer": "first_bytes",
    "last answer": "last_bytes",
    "read back": "read_bytes",
}


def text(document: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The rich text: latencies, thresholds, audit and, last, the result."""
    parts: list[RenderableType] = [_latencies(document), Text()]
    parts += [Text(one) for one in _notes(document)]
    parts += _sizes(document)
    parts += [Text.assemble(("GROWS  ", "bold yellow"), line(told, 500)) for told in grown(document)]
    parts += _limits(document)
    parts += _audit(document)
    if document["ledger"].get("removed_by"):
        parts.append(Text(f"Resources: {tidied(document)}."))
    return Group(*parts, *_end(document, files))


def brief(document: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The result, resources that are left, and the paths of the reports: two lines, or three."""
    return Group(*_end(document, files))


def _end(document: Row, files: Iterable[Path]) -> Iterator[Text]:
    style = f"bold {COLOURS[document['result']]}"
    why = ". ".join(filter(None, (document["why"], standing(document))))
    yield Text.assemble((document["result"].upper(), style), "  ", line(why))
    names = [str(path) for path in files]
    if names:
        yield Text("Reports: " + ", ".join(names), style="dim")
    if left := remains(document):
        yield Text(line(left, 700), style="yellow")


def standing(document: Row) -> str:
    """A sentence on the baseline beside the result, which it does not change; "" without one."""
    base = document.get("baseline")
    if not base:
        return ""
    then = f"since the baseline of {base['started'][:10]}"
    if base["result"] == "worse":
        some = count(len(base["worse"]), "figure, limit or audit", "figures, limits or audits")
        return f"{some} got worse {then}"
    if base["result"] == "cannot-tell":
        return f"Whether anything got worse {then} cannot be told: {base['why']}"
    return f"Nothing that decides got worse {then}, so that the run passes"


def decided(row: Row, name: str) -> float | None:
    """A percentile of a row's response times; None where so few came that it is their maximum."""
    value: float | None = row["response_ms"][name]
    return value if row["count"] >= LEAST.get(name, 0) else None


def milliseconds(value: float | None) -> str:
    """Milliseconds with as many digits as are significant: `0.82`, `14.1`, `1,204`."""
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def tidied(document: Row) -> str:
    """A sentence on how many resources were created and removed, and by which process."""
    ledger, least = document["ledger"], "at least " if document["generator"]["workers_lost"] else ""
    if not ledger.get("removed_by"):
        return f"{ledger['created']:,} created and {ledger['removed']:,} removed"
    theirs, own = ledger["elsewhere"], ledger["created"] - ledger["elsewhere"]
    here = f"{own:,} by the master, which removed {ledger['removed']:,}, and " if own else ""
    return (
        f"{least}{ledger['created']:,} created: {here}{least}{theirs:,} by workers, each of which removes "
        "its own after the run and says so"
    )


def _latencies(document: Row) -> Table:
    """Table of response times from when each request was due; sequences above their steps."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("ms from due")
    for name in ("due", "errors", *COLUMNS):
        table.add_column(name, justify="right")
    rows = {row["id"]: row for row in document["operations"]}
    few = len(rows) <= FEW  # of more, only steps with errors; load.html has them all
    for whole in [*document["sequences"], *document["spans"]]:
        table.add_row(Text(whole["id"], style="bold"), *_cells(whole))
        for id, row in rows.items():
            if id.startswith(whole["id"] + "/") and (few or row["errors"]):
                table.add_row(Text("  " + id.removeprefix(whole["id"])), *_cells(row))
    return table


def _cells(row: Row) -> Iterator[Text]:
    yield Text(f"{row['due']:,}")
    yield Text(f"{row['errors']:,}", style="red" if row["errors"] else "")
    for name in COLUMNS:
        yield Text(milliseconds(decided(row, name)))


def _sizes(document: Row) -> Iterator[RenderableType]:
    """Table of latency by group size."""
    found = document["group_sizes"]
    if not found:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in (*SIZES, *BYTES):
        table.add_column(name, justify="right")
    for row in found["rows"]:
        sizes = (Text(size(row.get(key))) for key in BYTES.values())
        table.add_row(*(Text(f"{row[key]:,.5g}") for key in SIZES.values()), *sizes)
    yield table
    if found["left_out"]:
        missing = ", ".join(f"{members:,}" for members in found["left_out"])
        yield Text(f"Not pushed, since there were not as many users: {missing} (--prefill).")
    if found["ms_per_thousand"] is not None:
        yield Text(
            f"A batch takes {found['ms_per_thousand']:.3g} ms longer for every thousand members there are."
        )
    yield Text()


def _notes(document: Row) -> Iterator[str]:
    arrivals, generator, plan = document["arrivals"], document["generator"], document["plan"]
    yield (
        f"Arrivals: {arrivals['started']:,} of about {arrivals['expected']:,}, "
        f"{arrivals['finished']:,} finished, "
        f"{arrivals['held']:,} waited for a slot; {arrivals['most_in_flight']:,} at once at the most."
    )
    if "recording" in plan:
        yield recording(plan["recording"])
    if told := resent(document):
        yield told
    if plan["model"] == "closed":
        yield (
            f"Closed model: {count(arrivals['never_sent'], 'arrival')} of the schedule never sent, and in no "
            "percentile."
        )
    each, lag = generator["cpu_us_per_request"], document["lag_ms"]
    yield (
        f"Generator: {count(generator['processes'], 'process', 'processes')}, "
        f"{'-' if each is None else format(each, ',.0f')} us of CPU per request, "
        f"lag p50 {milliseconds(lag['p50'])} ms, p99 {milliseconds(lag['p99'])} ms."
    )
    if unread := document.get("unread_ms"):
        yield (
            f"Answers were read p50 {milliseconds(unread['p50'])} ms, p99 {milliseconds(unread['p99'])} ms "
            "after they came, which is in no latency."
        )
    if told := answers(document):
        yield told
    yield from outside(document)
    if plan["guess"]:
        yield f"The mix is a guess: {line(plan['guess'])}"
    if app := document.get("app"):
        yield line(app)
    yield ""


def resent(document: Row) -> str:
    """A sentence on writes that were sent again while the first was under way; "" where none was to be."""
    plan = document["plan"].get("resend")
    if not plan:
        return ""
    number = sum(row.get("resent", 0) for row in document["operations"])
    after = f"{plan['after_ms']:,g} ms"
    if not number:
        return (
            f"Sent again: nothing, since no write that was chosen for it was still under way after {after}."
        )
    were = "write was" if number == 1 else "writes were"
    return f"Sent again: {number:,} {were} still under way after {after}, and came a second time."


def _limits(document: Row) -> Iterator[RenderableType]:
    """The thresholds not met, and how many were met."""
    odd = [row for row in document["thresholds"] if row["verdict"] != "held"]
    for row in odd[:MOST]:
        mark, style = MARKS[row["verdict"]]
        seen = row["why"] or f"it was {row['value']:.4g}"
        yield Text.assemble(
            (f"{mark}  ", f"bold {style}"), (row["of"], "bold"), f": {row['expected']}; {seen}"
        )
    if len(odd) > MOST:
        yield Text(f"{len(odd) - MOST:,} more in the report")
    held = len(document["thresholds"]) - len(odd)
    if document["thresholds"]:
        yield Text(f"{held:,} of {count(len(document['thresholds']), 'limit')} held.")
    known = sorted({row["known"] for row in document["sampled"] if row.get("known")})
    for row in [row for row in document["sampled"] if not row.get("known")][:MOST]:
        wrong = breach_of("", row["expected"], row["observed"])
        yield Text.assemble(("full check  ", "bold yellow"), row["id"], f": {wrong}")
    if known:
        yield Text(f"Otherwise as the product is known to be: {', '.join(known)}.", style="dim")


def violation(row: Row) -> str:
    """One violation of the audit as a sentence."""
    name = line(row["name"] or row["resource"])
    what = f"{row['kind']} {name}" + (f", {row['attribute']}" if row["attribute"] else "")
    return f"{what}: expected {line(row['expected'], 300)}; observed {line(row['observed'], 300)}"


def stored(document: Row) -> Iterator[str]:
    """A sentence for each error status whose creates were stored all the same."""
    whose = sender(document)["name"]
    for status, times in document["audit"].get("answered", {}).items():
        were = "create was" if times == 1 else "creates were"
        yield f"{times:,} {were} stored though answered {status}: {whose}'s retry meets 409."


def _audit(document: Row) -> Iterator[RenderableType]:
    audit = document["audit"]
    for sort, total in audit["counts"].items():
        for row in audit[sort][:2]:
            yield Text.assemble((f"{sort.upper()}  ", "bold red"), violation(row))
        if total > len(audit[sort][:2]):
            yield Text(f"{total - 2:,} more {sort}")
    checked = audit["checked"]
    looked = f"{checked['users']:,} users and {checked['groups']:,} groups after {checked['writes']:,} writes"
    if not audit["done"]:
        yield Text(f"Audit: {line(str(audit['why']))}.", style="dim")
    elif not any(audit["counts"].values()):
        yield Text(f"Audit: nothing is lost, doubled or out of date among {looked}.")
    yield from (Text(told, style="yellow") for told in stored(document))
    for what in audit.get("unverified", ()):
        yield Text(f"Not verified: {line(what, 200)}.", style="yellow")
    if checked.get("observed"):
        groups = count(checked["observed"], "group")
        yield Text(f"The members of {groups} are as an observer says.", style="dim")
    for why in audit["unread"][:3]:
        yield Text(f"Not audited: {line(why, 200)}", style="yellow")
