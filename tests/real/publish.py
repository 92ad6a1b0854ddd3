"""Writes reports/published anew: one folder per real server, each with how to reproduce it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from scimproof.render.conformance.outline import outlined
from scimproof.render.diagnosis.grouping import causes
from scimproof.render.formats import DocumentKind, format_named
from tests.real.fleet import FLEET, HERE, TOKEN, Server, started
from tests.real.play import Played, play

PUBLISHED = HERE.parents[2] / "reports" / "published"
SEED = 1
PUBLISHED_FORMS = ("json", "html", "markdown")
FIRST_PORT = 23101  # fixed, so that the next publication differs only in what is different

README = """\
# {name} {version}: {result}

{about}. Run with `scimproof {tool}`, profile `okta`, on {started}: {summary}.

- [report.html](report.html): every finding with the rule, what was expected and what came
- [report.md](report.md): the summary
- [report.json](report.json): the same for machines (`scimproof.report/1`)

Whole conversations are there for all that does not hold; of the others, what was asked and how it was
answered. A run of your own has them all.

## Reproduce

In a checkout of scimproof (Python 3.11+{node}):

```
make real-server NAME={name} PORT={port}
```

installs the pinned server from its lock, starts it with an empty store and keeps it running. Then, in
another terminal:

```
SCIMPROOF_TOKEN={token} .venv/bin/scimproof run --profile okta --seed {seed} --target {url} --out report{told}
```

Names and passwords are made from the seed; the run's prefix, the ids the server gives and the times differ.
What was judged by hand from recorded traffic of this server is in `tests/real/ground_truth.toml`, and
`make test-real` compares the two.
"""

INDEX = """\
# Published reports

What Okta would meet on real SCIM servers, one folder each, written by `make publish`. The verdicts are
compared with what was judged by hand from recorded traffic of the same servers by `make test-real`.

| Server | Result | Okta's requirements | The RFC's |
| --- | --- | --- | --- |
{rows}
"""


def main() -> None:
    """Run every server of the fleet and write its folder."""
    rows, others = [], others_rows()
    for port, server in enumerate(FLEET.values(), FIRST_PORT):
        played = publish(server, port)
        print(f"{server.name} {server.version}: {played.report['result']}", flush=True)
        rows.append(row(server, played))
    (PUBLISHED / "README.md").write_text(INDEX.format(rows="\n".join(rows + others)), encoding="utf-8")


def others_rows() -> list[str]:
    """The rows of servers that this command does not run: a vendor's own report, added by hand."""
    ours = tuple(f"({stem(server)}/" for server in FLEET.values())
    lines = (PUBLISHED / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| [") and not any(own in line for own in ours)]


def publish(server: Server, port: int) -> Played:
    """One server's folder."""
    folder = PUBLISHED / stem(server)
    with started(server.name, port) as running, tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "report"
        played = play(running, out, Path(scratch) / "state", "--seed", str(SEED))
        folder.mkdir(parents=True, exist_ok=True)
        needed = outlined(played.report)
        if told(needed) != told(played.report):
            raise SystemExit(f"{server.name}: what was left out of its report changes the reasons")
        for form in (format_named(DocumentKind.RUN, name) for name in PUBLISHED_FORMS):
            (folder / form.file).write_text(form.text(needed), encoding="utf-8", newline="\n")
        (folder / "README.md").write_text(readme(server, played, port, running.url), encoding="utf-8")
    return played


def told(report: dict[str, Any]) -> list[str]:
    """The reasons in a report, as its readers are told them."""
    return [cause.title for cause in causes(report)]


def readme(server: Server, played: Played, port: int, url: str) -> str:
    """How the report came about."""
    report = played.report
    return README.format(
        name=server.name,
        version=server.version,
        about=server.about,
        result=report["result"],
        tool=report["tool"]["version"],
        started=report["started"][:10],
        summary=counted(report["summary"]["verdicts"]),
        node=" and Node" if "scimmy" in server.name else "",
        port=port,
        token=TOKEN,
        seed=SEED,
        url=url,
        told="".join(f" \\\n  {word}" for word in server.told),
    )


def row(server: Server, played: Played) -> str:
    """One line of the index."""
    by = played.report["summary"]["authorities"]
    okta = counted(total(by, "okta"))
    rfc = counted(total(by, "rfc"))
    link = f"[{server.name} {server.version}]({stem(server)}/README.md)"
    return f"| {link} | {played.report['result']} | {okta} | {rfc} |"


def total(authorities: dict[str, dict[str, int]], start: str) -> dict[str, int]:
    """The verdicts of all authorities whose name starts so, added up."""
    some = [counts for name, counts in authorities.items() if name.startswith(start)]
    return {verdict: sum(counts[verdict] for counts in some) for verdict in some[0]}


def counted(verdicts: dict[str, int]) -> str:
    """`912 pass, 2 fail`: what there is any of."""
    return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items() if count)


def stem(server: Server) -> str:
    """The name of the server's folder."""
    return f"{server.name}-{server.version}"


if __name__ == "__main__":
    main()
