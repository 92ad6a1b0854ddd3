"""Each writer: complete, valid, and unmoved by what a server sent."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from rich.console import Console

from scimproof.core.escaping import code, line, prose, visible
from scimproof.core.results import Verdict
from scimproof.render.conformance.html import anchor, html
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown
from scimproof.render.conformance.terminal import text
from scimproof.render.diagnosis.grouping import causes
from scimproof.render.http_messages import indented
from scimproof.report.document import Report
from tests.report.make_samples import MADE
from tests.report.synthetic import ASKED, Told, report

EVERYTHING = "".join(map(chr, [*range(0x250), 0x202E, 0x200B, 0xFEFF, 0xFFFE, 0xFFFF, 0x1F642])) + "\ud800"


def hostile_everywhere() -> Report:
    told: Told = {
        f"{sequence}/{step}#{rule}": (Verdict.FAIL, EVERYTHING, EVERYTHING) for sequence, step, rule in ASKED
    }
    return report(told=told, stop=EVERYTHING)


@pytest.fixture(params=[*MADE, "everything"])
def document(request: pytest.FixtureRequest) -> Report:
    return hostile_everywhere() if request.param == "everything" else MADE[request.param]()


def test_junit_counts_are_those_of_the_findings(document: Report) -> None:
    root = ET.fromstring(junit(document))  # noqa: S314 - our own text
    cases = root.findall(".//testcase")
    names = [f"{case.get('classname')}/{case.get('name')}" for case in cases]
    assert names == [finding["id"] for finding in document["findings"]]
    for element in [root, *root.findall("testsuite")]:
        for key, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            if element is not root or key != "skipped":
                assert int(element.get(key, "")) == len(element.findall(f".//{tag}"))
    assert len(root.findall(".//failure")) == document["summary"]["gating_fails"]


@pytest.mark.parametrize(
    ("verdict", "gating", "other"),
    [
        (Verdict.FAIL, "failure", "system-out"),
        (Verdict.ERROR, "error", "error"),
        (Verdict.WARNING, "system-out", "system-out"),
        (Verdict.INCONCLUSIVE, "skipped", "skipped"),
        (Verdict.NOT_APPLICABLE, "skipped", "skipped"),
        (Verdict.WAIVED, "skipped", "skipped"),
        (Verdict.PASS, None, None),
    ],
)
def test_junit_says_each_verdict_in_its_own_words(
    verdict: Verdict, gating: str | None, other: str | None
) -> None:
    for finding, tag in (
        ("okta.oin.user.create/find#okta-found-by-name", gating),
        ("rfc7644.answers/all#rfc7644-3.8-media-type", other),
    ):
        root = ET.fromstring(junit(report(told={finding: (verdict, "this", "that")})))  # noqa: S314
        case = next(c for c in root.iter("testcase") if f"{c.get('classname')}/{c.get('name')}" == finding)
        assert [child.tag for child in case] == ([tag] if tag else [])


def test_junit_times_add_up_to_what_the_exchanges_took() -> None:
    document = report()
    named = {
        finding["exchange"] for finding in document["findings"] if finding["sequence"] != "rfc7644.answers"
    }
    took = sum(e["ms"] for e in document["exchanges"] if e["number"] in named) / 1000
    cases = ET.fromstring(junit(document)).findall("./testsuite[@name!='rfc7644.answers']/testcase")  # noqa: S314
    assert sum(float(case.get("time", "")) for case in cases) == pytest.approx(took, abs=0.01)


def test_markdown_fits_a_comment_whatever_broke() -> None:
    document = hostile_everywhere()
    rule = document["requirements"]["okta-found-by-name"]
    finding = document["findings"][0]
    for number in range(1000):
        name = f"rule-{number}"
        document["requirements"][name] = rule | {
            "id": name,
            "statement": "x" * 200,
            "broken": f"{name} " * 20,
        }
        alone = {"requirement": name, "id": f"a/s{number}#{name}", "step": f"s{number}", "exchange": None}
        alone |= {
            "expected": f"value {number}",
            "observed": f"seen {number}",
            "sequence": f"okta.oin.a{number}",
        }
        document["findings"].append(finding | alone)
    told = markdown(document)
    assert len(told.encode()) < 60_000
    assert "more reasons are in the full report" in told


def test_markdown_keeps_what_came_from_a_server_in_code_or_escaped() -> None:
    told = markdown(MADE["hostile"]())
    bare = re.sub(r"(`+)[^`].*?[^`]\1(?!`)", "", told)
    assert not re.search(r"(?<!\\)<script|(?<!\\)\[bold|@everyone", bare)


class Reader(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        values = dict(attrs)
        self.scripts += tag == "script"
        self.ids += [str(values["id"])] if "id" in values else []
        self.links += [str(values["href"])] if "href" in values else []


def test_html_runs_nothing_loads_nothing_and_every_link_leads_somewhere(document: Report) -> None:
    page = html(document)
    reader = Reader()
    reader.feed(page)
    assert not reader.tags & {"img", "link", "iframe", "object", "form", "base"}
    assert reader.scripts == 1
    assert not {name for name in reader.attributes if name.startswith("on") or name in ("src", "style")}
    assert len(reader.ids) == len(set(reader.ids))
    inside = {unquote(link.removeprefix("#")) for link in reader.links if link.startswith("#")}
    assert inside <= set(reader.ids)
    outside = [link for link in reader.links if not link.startswith("#")]
    assert all(link.startswith("https://tracker.example.com/") for link in outside)
    assert {anchor(finding["id"]) for finding in document["findings"]} <= set(reader.ids)
    assert "url(" not in page
    assert "@import" not in page


def test_html_lets_a_browser_use_its_own_script_and_style_and_nothing_else(document: Report) -> None:
    page = html(document)
    policy = re.findall('http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0]
    for tag in ("script", "style"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
    assert "unsafe" not in policy
    assert "default-src &#39;none&#39;" in policy


def test_html_shows_the_conversation_of_every_exchange() -> None:
    document = MADE["failing"]()
    page = html(document)
    assert page.count('id="exchange-') == len(document["exchanges"])
    assert "no seats left" in page


@pytest.mark.parametrize("writer", [html, junit, markdown])
def test_nothing_unseen_reaches_a_file(writer: object) -> None:
    assert callable(writer)
    told = writer(hostile_everywhere())
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]", told
    )


def shown(document: Report, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    console.print(text(document))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_gets_only_our_own_escapes(document: Report) -> None:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown(document))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", plain)


def test_the_terminal_shows_markup_as_it_was_sent() -> None:
    assert "[bold red]" in shown(MADE["hostile"](), width=400)


def test_the_terminal_says_the_result_last() -> None:
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown(MADE["failing"](), width=200)).strip().splitlines()
    assert lines[-2].startswith("NONCONFORMANT  1 of 8 deciding checks fails, for 1 reason.")
    assert lines[-1].startswith("Left on the target: 1 user")  # what stays is the last that is said


def test_causes_come_most_severe_first_and_count_what_they_held_back() -> None:
    found = causes(MADE["failing"]())
    assert [(c.severity, c.id, len(c.findings), c.blocked) for c in found] == [
        ("fails", "okta-deactivate-persists", 1, 0),
        ("reported", "rfc7644-3.8-media-type", 1, 0),
        ("warning", "okta-answers-fast", 1, 0),
        ("undecided", "okta-create-201", 2, 2),
    ]


def test_checks_held_back_by_a_failure_belong_to_it() -> None:
    gate = "okta.oin.user.create/create#okta-create-201"
    told: Told = {
        gate: (Verdict.FAIL, "201", "500"),
        "okta.aiw.user.deactivate/deactivate#okta-answers-fast": (
            Verdict.INCONCLUSIVE,
            "",
            "okta.aiw.user.deactivate/create#okta-create-201 did not hold: 500",
        ),
    }
    found = causes(report(told=told))
    assert [(cause.id, len(cause.findings), cause.blocked) for cause in found] == [("okta-create-201", 1, 1)]


@pytest.mark.parametrize(
    ("sent", "laid_out"),
    [
        ('{"a":[],"b":{},"c":[1, 2]}', '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    2\n  ]\n}'),
        ('{"a":1.0,"a":"\\u00e9, {}"}', '{\n  "a": 1.0,\n  "a": "\\u00e9, {}"\n}'),
        ("[]", "[]"),
        ('{"broken":', '{"broken":'),
        ("text", "text"),
    ],
)
def test_json_is_laid_out_without_changing_a_token(sent: str, laid_out: str) -> None:
    assert indented(sent) == laid_out


def test_text_is_made_visible() -> None:
    assert visible("a\r\nb\x1b[0m\u202e") == "a\nb\\x1b[0m\\u202e"
    assert line("a\n b\t c") == "a b c"
    assert line("abcdef", 4) == "abc…"
    assert code("a`b``c") == "``` a`b``c ```"
    assert prose("*a* <b> @c x@y.z") == "\\*a\\* \\<b\\> @<!-- -->c x@y.z"
