"""The reference of Bitwarden's SCIM service: its deviations, and what the embedded one does likewise."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

from tests.docs.cited import BITWARDEN, linked
from tests.docs.tables import anchor, code, table

ROOT = Path(__file__).resolve().parents[2]
DEVIATIONS = ROOT / "suites/deviations/bitwarden.toml"
QUIRKS = ROOT / "src/scimproof/embedded/bitwarden/quirks.toml"
TAGS = {
    "S": "read from the source of bitwarden/server",
    "T": "asserted by that server's own tests",
    "F": "follows from its framework, ASP.NET Core",
    "D": "public documentation",
    "I": "inferred, and still open",
}
HEAD = """\
# Bitwarden's behaviour

Read from version 2026.8.0 of `bitwarden/server`, its tests, and public documentation; not run.
[Sources](../sources.md#bitwarden) names the texts."""
DEVIATE = """\
Where Bitwarden differs from RFC 7643, RFC 7644 or Okta's SPEC suite. The profile `bitwarden` waives the
requirements named; a deviation without any is a note. Data:
[suites/deviations/bitwarden.toml](../../suites/deviations/bitwarden.toml)."""
SECTIONS = {
    "1": "Paths and methods",
    "1.1": "Authentication",
    "1.2": "Media types",
    "1.3": "Shapes of users, groups, lists and errors",
    "1.4": "Query parameters",
    "1.5": "Attributes of requests",
    "2.0": "Malformed requests",
    "2.1": "Which e-mail address is taken",
    "2.2": "Create a user",
    "2.3": "Replace a user with PUT",
    "2.4": "Change a user with PATCH",
    "2.5": "Revoke, restore and delete",
    "2.6": "Groups",
    "2.7": "Which client is asking",
    "3": "Limits and the states of a member",
    "5": "The Public API",
    "6": "Rate limits",
}


def bitwarden_page() -> str:
    """The deviations by name, and every detail that the embedded Bitwarden copies."""
    letters = ", ".join(f"**{tag}** {what}" for tag, what in TAGS.items())
    parts = [HEAD, "", f"Letters in *Evidence*: {letters}.", ""]
    parts += [f"## {anchor('deviations')}Deviations", "", DEVIATE, ""]
    rows = []
    for each in tomllib.loads(DEVIATIONS.read_text(encoding="utf-8"))["deviation"]:
        waived = [*each["ids"], *(id for more in each.get("also", []) for id in more["ids"])]
        told = ", ".join(map(code, dict.fromkeys(waived))) or "none"
        name = each["name"]
        rows.append([anchor(name.lower()) + name, each["reason"], told, linked(each["source"], BITWARDEN)])
    parts += [table(["Name", "What Bitwarden does", "Waived", "Evidence"], rows)]
    quirks = tomllib.loads(QUIRKS.read_text(encoding="utf-8"))["quirk"]
    by = defaultdict(list)
    for quirk in quirks:
        evidence = ", ".join(quirk["tags"])
        by[quirk["section"]].append(
            [code(quirk["name"]), quirk["what"], evidence, linked(quirk.get("deviation", ""), BITWARDEN)]
        )
    parts += ["", f"## {anchor('details')}Details that the embedded Bitwarden copies", ""]
    parts += [f"{len(quirks)} of them, each with a test of its name in `tests/bitwarden`."]
    for section, title in SECTIONS.items():
        heads = ["Name", "What it does", "Evidence", "Deviation"]
        parts += [
            "",
            f"### {anchor(f'section-{section}')}Section {section}: {title}",
            "",
            table(heads, by.pop(section, [])),
        ]
    assert not by, f"no title for sections {sorted(by)}: SECTIONS in tests/docs/products.py"
    return "\n".join(parts) + "\n"
