"""A sender's log as data: what can be said, what is refused, and what Entra's shows of each answer."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scimproof.catalog.operations import read_logs, read_operations
from scimproof.catalog.provisioning_log import ProvisioningLog, check_shown, read_log
from scimproof.core.definitions import Requirement
from scimproof.core.errors import CatalogError
from scimproof.report.metadata import requirement
from tests.matrix.inprocess import catalog

LOG = """\
log = "Job log"
error = "Failed: {body}"
not_json = ""

[then]
stops = "The job stops."

[[answer]]
operations = ["ACME-01"]
status = [404, "5xx"]
code = "E1"
text = "{name}: {answer}"
then = ["stops"]

[[answer]]
name = "unread"
code = "E2"
"""


def log(more: str = "") -> ProvisioningLog:
    return read_log(tomllib.loads(LOG + more), ["ACME-01", "ACME-02"], "acme/operations.toml")


def rule(**more: object) -> Requirement:
    words = {"statement": "It is read.", "broken": "It is not read.", "source": "ACME-01"}
    return Requirement(id="acme-read", authority="acme", level="MUST", **words, **more)  # type: ignore[arg-type]


def test_a_log_is_told_in_a_report_without_what_is_empty() -> None:
    assert log().json() == {
        "title": "Job log",
        "entries": [
            {
                "status": ["404", "5xx"],
                "operations": ["ACME-01"],
                "code": "E1",
                "text": "{name}: Failed: {body}",
                "then": ["stops"],
            },
            {"name": "unread", "code": "E2"},
        ],
        "then": {"stops": "The job stops."},
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('code = "E3"', "3 needs a status, or a name that requirements can refer to"),
        ("status = [99]", '3: status has "99"; numbers and none, timeout, 1xx'),
        ('status = ["6xx"]', '3: status has "6xx"'),
        ('status = [400]\ntext = "{who}"', r"3: text has \{who\}, which nobody fills"),
        (
            'status = [400]\ntexts = "x"',
            "3 has texts; it can have name, status, operations, code, text, then",
        ),
        ('status = [400]\noperations = ["ACME-11"]', "3: operations: 'ACME-11' does not exist"),
        ('status = [400]\nthen = ["stop"]', "3: then: 'stop' does not exist.*stops"),
        ('name = "unread"', r"more than one \[\[shown.answer\]\] is called unread"),
    ],
)
def test_what_nobody_can_use_is_refused_with_its_place(row: str, said: str) -> None:
    with pytest.raises(CatalogError, match=rf"acme/operations\.toml: .*{said}"):
        log(f"\n[[answer]]\n{row}\n")


def test_a_requirement_names_what_its_senders_log_has() -> None:
    logs = {"acme": log()}
    check_shown([rule(), rule(log="unread", then=("stops",))], logs)
    with pytest.raises(CatalogError, match=r"acme-read: log: 'unred' does not exist.*unread"):
        check_shown([rule(log="unred")], logs)
    with pytest.raises(CatalogError, match="acme-read: then: 'again' does not exist"):
        check_shown([rule(then=("again",))], logs)
    with pytest.raises(CatalogError, match="acme-read: then: 'again' does not exist"):
        check_shown([rule(groups={"then": ["again"]})], logs)
    with pytest.raises(CatalogError, match="acme-read: log: 'unread' does not exist"):
        check_shown([rule(log="unread")], {"other": log()})


def test_a_report_says_of_a_requirement_what_there_is() -> None:
    row = requirement(rule(log="unread", then=("stops",)))
    assert (row["log"], row["then"]) == ("unread", ["stops"])
    assert {"log", "then"}.isdisjoint(requirement(rule()))


def test_what_is_not_logged_has_no_text_but_its_own(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    operations = '[ACME-01]\ntitle = "A"\n[ACME-02]\ntitle = "B"\nlogged = false\n'
    operations += '[ACME-03]\ntitle = "C"\nlogged = false\nerror = "red"\n'
    shown = '[shown]\nerror = "Failed: {body}"\nnot_json = ""\n'
    for folder in (tmp_path / "acme", tmp_path):
        (folder / "operations.toml").write_text(shown + (operations if folder != tmp_path else ""))
    found = read_operations(tmp_path, ["acme"])
    assert [(one.error, one.logged) for one in found.values()] == [
        ("Failed: {body}", True), ("", False), ("red", False),
    ]  # fmt: skip
    assert read_logs(tmp_path, ["acme"]) == {}, "without an entry there is no log"


def test_every_text_of_a_log_that_is_shipped_is_plain_and_used() -> None:
    for id, found in catalog().logs.items():
        used = {name for entry in found.entries for name in entry.then or ()}
        used |= {name for rule in catalog().requirements.values() for name in rule.then}
        assert set(found.then) == used, id
        assert all(text == " ".join(text.split()) and text.endswith(".") for text in found.then.values())
        assert all(entry.text == " ".join(entry.text.split()) for entry in found.entries)


def test_what_test_tools_send_is_in_no_log() -> None:
    unlogged = {id for id, operation in catalog().operations.items() if not operation.logged}
    assert unlogged == {id for id in catalog().operations if id.startswith(("VALIDATOR-", "GALLERY-"))} | {
        "ENTRA-03"
    }
