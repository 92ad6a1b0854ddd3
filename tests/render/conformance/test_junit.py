"""junit.xml and load-junit.xml are what Jenkins, GitLab and GitHub's reporters read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema

from scimproof.render.conformance.junit import junit
from scimproof.render.load.junit import junit as load_junit
from tests.render.load.test_terminal import hostile
from tests.render.test_conformance import hostile_everywhere
from tests.report.make_samples import MADE, sample
from tests.report.many import many

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


@pytest.mark.parametrize("name", MADE)
def test_a_report_is_valid(name: str) -> None:
    SCHEMA.validate(junit(sample(name)))


def test_a_report_of_anything_a_server_can_say_is_valid() -> None:
    SCHEMA.validate(junit(hostile_everywhere()))


def test_a_load_report_is_valid() -> None:
    SCHEMA.validate(load_junit(hostile()))


def test_every_finding_is_a_case_of_the_group_of_its_sequence() -> None:
    document = many(50, 1, 20)
    text = junit(document)
    SCHEMA.validate(text)
    root = ET.fromstring(text)  # noqa: S314 - our own text
    for suite in root.findall("testsuite"):
        assert {case.get("classname") for case in suite.findall("testcase")} == {suite.get("name")}
    ids = [f"{case.get('classname')}/{case.get('name')}" for case in root.iter("testcase")]
    assert ids == [finding["id"] for finding in document["findings"]]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('time="4.200"', 'time="4,2"'),
        ("<testcase classname", "<testcase line='1' classname"),
        ('tests="8"', 'tests="eight"'),
        ("</testsuites>", "<testcase name='x'/></testsuites>"),
    ],
)
def test_the_schema_refuses_what_is_wrong(right: str, wrong: str) -> None:
    text = junit(sample("honest")).replace('tests="9"', 'tests="8"')
    assert right in text
    assert SCHEMA.is_valid(text)
    assert not SCHEMA.is_valid(text.replace(right, wrong, 1))
