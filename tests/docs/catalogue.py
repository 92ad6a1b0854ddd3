"""The reference of what is asked and sent: requirements, operations, Okta's suites and its test plan."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.core.definitions import Requirement
from tests.docs.cited import NOTES, PLAN, cited, linked, sender_of
from tests.docs.tables import anchor, code, table

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = "reference/requirements.md"
HEAD = """\
# Requirements

A requirement is one sentence that a server is held to. Its id is the part of a finding's id behind `#`.
[Sources](../sources.md) explains grades and labels, [Findings and verdicts](../explanation/verdicts.md)
how the result follows."""
PLAN_HEAD = """\
# Okta's manual test plan

The cases of `okta-scim-test-plan-v2.xlsx` (see [Sources](../sources.md#test-plan)), in our words. *Sent*
is what Okta sends to a catalog app meanwhile, as far as known. `scimproof run --oin` says of each what a
run proved: [Submit to Okta's catalog](../guides/oin-submission.md)."""
AUTHORITIES = {
    "okta": "What Okta's provisioning engine relies on. Counts for the result under the Okta profiles.",
    "okta-spec": "What Okta's SPEC and CRUD suites assert. Counts for the result under the Okta profiles.",
    "entra": "What Microsoft Entra ID's provisioning service relies on. "
    "Counts under the profiles `entra`, `entra-default`, `entra-flag` and `entra-gallery`.",
    "entra-validator": "What Microsoft's SCIM Validator asserts, which is another client than Entra. "
    "Counts under the profiles `entra-validator` and `entra-gallery`.",
    "entra-gallery": "What the test workflow of Entra's app gallery asserts, another client too. "
    "Counts under the profile `entra-gallery`.",
    "observer": "What a second source has to say of a deactivated user; asked with an [observer]"
    "(../guides/bitwarden.md#an-observer) only.",
    "bitwarden": "What Bitwarden documents as its limits. Counts under the profile `bitwarden`.",
    "replay": "What was recorded: a server is held to it when the recording is "
    "[replayed](../guides/recording.md#replay-against-another-server).",
    "rfc7643": "RFC 7643, SCIM core schema. Counts under the profile `rfc`; elsewhere reported beside.",
    "rfc7644": "RFC 7644, SCIM protocol. Counts under the profile `rfc`; elsewhere reported beside.",
    "rfc9865": "RFC 9865, pages by cursor. Counts under the profile `rfc`.",
    "rfc6750": "RFC 6750, bearer tokens. Counts under the profile `rfc`.",
    "rfc9110": "RFC 9110, HTTP: methods, conditions, challenges. Counts under the profile `rfc`.",
    "rfc9112": "RFC 9112, HTTP/1.1. Reported beside the others; does not count for the result.",
}
KINDS = {
    "here": "Played; what it expects of the app is read back",
    "eyes": "Played; the rest is seen in Okta:",
    "outside": "Nothing is sent:",
}


def requirements_page() -> str:
    """Every requirement by authority, with what an administrator meets when it is broken."""
    by: dict[str, list[Requirement]] = defaultdict(list)
    for rule in load_catalog().requirements.values():
        by[rule.authority].append(rule)
    parts = [HEAD]
    for authority, about in AUTHORITIES.items():
        parts += ["", f"## {anchor(f'authority-{authority}')}{authority}", "", about, ""]
        parts += [
            table(
                ["Requirement", "Statement", "Level", "Source", "When it is broken"],
                _rules(by.pop(authority, [])),
            )
        ]
    assert not by, f"no words for {sorted(by)}: AUTHORITIES in tests/docs/catalogue.py"
    return "\n".join(parts) + "\n"


def _rules(rules: list[Requirement]) -> Iterator[list[str]]:
    for rule in rules:
        source = linked(rule.source, REQUIREMENTS, sender_of(rule.authority)) + (
            f" (grade {rule.grade})" if rule.grade else ""
        )
        yield [anchor(rule.id) + code(rule.id), rule.statement, rule.level, source, rule.admin]


def operations_block(sender: str) -> str:
    """Which request files play each operation of a sender, and how many requirements name it."""
    catalog = load_catalog()
    operations = tomllib.loads((ROOT / f"suites/{sender}/operations.toml").read_text(encoding="utf-8"))
    files: dict[str, list[str]] = defaultdict(list)
    for template in catalog.templates.values():
        files[template.operation].append(
            f"[{template.path}](../../fixtures/{template.path}) ({template.grade})"
        )
    rules = list(catalog.requirements.values())
    rows = []
    for id, about in operations.items():
        page, _ = cited(id).get(id, ("", ""))
        if page == NOTES[sender].wire:
            asked = sum(1 for rule in rules if id in rule.source)
            played = ", ".join(files[id]) or f"none: {about.get('about', 'part of others')}"
            rows.append([linked(id, page), about["title"], played, str(asked)])
    return table(["Operation", "What it is", "Request files (grade)", "Requirements that name it"], rows)


def suites_block() -> str:
    """Okta's SPEC and CRUD suites, step by step and assertion by assertion."""
    suites = tomllib.loads((ROOT / "suites/oin/suites.toml").read_text(encoding="utf-8"))["suite"]
    parts = []
    for suite, section in zip(suites, (2, 4), strict=True):
        parts += [
            "",
            f"## {anchor(f'section-{section}')}Section {section}: {suite['title']}",
            "",
            suite["about"],
        ]
        parts += [line for step in suite["step"] for line in _step(suite["id"], step)]
    return "\n".join([*parts, ""])


def _step(suite: str, step: dict[str, Any]) -> Iterator[str]:
    name = f"{suite}-{step['number']:02}"
    yield from ("", f"### {anchor(name)}{suite.upper()} step {step['number']}: {step['title']}", "")
    yield code(step["request"])
    if step.get("instead"):
        yield f"\nWhat Okta provisions before it is played by {', '.join(map(code, step['instead']))}."
    rows = ([told, code(finding)] for told, finding in step["assertions"])
    yield from ("", table(["Assertion", "Finding"], rows))


def test_plan_page() -> str:
    """The cases of Okta's manual test plan, with what of each is played."""
    read = tomllib.loads((ROOT / "suites/oin/cases.toml").read_text(encoding="utf-8"))
    parts = [PLAN_HEAD]
    for section in read["section"]:
        rows = [_case(case) for case in read["case"] if case["section"] == section["id"]]
        parts += [
            "",
            f"## {section['title']}",
            "",
            table(["Case", "What is done", "What is expected", "Sent", "Here"], rows),
        ]
    return "\n".join(parts) + "\n"


def _case(case: dict[str, Any]) -> list[str]:
    sent = ", ".join(linked(word, PLAN) for word in case.get("traffic", [])) or "nothing"
    here = " ".join(filter(None, [KINDS[case["kind"]], case.get("look", ""), case.get("why", "")]))
    places = "".join(anchor(id.lower()) for id in case["id"].replace(" ", "").split("/"))
    return [places + case["id"], case["title"], case["expected"], sent, here]
