"""Writes a search for the highest rate as JUnit XML: cases for the answer and each kind of violation."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from scimproof.core.escaping import line
from scimproof.render.load.junit import case, suite_text, violations

Row = dict[str, Any]


def junit(document: Row) -> str:
    """The XML text; the capacity is a property of the suite, so that a CI can plot it."""
    name, found, audit = line(document["plan"]["name"]), document["capacity"], document["audit"]
    root = ET.Element("testsuites", name=f"scimproof load --find-max {name}")
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"capacity.{name}",
        timestamp=document["started"].removesuffix("Z"),
        time=f"{document['seconds']:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    rate = "" if found["rate"] is None else f"{found['rate']:g}"
    for key, value in (
        ("target", line(document["target"]["url"])),
        ("capacity", rate),
        ("unit", found["unit"]),
        ("at_least", str(found["at_least"]).lower()),
        ("result", document["result"]),
    ):
        ET.SubElement(properties, "property", name=key, value=value)
    broken = any(audit["counts"].values())
    kind = {"pass": "", "invalid": "error", "fail": "" if broken else "failure"}[document["result"]]
    kinds = [case(suite, "capacity", "a rate was found at which all limits hold", kind, document["why"])]
    kinds += [
        violations(suite, sort, document)
        for sort, number in audit["counts"].items()
        if audit["done"] or number
    ]
    return suite_text(root, suite, kinds)
