"""`make bench-learn`: seconds and memory in which `scimproof learn` reads a capture of 100,000 exchanges.

The capture is a run of our own over and over, each time with other people, groups and ids.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from bench.measure import measured
from scimproof.capture.capture_file import CaptureWriter, line_of, row_of
from tests.capture.learn.runs import PREFIX, recorded_run

EXCHANGES = 100_000
MOST_SECONDS, MOST_MEMORY = 60.0, 200.0  # MB; what is promised, on one core
FEWEST_OPERATIONS = 20  # else what was read says little of real traffic
PROFILES = ("okta-oin", "entra-default")
ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def many(number: int, profiles: tuple[str, ...] = PROFILES) -> Iterator[bytes]:
    """So many lines of a capture: the runs of these profiles, again and again with other values."""
    lines = [line_of(row_of(one.exchange)) for profile in profiles for one in recorded_run(profile)]
    rounds = (
        ID.sub(rb"%08x\1" % turn, line).replace(PREFIX.encode(), b"scimproof-%08x" % turn)
        for turn in count()
        for line in lines
    )
    return islice(rounds, number)


def write_capture(path: Path, number: int) -> None:
    """A capture file of so many exchanges."""
    CaptureWriter(path, "http://127.0.0.1/scim/v2", "0", 1_700_000_000.0).close()
    with path.open("ab") as file:
        file.writelines(many(number))


def main() -> int:
    """Print the figures; 1 where they are worse than promised, or too little was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"== Making a capture of {EXCHANGES:,} exchanges", flush=True)
        write_capture(folder / "capture.jsonl", EXCHANGES)
        size = (folder / "capture.jsonl").stat().st_size / 2**20
        command = [sys.executable, "-m", "scimproof", "learn", str(folder / "capture.jsonl"), "--out", name]
        cost = measured(command, {"SCIMPROOF_CONFIG": "/dev/null"}, folder / "log")
        if cost.exit:
            print((folder / "log").read_text())
            return 1
        learnt = json.loads((folder / "learn.json").read_text())
    read, operations = learnt["capture"]["exchanges"], len(learnt["operations"])
    print(f"   {read:,} exchanges of {size:.0f} MB, {operations} operations, {learnt['traffic']['name']}")
    print(f"   {cost.wall:.1f} s ({cost.cpu:.1f} s of CPU), {read / cost.cpu:,.0f} exchanges a second of CPU")
    print(f"   {cost.peak:.0f} MB at most; promised: {MOST_SECONDS:.0f} s, {MOST_MEMORY:.0f} MB")
    if read != EXCHANGES or operations < FEWEST_OPERATIONS or learnt["traffic"]["unknown"]:
        print("   too little was measured: not all was read, or not what it was")
        return 1
    return int(cost.cpu > MOST_SECONDS or cost.peak > MOST_MEMORY)


if __name__ == "__main__":
    sys.exit(main())
