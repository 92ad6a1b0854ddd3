"""Writes reports/published anew: a folder per real server and profile, each with how to reproduce it."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scimproof.render.conformance.outline import brief, outlined, without_what_holds
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

{about}. Run with `scimproof {tool}`, profile `{profile}`, on {started}: {summary}.

- [report.html](report.html): {page}
- [report.md](report.md): the summary
- [report.json](report.json): the same for machines (`scimproof.report/1`)

{left_out}

## Reproduce

In a checkout of scimproof (Python 3.11+{node}):

```
make real-server NAME={name} PORT={port}
```

installs the pinned server from its lock, starts it with an empty store and keeps it running. Then, in
another terminal:

```
SCIMPROOF_TOKEN={token} .venv/bin/scimproof run --profile {profile} --seed {seed} --target {url} \\
  --out report{told}
```

Names and passwords are made from the seed; the run's prefix, the ids the server gives and the times differ.
What was judged by hand from recorded traffic of this server is in `tests/real/{truth}`, and
`make test-real` compares the two.
"""

# What the page shows, and what is left out of a published report.
SHOWN = {
    "okta": (
        "every finding with the rule, what was expected and what came",
        """\
Whole conversations are there for all that does not hold; of the others, what was asked and how it was
answered. A run of your own has them all.""",
    ),
    "entra": (
        "what does not hold, with the rule, what was expected, what came and what Entra's log shows then",
        """\
Whole conversations are there for all that does not hold; of the others, what was asked and how it was
answered. A run of your own has them all.""",
    ),
    "rfc": (
        "what does not hold, with the rule, what was expected and what came",
        """\
Of what holds there are the verdicts alone, and of what does not the first conversations for each rule. A run
of your own has them all.""",
    ),
}

INDEX = """\
# Published reports

What Okta and Microsoft Entra ID would meet on real SCIM servers, and whether they are SCIM servers by the
RFCs: one folder each, written by `make publish`. The verdicts are compared with what was judged by hand from
recorded traffic of the same servers by `make test-real`.

## Okta

| Server | Result | Okta's requirements | The RFC's |
| --- | --- | --- | --- |
{okta}

## Microsoft Entra ID

| Server | Result | Without a flag | With aadOptscim062020 | The RFC's |
| --- | --- | --- | --- | --- |
{entra}

## The RFCs

| Server | Result | Checks | Statements of the RFCs with a capitalised keyword that hold |
| --- | --- | --- | --- |
{rfc}
"""


def main() -> None:
    """Run every server of the fleet under the profiles that are named (all of them) and write its folders."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("profiles", nargs="*", default=list(SHOWN), choices=[*SHOWN, []])
    for profile in parser.parse_args().profiles:
        for port, server in enumerate(FLEET.values(), FIRST_PORT):
            report = publish(server, port, profile).report
            print(f"{server.name} {server.version}, {profile}: {report['result']}", flush=True)
    (PUBLISHED / "README.md").write_text(index(), encoding="utf-8")


def index() -> str:
    """The tables of all reports that are published, and the rows of others that were added by hand."""
    rows = {profile: [row(server, profile) for server in FLEET.values()] for profile in SHOWN}
    rows["okta"] += others_rows()
    return INDEX.format(**{profile: "\n".join(some) for profile, some in rows.items()})


def others_rows() -> list[str]:
    """The rows of servers that this command does not run: a vendor's own report, added by hand."""
    ours = tuple(f"{stem(server)}/" for server in FLEET.values())
    lines = (PUBLISHED / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| [") and not any(own in line for own in ours)]


def folder_of(server: Server, profile: str) -> Path:
    """Where the reports of that server and profile are."""
    return PUBLISHED / stem(server) if profile == "okta" else PUBLISHED / profile / stem(server)


def publish(server: Server, port: int, profile: str) -> Played:
    """One server's folder for that profile."""
    folder = folder_of(server, profile)
    with started(server.name, port) as running, tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "report"
        played = play(running, out, Path(scratch) / "state", "--seed", str(SEED), profile=profile)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in forms(played.report, profile).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        (folder / "README.md").write_text(
            readme(server, played, port, running.url, profile), encoding="utf-8"
        )
    return played


def forms(report: dict[str, Any], profile: str) -> Mapping[str, str]:
    """The texts of the files of a published report; raises SystemExit where its reasons would change."""
    needed = brief(report) if profile == "rfc" else outlined(report)
    if told(needed) != told(report):
        raise SystemExit(f"{report['target']}: what was left out of its report changes the reasons")
    some = {name: format_named(DocumentKind.RUN, name) for name in PUBLISHED_FORMS}
    if profile == "okta":
        return {form.file: form.text(needed) for form in some.values()}
    return {
        some["json"].file: json.dumps(needed, ensure_ascii=False, separators=(",", ":")) + "\n",
        some["html"].file: some["html"].text(without_what_holds(needed)),
        some["markdown"].file: some["markdown"].text(report),
    }


def told(report: dict[str, Any]) -> list[str]:
    """The reasons in a report, as its readers are told them."""
    return [cause.title for cause in causes(report)]


def readme(server: Server, played: Played, port: int, url: str, profile: str) -> str:
    """How the report came about."""
    report = played.report
    page, left_out = SHOWN[profile]
    return README.format(
        profile=profile,
        page=page,
        left_out=left_out,
        truth="ground_truth.toml" if profile == "okta" else f"ground_truth_{profile}.toml",
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


def row(server: Server, profile: str) -> str:
    """One line of the index, of the report that is published."""
    report = json.loads((folder_of(server, profile) / "report.json").read_text(encoding="utf-8"))
    by, link = report["summary"]["authorities"], folder_of(server, profile).relative_to(PUBLISHED).as_posix()
    if profile == "okta":
        cells: tuple[str, ...] = (counted(total(by, "okta")), counted(total(by, "rfc")))
    elif profile == "entra":
        dialects = report["summary"]["dialects"]
        told = (counted(dialects[f"entra.{name}"]["verdicts"]) for name in ("default", "flag"))
        cells = (*told, counted(total(by, "rfc")))
    else:
        rows = report["rows"]["explicit"]
        cells = (counted(total(by, "rfc")), f"{rows['held']} of {rows['of']}, {rows['broken']} broken")
    named = f"[{server.name} {server.version}]({link}/README.md)"
    return f"| {named} | {report['result']} | {' | '.join(cells)} |"


def total(authorities: dict[str, dict[str, int]], start: str) -> dict[str, int]:
    """The verdicts of all authorities whose name starts so, added up."""
    some = [counts for name, counts in authorities.items() if name.startswith(start)]
    return {verdict: sum(counts[verdict] for counts in some) for verdict in some[0]}


def counted(verdicts: Mapping[str, int]) -> str:
    """`912 pass, 2 fail`: what there is any of."""
    return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items() if count)


def stem(server: Server) -> str:
    """The name of the server's folder."""
    return f"{server.name}-{server.version}"


if __name__ == "__main__":
    main()
