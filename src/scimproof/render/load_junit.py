"""Writes JUnit XML of a load run: a test case for each limit, and one for each kind of violation."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from scimproof.render.load_text import violation
from scimproof.render.visible import line

Row = dict[str, Any]


def junit(document: Row) -> str:
    """The XML text. A run that is invalid has one error, and its limits are skipped: they tell nothing."""
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
        *(_limit(suite, row, document["result"]) for row in document["thresholds"]),
    ]
    if document["audit"]["done"]:
        kinds += [_violations(suite, sort, document["audit"]) for sort in document["audit"]["counts"]]
    counts = {"tests": len(kinds)} | {
        name: kinds.count(kind)
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    suite.attrib |= {name: str(number) for name, number in counts.items()}
    counts.pop("skipped")  # a whole report has no such count in the schema that Jenkins holds it to
    root.attrib |= {name: str(number) for name, number in counts.items()}
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, group: str, name: str, kind: str = "", message: str = "") -> str:
    case = ET.SubElement(suite, "testcase", classname=group, name=line(name), time="0")
    if kind:
        ET.SubElement(case, kind, message=line(message, 500))
    return kind


def _run(suite: ET.Element, document: Row) -> str:
    kind = "error" if document["result"] == "invalid" else ""
    return _case(suite, "load", "the figures can be trusted", kind, document["why"])


def _limit(suite: ET.Element, row: Row, result: str) -> str:
    kinds = {"held": "", "broken": "failure", "undecided": "skipped"}
    kind = "skipped" if result == "invalid" and row["verdict"] == "broken" else kinds[row["verdict"]]
    seen = row["why"] or f"it was {row['value']:.6g}"
    return _case(
        suite, row["of"], row["expected"], kind, f"{row['of']}: {row['expected']}; {seen} ({row['where']})"
    )


def _violations(suite: ET.Element, sort: str, audit: Row) -> str:
    found = audit["counts"][sort]
    told = f"{found:,} found; first: {violation(audit[sort][0])}" if audit[sort] else ""
    return _case(suite, "audit", f"no {sort}", "failure" if found else "", told)
