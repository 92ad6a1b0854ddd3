"""The reference of faults, and of the defects of real servers that they are modelled on."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from scimproof.embedded.bitwarden.faults.behaviour import FAULTS as BITWARDEN
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import FAULTS, HISTORIES, UNSEEN
from scimproof.embedded.faults.entra import ENTRA_FAULTS, OWN_FAULTS
from tests.docs.cited import DEFECTS, linked
from tests.docs.tables import anchor, code, table

FILE = Path(__file__).resolve().parents[2] / "docs" / DEFECTS.replace(".md", ".toml")
PAGE = "reference/faults.md"
REQUIREMENTS = "requirements.md"
HEAD = """\
# Faults

`scimproof serve --fault NAME` starts the embedded server with one fault or several. Each must trip the
requirements named beside it and nothing unrelated; `tests/matrix` plays that. *Defect* is the [defect of
a real server](defects.md) that the fault is modelled on, or the operation of a sender's that it breaks."""
_SHORT = ["Fault", "What is wrong", "Defect"]
EVIDENCE = {
    "R": "reported against a shipped server",
    "V": "found in a review of the implementer's own code",
    "D": "from documentation or the RFC",
}


def faults_page() -> str:
    """All faults by group, with the defect each stands for and the requirements that it trips."""
    groups: dict[str, list[Fault]] = defaultdict(list)
    for fault in FAULTS.values():
        groups[fault.group].append(fault)
    parts = [HEAD]
    for group, faults in sorted(groups.items()):
        parts += [
            "",
            f"## {group[:1].upper()}{group[1:]}",
            "",
            table(["Fault", "What is wrong", "Defect", "Trips"], map(_row, faults)),
        ]
    parts += _of_entra()
    later = [fault for fault in UNSEEN.values() if fault.name in HISTORIES]
    parts += ["", f"## {anchor('histories')}Shown by longer histories only", ""]
    parts += ["In requests of Okta's, but after more of them than any sequence has that is played today.", ""]
    parts += [table(_SHORT, (_row(fault)[:3] for fault in later))]
    parts += ["", f"## {anchor('unseen')}Shown by no request of Okta's", ""]
    parts += ["For other clients; some show in [Entra's requests](#entra).", ""]
    parts += [table(_SHORT, (_row(fault)[:3] for fault in UNSEEN.values() if fault not in later))]
    parts += [
        "",
        f"## {anchor('bitwarden')}Of the embedded Bitwarden",
        "",
        "With `scimproof serve --as bitwarden`.",
        "",
    ]
    rows = ([code(f.name), f"{f.summary}.", linked(f.mends, PAGE)] for f in BITWARDEN.values())
    parts += [table(["Fault", "What is different", "Deviation that it ends"], rows)]
    return "\n".join(parts) + "\n"


def _of_entra() -> list[str]:
    """The faults that Entra's traffic shows, its own and those above that are the same defect."""
    heads = ["Fault", "What is wrong", "Defect", "Trips under the profile `entra`"]
    groups: dict[str, list[Fault]] = defaultdict(list)
    for fault in OWN_FAULTS.values():
        groups[fault.group].append(fault)
    parts = ["", f"## {anchor('entra')}Of Microsoft Entra ID's traffic", ""]
    parts += ["*Defect* is the number in the list of defects that show under Entra.", ""]
    for group, faults in groups.items():
        title = group.removeprefix("Entra: ")
        parts += ["", f"### {title[:1].upper()}{title[1:]}", "", table(heads, map(_row, faults))]
    parts += ["", "### Of those above", "", "The same defect under Entra's requests.", ""]
    reused = [fault for name, fault in ENTRA_FAULTS.items() if name not in OWN_FAULTS]
    rows = ([f"[{code(one.name)}](#{one.name})", *_row(one)[1:]] for one in reused)
    return [*parts, table(heads, rows)]


def _row(fault: Fault) -> list[str]:
    trips = ", ".join(f"[`{rule}`]({REQUIREMENTS}#{rule})" for rule in fault.trips)
    return [anchor(fault.name) + code(fault.name), fault.summary, linked(fault.defect, PAGE), trips]


def defects() -> dict[str, dict[str, Any]]:
    """What is known of each defect, by its number."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def of_entra() -> list[Fault]:
    """The faults that stand for a defect of Entra's numbers, by them."""
    return [fault for fault in ENTRA_FAULTS.values() if fault.defect.startswith("EN-")]


def defects_block() -> str:
    """The defects behind the faults: in which way servers were wrong, and where that was seen."""
    behind: dict[str, list[Fault]] = defaultdict(list)
    for fault in [*FAULTS.values(), *UNSEEN.values(), *of_entra()]:
        behind[fault.defect].append(fault)
    by: dict[str, list[list[str]]] = defaultdict(list)
    for id, known in sorted(defects().items()):
        ways = " ".join(f"{fault.summary} (`{fault.name}`)" for fault in behind[id])
        by[known["area"]].append(
            [
                anchor(id.lower()) + id,
                ways,
                known["severity"],
                EVIDENCE[known["evidence"]],
                linked("; ".join(known["seen"]), DEFECTS, "entra" if id.startswith("EN-") else "okta"),
            ]
        )
    parts = []
    for area, rows in by.items():
        heads = ["Defect", "What the server does", "Severity", "Evidence", "Where it was seen"]
        parts += ["", f"## {area[:1].upper()}{area[1:]}", "", table(heads, rows)]
    return "\n".join([*parts, ""])
