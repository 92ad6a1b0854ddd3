"""The profile rfc beside scim2-tester and scim-sanity, on the same servers in one run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Cost, measured
from bench.rounds import ROOT, SCIMPROOF, tester_python
from scimproof.embedded.faults.rfc import RFC_FAULTS
from scimproof.embedded.server import Served
from tests.real.fleet import TOKEN, started

EVERY = int(os.environ.get("EVERY", "8"))  # one fault of so many is served to all three; 1 for all of them
LEAST = 20  # things judged of an honest server: with fewer a tool did not run


@dataclass(frozen=True)
class Judged:
    """What one tool said of one server: what it judged, what it called wrong, requests, seconds."""

    judged: int
    wrong: frozenset[str]
    requests: int | None
    seconds: float
    rows: int | None = None


def profile_rfc(url: str, token: str) -> Judged:
    """Scimproof with the profile rfc; `rows` are explicit rows of the RFCs about which it found something."""
    with TemporaryDirectory(prefix="bench-") as out:
        command = [str(SCIMPROOF), "run", "--profile", "rfc", "--target", url, "--out", out]
        cost = _run(command, {"SCIMPROOF_TOKEN": token}, Path(out) / "log", (0, 1, 2))
        report = json.loads((Path(out) / "report.json").read_text(encoding="utf-8"))
    wrong = frozenset(f["id"] for f in report["findings"] if f["verdict"] in ("fail", "warning"))
    explicit = report["rows"]["explicit"]
    rows = explicit["of"] - explicit["not-asked"] - explicit["not-applicable"]
    return Judged(report["summary"]["findings"], wrong, report["summary"]["requests"], cost.wall, rows)


def scim2_tester(url: str, token: str) -> Judged:
    """All of scim2-tester's checks."""
    with TemporaryDirectory(prefix="bench-") as out:
        log = Path(out) / "log"
        cost = _run([str(tester_python()), str(ROOT / "bench" / "tester.py"), url, token], {}, log, (0,))
        said = json.loads(log.read_text().splitlines()[-1])
    return Judged(said["checks"], frozenset(said["wrong"]), said["requests"], cost.wall)


def scim_sanity(url: str, token: str) -> Judged:
    """The probe of scim-sanity; it does not say how many requests it sends."""
    tool = str(tester_python().with_name("scim-sanity"))
    words = ["probe", url, "--token", token, "--json-output", "--i-accept-side-effects"]
    with TemporaryDirectory(prefix="bench-") as out:
        log = Path(out) / "log"
        cost = _run([tool, *words], {}, log, (0, 1))
        text = log.read_text()
    said = json.loads(text[text.index("{") :])
    results = [row for row in said["results"] if row["status"] != "skip"]
    wrong = frozenset(f"{row['phase']}: {row['name']}" for row in results if row["status"] != "pass")
    return Judged(len(results), wrong, None, cost.wall)


TOOLS: Mapping[str, Callable[[str, str], Judged]] = {
    "scimproof rfc": profile_rfc,
    "scim2-tester": scim2_tester,
    "scim-sanity": scim_sanity,
}


def _run(command: list[str], more: Mapping[str, str], log: Path, ends: tuple[int, ...]) -> Cost:
    cost = measured(command, more, log)
    if cost.exit not in ends:
        raise SystemExit(f"{command[0]} ended with {cost.exit}:\n{log.read_text()[-2000:]}")
    return cost


@contextmanager
def honest(name: str) -> Iterator[tuple[str, str]]:
    """The server of that name, running: its URL and its token."""
    if name == "embedded":
        with Served(token=TOKEN) as target:
            yield target.base_url, TOKEN
    else:
        with started(name) as server:
            yield server.url, TOKEN


def main() -> None:
    """Print what each tool says of right servers, and which faults it notices."""
    for name in ("embedded", "scim2-server", "scimmy-routers"):
        print(f"\n== {name}", flush=True)
        print(f"{'':16}{'judged':>8}{'rows':>8}{'wrong':>8}{'requests':>10}{'seconds':>9}")
        for tool, ask in TOOLS.items():
            with honest(name) as (url, token):
                seen = ask(url, token)
            if seen.judged < LEAST:
                raise SystemExit(f"{tool} judged {seen.judged} things of {name}: too few to compare")
            figures = (seen.rows or "-", len(seen.wrong), "-" if seen.requests is None else seen.requests)
            print(
                f"{tool:16}{seen.judged:>8}{figures[0]:>8}{figures[1]:>8}{figures[2]:>10}{seen.seconds:>9.1f}",
                flush=True,
            )
    noticed()


def noticed() -> None:
    """Which faults of the embedded target each tool notices: something is wrong that was not before."""
    faults = list(RFC_FAULTS)[::EVERY]
    before: dict[str, frozenset[str]] = {}
    counts = dict.fromkeys(TOOLS, 0)
    print(f"\n== {len(faults)} of {len(RFC_FAULTS)} faults, one at a time", flush=True)
    for tool, ask in TOOLS.items():
        with Served(token=TOKEN) as target:
            before[tool] = ask(target.base_url, TOKEN).wrong
    for fault in faults:
        marks = []
        for tool, ask in TOOLS.items():
            with Served(faults=[fault], token=TOKEN) as target:
                seen = ask(target.base_url, TOKEN)
            found = bool(seen.wrong - before[tool]) or seen.judged < LEAST
            counts[tool] += found
            marks.append("x" if found else "-")
        print(f"   {fault:44}{'  '.join(marks)}", flush=True)
    for tool, count in counts.items():
        print(
            f"{tool:16}{count:>4} of {len(faults)} noticed, {len(before[tool])} alarms on the honest target"
        )
