"""Writes a load report as JUnit XML: a test case for each threshold and each kind of violation."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from scimproof.core.escaping import line
from scimproof.render.load.terminal import violation

Row = dict[str, Any]


def junit(document: Row) -> str:
    """The XML text. A run that is invalid has one error, and its limits are skipped: they tell nothing.

    With a baseline only what got worse is a failure; what is broken as before is skipped.
    """
    root = ET.Element("testsuites", name=f"scimproof load {line(document['plan']['name'])}")
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"load.{line(document['plan']['name'])}",
        timestamp=document["started"].removesuffix("Z"),
        time=f"{document['seconds']:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("question", line(document["plan"]["question"])),
        ("target", line(document["target"]["url"])),
        ("result", document["result"]),
    ):
        ET.SubElement(properties, "property", name=name, value=value)
    kinds = [
        _run(suite, document),
        *_worse(suite, document),
        *(_limit(suite, row, document) for row in document["thresholds"]),
    ]
    sorts = document["audit"]["counts"]
    kinds += [violations(suite, sort, document) for sort in sorts if document["audit"]["done"] or sorts[sort]]
    return suite_text(root, suite, kinds)


def failed_load(plan: str, url: str, why: str, started: str) -> str:
    """The XML text of a load run that could not start: one error with the reason."""
    root = ET.Element("testsuites", name=f"scimproof load {line(plan)}")
    suite = ET.SubElement(root, "testsuite", name=f"load.{line(plan)}", timestamp=started, time="0.000")
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="target", value=line(url))
    return suite_text(root, suite, [case(suite, "load", "the target can be loaded", "error", why)])


def suite_text(root: ET.Element, suite: ET.Element, kinds: list[str]) -> str:
    """The XML of the cases of these kinds, with their counts."""
    counts = {"tests": len(kinds)} | {
        name: kinds.count(kind)
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    suite.attrib |= {name: str(number) for name, number in counts.items()}
    counts.pop("skipped")  # a whole report has no such count in the schema that Jenkins holds it to
    root.attrib |= {name: str(number) for name, number in counts.items()}
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def case(suite: ET.Element, group: str, name: str, kind: str = "", message: str = "") -> str:
    """Add a test case to the suite, with its failure, error or skip; gives that kind."""
    found = ET.SubElement(suite, "testcase", classname=group, name=line(name), time="0")
    if kind:
        ET.SubElement(found, kind, message=line(message, 500))
    return kind


def _run(suite: ET.Element, document: Row) -> str:
    base = document.get("baseline") or {}
    kind = "error" if document["result"] == "invalid" else ""
    why = document["why"]
    if base.get("result") == "cannot-tell" and not kind:
        kind, why = "error", f"whether anything got worse since the baseline cannot be told: {base['why']}"
    return case(suite, "load", "the figures can be trusted", kind, why)


def _worse(suite: ET.Element, document: Row) -> list[str]:
    """A case for each regression since the baseline."""
    base = document.get("baseline") or {}
    return [
        case(suite, "baseline", regression, "failure", f"worse: {regression}")
        for regression in base.get("worse", ())
    ]


def _limit(suite: ET.Element, row: Row, document: Row) -> str:
    kinds = {"held": "", "broken": "failure", "undecided": "skipped"}
    kind = kinds[row["verdict"]]
    seen = row["why"] or f"it was {row['value']:.6g}"
    if kind == "failure" and (document["result"] == "invalid" or document.get("baseline")):
        kind = "skipped"  # with a baseline its case is among those that got worse, if it did
    seen = f"as in the baseline: {seen}" if row["id"] in _still(document) else seen
    message = f"{row['of']}: {row['expected']}; {seen} ({row['where']})"
    return case(suite, row["of"], row["expected"], kind, message)


def violations(suite: ET.Element, sort: str, document: Row) -> str:
    """Add the test case of one kind of violation of the audit."""
    audit = document["audit"]
    found = audit["counts"][sort]
    message = f"{found:,} found; first: {violation(audit[sort][0])}" if audit[sort] else f"{found:,} found"
    kind = "" if not found else "skipped" if document.get("baseline") else "failure"
    message = f"as in the baseline: {message}" if sort in _still(document) else message
    return case(suite, "audit", f"no {sort}", kind, message)


def _still(document: Row) -> list[str]:
    return list((document.get("baseline") or {}).get("still", ()))
