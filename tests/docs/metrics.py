"""The page of the metrics that a load run exports, and of its CSV files."""

from __future__ import annotations

from scimproof.load.export.buckets import BOUNDS, SCALE
from scimproof.load.export.csv_files import SERIES, SERIES_COLUMNS, SUMMARY, SUMMARY_COLUMNS
from scimproof.load.export.definitions import ATTRIBUTES, DEFINITIONS, Instrument, label
from scimproof.load.export.running_counts import RunAttributes
from tests.docs.tables import code, table

HEAD = """\
# Metrics of a load run

What `scimproof load` exports while it goes on, with `--otlp`, `--prometheus` and `--csv`;
[the guide](../guides/load.md#export-it) shows how. The counts are those of `load.json`: at the end of a run
they are equal. The warm-up is in none of them, unless its line says so. All counters only rise, from 0 at the
start of each run."""
RUN = RunAttributes("smoke", "okta", "scimproof-k3v9x2pq", "1.2.3", "host", 443)
ABOUT_RUN = {
    "service.name": "always `scimproof`, unless OTEL_SERVICE_NAME says otherwise",
    "service.version": "scimproof's version",
    "service.instance.id": "prefix of all names of the run, which tells it from others",
    "server.address": "host of the target",
    "server.port": "its port",
    "scimproof.plan": "name of the plan",
    "scimproof.sender": "whose traffic it is",
}
UNITS = {"s": "seconds", "By": "bytes"}


def page() -> str:
    """Metrics, attributes, histograms, columns."""
    parts = [
        HEAD,
        "## Metrics",
        table(["OpenTelemetry", "Prometheus", "Kind", "Unit", "Attributes", "What"], _metrics()),
    ]
    parts += ["## Attributes", table(["OpenTelemetry", "Prometheus", "Value"], _attributes())]
    parts += [
        "Of the whole run, as resource attributes in OTLP and as labels of `target_info` in Prometheus:",
        table(["OpenTelemetry", "Prometheus", "Value"], _run()),
    ]
    parts += ["## Histograms", HISTOGRAMS]
    parts += ["## CSV", CSV, "## What it costs", COST]
    return "\n\n".join(parts) + "\n"


def _metrics() -> list[list[str]]:
    rows = []
    for one in DEFINITIONS:
        attributes = ", ".join(code(name) for name in one.attributes)
        name = code(one.prometheus)
        if one.instrument is Instrument.HISTOGRAM:
            name = f"{name} (`_bucket`, `_count`, `_sum`)"
        rows.append([code(one.name), name, str(one.instrument), code(one.unit), attributes, one.about])
    return rows


def _attributes() -> list[list[str]]:
    return [[code(name), code(label(name)), about] for name, about in ATTRIBUTES.items()]


def _run() -> list[list[str]]:
    return [[code(name), code(label(name)), ABOUT_RUN[name]] for name in RUN.resource()]


HISTOGRAMS = f"""\
Over OTLP these are exponential histograms (native ones), cumulative, of scale {SCALE} from beginning to end:
a bucket is 4.4 % wide. A Prometheus that was built with its OTLP receiver keeps them as native histograms.

The Prometheus endpoint has classic histograms, since the text formats that Prometheus asks for have no
others. A bucket counts to 0.2 % of its bound. Their bounds, in seconds:
{", ".join(f"{bound:g}" for bound in BOUNDS)}.

No percentile is exported: those of several runs or moments cannot be added up, and histograms can."""
COST = """\
Once a second the generator tells the command's process what it counted, a line of 5 to 15 KB: 0.2 to 0.5 ms
of CPU, about 0.5 % of what 200 requests a second cost it. All else is done in the command's process: 1 ms
each second, and for 12 operations 9 to 20 ms an export and 14 to 20 ms a scrape."""
CSV = f"""\
`--csv` writes two files beside `load.json`, in UTF-8 with a header, times in milliseconds; `count` is that of
durations.

`{SERIES}` grows as the run goes on, by a whole line for each second and operation that has been seen so far.
`second` counts from the first moment at which something could be due; a second is written two seconds later,
when all processes have told it, and what is told later still is in the next one. Columns:
{", ".join(map(code, SERIES_COLUMNS))}.

`{SUMMARY}` has a line for each operation of `load.json`, written at the end. Columns:
{", ".join(map(code, SUMMARY_COLUMNS))}.

In both, `errors` are what failed and what was skipped; `errors_by_kind` is of the form
`status-500=3 timeout=1`."""
