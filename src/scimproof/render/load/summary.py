"""Key figures of a load run: rate, response times, errors, thresholds, audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scimproof.core.escaping import line
from scimproof.render.load.sizes import size
from scimproof.render.load.terminal import LEAST, decided, milliseconds
from scimproof.render.phrases import count

Row = dict[str, Any]
MOST = 3  # kinds of errors, and limits
PERCENTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}
SHARES = {"errors": "errors", "achieved": "answered"}


@dataclass(frozen=True)
class Rate:
    """Sequences and requests per second in the measured time; `asked` is the plan's average."""

    seconds: float
    asked: float
    due: float
    achieved: float
    requests: float


@dataclass(frozen=True)
class ResponseTimes:
    """Percentiles in milliseconds, from when each request was due; None where there are too few.

    `estimated` says that the document does not have them, and the operations' curves were added up.
    """

    count: int
    percentiles: dict[str, float | None]
    max: float | None
    estimated: bool


@dataclass(frozen=True)
class Errors:
    """How many of the due requests failed, and the kinds of error, the most frequent first."""

    number: int
    due: int
    answered: int
    kinds: list[tuple[str, int]]

    @property
    def share(self) -> float | None:
        """The share of all due requests; None where none was due, or their results are unknown."""
        return self.number / self.due if self.due and (self.number or self.answered) else None


def rate(document: Row) -> Rate:
    """Planned, due and completed sequences and requests per second."""
    phases, warm_up = document["plan"]["phases"], document["plan"]["warm_up"]
    end = min(document["seconds"], document["plan"]["seconds"])
    seconds = max(end - warm_up, 0.0)
    each = 1 / seconds if seconds else 0.0
    whole = document["sequences"]
    return Rate(
        seconds=seconds,
        asked=_expected(phases, end) * each,
        due=sum(row["due"] for row in whole) * each,
        achieved=sum(row["answered"] for row in whole) * each,
        requests=sum(row["answered"] for row in document["operations"]) * each,
    )


def _expected(phases: Iterable[Row], end: float) -> float:
    """How many sequences the measured phases plan until `end` seconds after the start."""
    began = total = 0.0
    for phase in phases:
        part = min(max((end - began) / phase["seconds"], 0.0), 1.0)
        reached = phase["rate"] + (phase["to"] - phase["rate"]) * part
        if not phase["warm_up"]:
            total += (phase["rate"] + reached) / 2 * phase["seconds"] * part
        began += phase["seconds"]
    return total


def response(document: Row) -> ResponseTimes:
    """Response times of all requests; an estimate for documents of earlier versions."""
    overall = document.get("overall")
    if overall:
        percentiles = {name: decided(overall, name) for name in PERCENTILES}
        return ResponseTimes(overall["count"], percentiles, overall["response_ms"]["max"], estimated=False)
    rows = [row for row in document["operations"] if row["count"]]
    number = sum(row["count"] for row in rows)
    highest = max((row["response_ms"]["max"] for row in rows), default=None)
    percentiles = {
        name: _together(rows, percent, highest) if highest and number >= LEAST.get(name, 1) else None
        for name, percent in PERCENTILES.items()
    }
    return ResponseTimes(number, percentiles, highest, estimated=bool(rows))


def _together(rows: list[Row], percent: float, highest: float) -> float:
    """The percentile of all answers, in milliseconds, from the curves of the rows."""
    low, high = 0.0, highest
    wanted = percent / 100 * sum(row["count"] for row in rows)
    for _ in range(40):
        middle = (low + high) / 2
        within = sum(row["count"] * _within(row, middle) for row in rows)
        low, high = (middle, high) if within < wanted else (low, middle)
    return high


def _within(row: Row, milliseconds: float) -> float:
    """The share of the row's answers that took at most so long."""
    before = (0.0, 0.0)
    for percent, value in [*row["curve"], [100.0, row["response_ms"]["max"]]]:
        if milliseconds < value:
            part = (milliseconds - before[1]) / (value - before[1])
            return float(before[0] + (percent - before[0]) * part) / 100
        before = (percent, value)
    return 1.0


