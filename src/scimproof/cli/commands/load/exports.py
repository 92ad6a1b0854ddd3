"""Exports that a command line asks for: to a collector, for Prometheus, as CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scimproof import __version__
from scimproof.capture.proxy.options import ListenAddress
from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.load.export.csv_files import SERIES, SUMMARY, SeriesFile, write_summary
from scimproof.load.export.running_counts import RunAttributes, RunningCounts
from scimproof.load.launch.session import Event, LoadSession
from scimproof.load.metrics.packed_json import from_json
from scimproof.render.atomic_write import ready, why_not

if TYPE_CHECKING:
    from scimproof.load.export.otlp import OtlpExport

OPTIONS = ("otlp", "prometheus", "csv")
NEEDED = {"otlp": "opentelemetry", "prometheus": "prometheus_client"}


@dataclass
class Exports:
    """Exports of one run: `hear` is told the events of its generator, and passes on what was counted.

    Nothing that a collector, a scraper or a disk does stops or slows the run: trouble is told once, and the
    command goes on.
    """

    console: SafeConsole
    counts: RunningCounts = field(default_factory=RunningCounts)
    series: SeriesFile | None = None
    otlp: OtlpExport | None = None
    _told: set[str] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        """Take in one event."""
        if self.otlp:
            self.otlp.start()  # by now it is known what the target is
        if event.get("event") != "counts":
            return
        packed = from_json(event["counts"])
        self.counts.add(packed, event["in_flight"])
        if self.series:
            self.series.add(event["at"], packed)
        self._warn()

    def finish(self) -> None:
        """All is counted: export the last figures, while the command tidies up."""
        if self.series:
            self.series.close()
        if self.otlp:
            self.otlp.finish()

    def files(self, document: Mapping[str, Any]) -> list[Path]:
        """Write the file that needs the whole run; gives the files of this run."""
        if self.series is None:
            return []
        summary = self.series.path.with_name(SUMMARY)
        try:
            write_summary(document, summary)
        except OSError as problem:
            self.console.warn(f"warning: {summary} cannot be written: {why_not(summary, problem)}")
            return [self.series.path]
        return [self.series.path, summary]

    def close(self) -> None:
        """Wait for the last export, and say what became of all."""
        if self.series:
            self.series.close()
        if self.otlp:
            self.otlp.close()
        self._warn()
        if self.otlp:
            self.console.say(self.otlp.line())

    def _warn(self) -> None:
        """Say once of each export that it does not work."""
        if self.otlp and self.otlp.trouble:
            self._once(f"warning: no metrics to {self.otlp.url}: {self.otlp.trouble}; the run does not wait")
        if self.series and self.series.trouble:
            self._once(f"warning: {self.series.path} is not whole: {self.series.trouble}; the run goes on")

    def _once(self, text: str) -> None:
        which = text.partition(": ")[2].partition(": ")[0]
        if which not in self._told:
            self._told.add(which)
            self.console.warn(text)


@contextmanager
def exporting(
    wanted: Mapping[str, Any], session: LoadSession, out: Path, console: SafeConsole
) -> Iterator[Exports]:
    """What `--otlp`, `--prometheus` and `--csv` ask for; raises UsageError for what cannot be.

    The port is there until the end of the context, with the last figures.
    """
    _installed(wanted)
    exports = Exports(console)
    with ExitStack() as stack:
        if wanted["prometheus"]:
            console.say(_endpoint(stack, str(wanted["prometheus"]), exports.counts, session))
        if wanted["otlp"]:
            exports.otlp = _collector(str(wanted["otlp"]), exports.counts, session)
        stack.callback(exports.close)
        if wanted["csv"]:
            exports.series = _series(out)
        yield exports


def _installed(wanted: Mapping[str, Any]) -> None:
    for option, module in NEEDED.items():
        if wanted[option] and not find_spec(module):
            raise UsageError(f"--{option} needs {module}: pip install 'scimproof[load,metrics]'")


def _endpoint(stack: ExitStack, text: str, counts: RunningCounts, session: LoadSession) -> str:
    """Listen; gives the line that says where."""
    from scimproof.load.export.prometheus import PrometheusEndpoint  # noqa: PLC0415 - an extra

    where = ListenAddress.parse(text if ":" in text else f"127.0.0.1:{text}", "--prometheus")
    endpoint = PrometheusEndpoint(where.host, where.port, counts, lambda: _attributes(session))
    stack.enter_context(endpoint)
    reach = "" if where.is_loopback else " (whoever reaches it can read them)"
    return f"Metrics for Prometheus: {endpoint.url}{reach}"


def _collector(url: str, counts: RunningCounts, session: LoadSession) -> OtlpExport:
    from scimproof.load.export.otlp import OtlpExport  # noqa: PLC0415 - an extra

    return OtlpExport(url, counts, lambda: _attributes(session))


def _series(out: Path) -> SeriesFile:
    ready(out, (SERIES, SUMMARY))
    series = SeriesFile(out / SERIES)
    try:
        series.start()
    except OSError as problem:
        raise UsageError(f"{series.path} cannot be written: {why_not(series.path, problem)}") from None
    return series


def _attributes(session: LoadSession) -> RunAttributes | None:
    """What the run is; None before the embedded target is started, and with it has an address."""
    at, sender = session.target, session.provider.id
    return (
        RunAttributes(session.plan.name, sender, session.prefix, __version__, at.host, at.port)
        if at
        else None
    )
