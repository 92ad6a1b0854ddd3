"""The document: what it concludes, how it is numbered, what it never lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.core.errors import Exit, UsageError
from scimproof.core.results import Outcome, Verdict
from scimproof.render.formats import DocumentKind, write_all
from scimproof.report.document import build_report, exit_code
from scimproof.report.reader import REPORT, read
from scimproof.target.credentials import ClientCredentials
from scimproof.target.target import Target
from tests.report.synthetic import ASKED, PROFILE, Told, ordinary, outcomes, played, report

OKTA = "okta.oin.user.create/find#okta-found-by-name"
RFC = "rfc7644.answers/all#rfc7644-3.8-media-type"


def told(verdict: Verdict, finding: str = OKTA) -> Told:
    return {finding: (verdict, "this", "that")}


@pytest.mark.parametrize(
    ("verdict", "result", "code"),
    [
        (Verdict.PASS, "conformant", Exit.HOLDS),
        (Verdict.NOT_APPLICABLE, "conformant", Exit.HOLDS),
        (Verdict.WARNING, "conformant", Exit.HOLDS),
        (Verdict.WAIVED, "conformant-with-waivers", Exit.HOLDS),
        (Verdict.INCONCLUSIVE, "inconclusive", Exit.CANNOT_TELL),
        (Verdict.ERROR, "inconclusive", Exit.TROUBLE),
        (Verdict.FAIL, "nonconformant", Exit.DOES_NOT_HOLD),
    ],
)
def test_what_gates_decides(verdict: Verdict, result: str, code: Exit) -> None:
    document = report(told=told(verdict))
    assert (document["result"], exit_code(document)) == (result, code)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_does_not_gate_decides_nothing(verdict: Verdict) -> None:
    document = report(told=told(verdict, RFC))
    assert document["result"] == "conformant"
    assert document["summary"]["authorities"]["rfc7644"][verdict] == 1


def test_a_run_that_stopped_early_cannot_conclude_that_all_holds() -> None:
    document = report(stop="the run's budget of time is used up")
    assert (document["result"], document["partial"]) == ("inconclusive", True)


def test_a_failure_seen_before_the_target_went_away_still_counts() -> None:
    assert report(told=told(Verdict.FAIL), stop="the target stopped answering")["result"] == "nonconformant"


def test_an_interrupted_run_concludes_nothing_and_keeps_what_it_saw() -> None:
    document = report(told=told(Verdict.FAIL), stop="interrupted", interrupted=True)
    assert exit_code(document) is Exit.CANNOT_TELL
    assert document["summary"]["gating_fails"] == 1


def test_nothing_played_is_never_conformant() -> None:
    document = report(outcomes=[], sequences=[])
    assert document["result"] == "inconclusive"
    assert report(outcomes=[], stop="no connection")["result"] == "inconclusive"


def test_nothing_that_applies_is_never_conformant() -> None:
    nothing = {"/".join(asked[:2]) + f"#{asked[2]}": (Verdict.NOT_APPLICABLE, "", "") for asked in ASKED}
    assert report(told=nothing)["result"] == "inconclusive"


def test_a_sequence_that_was_never_begun_has_its_findings() -> None:
    full = report()
    some = [outcome for outcome in played().outcomes if not outcome.sequence.startswith("okta.aiw")]
    document = report(outcomes=some, stop="the target went away")
    assert [f["id"] for f in document["findings"]] == [f["id"] for f in full["findings"]]
    missing = next(f for f in document["findings"] if f["sequence"].startswith("okta.aiw"))
    assert (missing["verdict"], missing["observed"]) == ("inconclusive", "the target went away")


def test_the_document_is_in_catalogue_order_and_renumbered() -> None:
    shuffled = list(reversed(played().outcomes))
    by_step = sorted(shuffled, key=lambda outcome: [o.id for o in played().outcomes].index(outcome.id))
    document = build_report(replace(played(), outcomes=by_step))
    assert [e["number"] for e in document["exchanges"]] == list(range(1, len(ordinary()) + 1))
    assert document["findings"] == report()["findings"]
    sequences = [s["id"] for s in document["sequences"]]
    assert sequences == [s.id for s in played().sequences] + ["rfc7644.answers"]


def test_every_exchange_that_a_finding_names_is_there() -> None:
    document = report()
    numbers = {exchange["number"] for exchange in document["exchanges"]}
    assert {f["exchange"] for f in document["findings"]} <= numbers
    assert all(f["exchange"] for f in document["findings"])


def test_of_a_long_list_the_ends_and_the_evidence_are_kept() -> None:
    first = ordinary()["okta.spec.users.list/list"]
    pages = tuple(replace(first, number=100 + page) for page in range(40))
    some = outcomes({}, {})
    finding = replace(some[-2].findings[0], exchange=120)
    some[-2] = Outcome(some[-2].sequence, some[-2].step, pages, (finding,))
    document = report(outcomes=some)
    assert len(document["exchanges"]) == 13
    assert next(f for f in document["findings"] if f["id"] == finding.id)["exchange"] == 7


def test_dialects_are_judged_side_by_side() -> None:
    dialects = report(told=told(Verdict.FAIL))["summary"]["dialects"]
    results = {name: part["result"] for name, part in dialects.items()}
    assert results == {"okta.oin": "nonconformant", "okta.aiw": "conformant", "okta.spec": "conformant"}


def test_the_target_is_described_without_its_credentials() -> None:
    credentials = ClientCredentials(
        lambda _form: {"access_token": "acc3ss-token"}, client_secret="cli3nt-secret"
    )
    credentials.authorization()
    target = Target("https://h/scim", credentials, headers=(("X-Key", "k3y-value-long"),), insecure=True)
    document = report(target=target, stop="acc3ss-token cli3nt-secret k3y-value-long", secrets=["extra-one"])
    assert document["target"] == {
        "url": "https://h/scim",
        "auth": "oauth2-client-credentials",
        "insecure": True,
        "embedded": False,
    }
    assert document["options"]["headers"] == ["X-Key"]
    assert document["stop"] == "[redacted] [redacted] [redacted]"


def test_a_token_that_is_a_word_of_the_format_breaks_nothing(tmp_path: Path) -> None:
    document = report(secrets=["pass", "okta", "conformant", "steps"])
    assert document["result"] == "conformant"
    write_all(DocumentKind.RUN, document, tmp_path)


def test_reports_are_written_whole_and_read_back(tmp_path: Path) -> None:
    document = report()
    paths = write_all(DocumentKind.RUN, document, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["report.json", "junit.xml", "report.html", "report.md"]
    assert sorted(p.name for p in paths[0].parent.iterdir()) == sorted(p.name for p in paths)
    assert read(paths[0], REPORT) == json.loads(json.dumps(document))


def test_a_folder_that_cannot_be_one_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_all(DocumentKind.RUN, report(), tmp_path / "file")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("{}", "does not say its format"),
        ("[]", "is no JSON object"),
        ('{"format":"scimproof.load/1"}', "its format is 'scimproof.load/1'"),
        ('{"format":"scimproof.report/1"}', "lacks .*exchanges"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_report_is_refused_with_a_sentence(tmp_path: Path, content: str | None, says: str) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=says):
        read(path, REPORT)


def test_a_file_that_is_not_even_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not UTF-8"):
        read(tmp_path / "report.json", REPORT)


def test_the_profile_says_who_decides() -> None:
    document = report(told=told(Verdict.FAIL, RFC), profile=replace(PROFILE, gates=("rfc7644",)))
    assert document["result"] == "nonconformant"