def errors(document: Row) -> Errors:
    """Failed requests among all that were due; steps not sent after a failure count too."""
    rows = document["operations"]
    kinds: Counter[str] = Counter()
    for row in rows:
        kinds.update(row["errors_by_kind"])
        kinds.update({"not sent": row["skipped"]} if row["skipped"] else {})
    number, due, answered = (sum(row[name] for row in rows) for name in ("errors", "due", "answered"))
    return Errors(number, due, answered, kinds.most_common(MOST))


def verdicts(document: Row) -> dict[str, int]:
    """How many thresholds were exceeded, undecided and met; without zeros."""
    found = Counter(row["verdict"] for row in document["thresholds"])
    return {name: found[name] for name in ("broken", "undecided", "held") if found[name]}


def nearest(document: Row) -> list[Row]:
    """The thresholds to look at first: those not met, or else the time threshold with the least margin."""
    rows = document["thresholds"]
    broken = [row for row in rows if row["verdict"] == "broken"]
    open_ = [row for row in rows if row["verdict"] == "undecided"]
    return (broken + open_)[:MOST] or timed(document)[:1]


def timed(document: Row) -> list[Row]:
    """The thresholds in milliseconds, those with the least margin first."""
    rows = [row for row in document["thresholds"] if row["measure"].endswith("_ms")]
    return sorted(rows, key=_room)


def _room(row: Row) -> tuple[bool, float]:
    """Sort key: exceeded thresholds first, then by the margin that is left."""
    used = row["value"] / row["limit"] if row["value"] is not None and row["limit"] else 0.0
    return row["verdict"] != "broken", -used


def limit(row: Row) -> str:
    """One threshold in words: `p95 412 ms of at most 1,000`, or why it is undecided."""
    if row["value"] is None:
        return f"{row['expected']}: {line(row['why'])}"
    name, value, most = row["measure"], row["value"], row["limit"]
    if name.endswith("_ms"):
        return f"{called(name)} {milliseconds(value)} ms of at most {most:,g}"
    if name.endswith("_bytes"):
        return f"{name.removesuffix('_bytes')} {size(value)} of at most {size(most)}"
    if name in SHARES:
        bound = "at most" if name == "errors" else "at least"
        return f"{percent(value)} {SHARES[name]} of {bound} {percent(most)}"
    return f"{name} {value:.3g} of at most {most:.3g}"


def called(measure: str) -> str:
    """The name of a measure: `p95`, `p99.9`, `max`."""
    return measure.removesuffix("_ms").replace("p999", "p99.9")


def sentence(text: str) -> str:
    """The text as a sentence; an id at its beginning keeps its letter case."""
    first = text.partition(" ")[0]
    named = "." in first or "/" in first or "-" in first
    return (text if named else text[:1].upper() + text[1:]) + ("" if text.endswith((".", "?")) else ".")


def short(value: float) -> str:
    """The number in three digits, or all digits of a larger one: `4.08`, `21.3`, `1,204`."""
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """The share in percent, a dash for None; only exactly 0 or 1 is shown as `0 %` or `100 %`."""
    if share is None:
        return "\N{EN DASH}"
    if not share:
        return "0 %"
    digits = f"{share * 100:.2g}" if share < 0.1 else f"{share * 100:.4g}"
    return f"{'99.99' if share < 1 and digits == '100' else digits} %"


def audit(document: Row) -> tuple[str, str]:
    """The result of the audit, `held`, `broken` or `undecided`, and a sentence about it."""
    found, checked = document["audit"], document["audit"]["checked"]
    if not found["done"]:
        return "undecided", f"Not made: {line(str(found['why']), 200)}."
    among = f"{checked['users']:,} users and {checked['groups']:,} groups after {checked['writes']:,} writes"
    wrong = ", ".join(f"{number:,} {kind}" for kind, number in found["counts"].items() if number)
    missing = len(found.get("unverified", ())) + len(found["unread"])
    rest = f" {count(missing, 'thing')} could not be verified." if missing else ""
    if wrong:
        return "broken", f"{wrong} among {among}.{rest}"
    return "undecided" if rest else "held", f"Nothing lost, doubled or out of date among {among}.{rest}"
