"""Request files of a capture: what was sent byte for byte, and nothing of anybody in them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.attribute_paths import leaves
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.recognition import RequestDifference
from scimproof.capture.learn.request_files.template_writer import (
    MOST_FORMS,
    TemplateWriter,
    difference,
    write,
)
from scimproof.catalog.loader import load_catalog
from scimproof.catalog.request_template import read_template
from scimproof.core.errors import UsageError
from scimproof.core.paths import knowledge_root
from tests.capture.learn.request_files.captures import (
    BASE,
    GROUP,
    HEADERS,
    PERSON,
    USER,
    compact,
    exchange,
    file_with,
    files_of,
    vocabulary,
    with_body,
    with_head,
    writer_of,
)
from tests.capture.learn.runs import PREFIX, catalog, recorded_run

PROFILES = ("okta-oin", "okta-aiw", "entra-default", "entra-flag")
FORCED = (RequestDifference("value", "somewhere", "", ""), RequestDifference("query", "somewhere", "", ""))


def run(profile: str) -> list[CapturedExchange]:
    return [one.exchange for one in recorded_run(profile)]


def create(number: int = 1, **changes: object) -> CapturedExchange:
    person = {**PERSON, **changes}
    answer = {"id": USER, **person}
    return exchange(number, f"POST {BASE}/Users", person, answer)


@pytest.mark.parametrize("profile", PROFILES)
def test_without_knowing_the_sender_every_form_gives_the_captured_bytes_and_shows_nobody(
    profile: str,
) -> None:
    writer = writer_of(run(profile))
    files = writer.files()
    assert len(files) > 30
    assert [(file.path, file.not_expressed, file.leaks) for file in files] == [
        (file.path, (), 0) for file in files
    ]
    for file in files:
        assert PREFIX not in file.text.casefold(), file.text
        assert "127.0.0.1" not in file.text


@pytest.mark.parametrize("profile", PROFILES)
def test_beside_the_nearest_template_every_form_gives_the_captured_bytes(profile: str) -> None:
    writer, recogniser = TemplateWriter(catalog(), "run.jsonl", vocabulary()), Recogniser(catalog())
    for one in run(profile):
        writer.look(one, replace(recogniser.look(one), differences=FORCED))
    files = writer.files()
    assert all(
        file.path == file.ours.replace(".http", "") + "-seen" + file.path.partition("-seen")[2]
        for file in files
    )
    assert not [file for file in files if file.not_expressed or file.leaks or PREFIX in file.text.casefold()]


@pytest.mark.parametrize("profile", PROFILES)
def test_of_our_own_run_nothing_is_written(profile: str) -> None:
    assert files_of(run(profile), Recogniser(catalog())) == []


def moved(one: CapturedExchange) -> CapturedExchange:
    lines = one.request.head.split(b"\r\n")
    return with_head(one, b"\r\n".join([lines[0], *lines[2:-2], lines[1], *lines[-2:]]))


def test_a_header_that_moved_is_the_only_difference_to_our_file() -> None:
    seen = [moved(one) for one in run("okta-oin")]
    files = files_of(seen, Recogniser(catalog()))
    file = next(one for one in files if one.path == "okta/oin/user-deactivate-seen.http")
    ours = (knowledge_root() / "fixtures" / file.ours).read_text(encoding="utf-8")
    template, request = ours.partition("\n\n")[2], file.text.partition("\n\n")[2]
    accept = "Accept: application/scim+json\n"
    assert accept in template
    assert sorted(request.split("\n")) == sorted(template.split("\n"))
    assert request != template
    assert request.replace(accept, "") == template.replace(accept, "")
    told = difference(file, knowledge_root() / "fixtures").split("\n")
    assert told[:2] == [
        "--- fixtures/okta/oin/user-deactivate.http",
        "+++ okta/oin/user-deactivate-seen.http",
    ]
    changed = [line for line in told[2:] if line[0] in "+-"]
    assert changed == ["-Accept: application/scim+json", "+Accept: application/scim+json"]
    assert "# operation: OKTA-11\n# grade: C\n# source: capture capture.jsonl, exchange " in file.text
    assert "# date: 2023-11-14\n# shows: Deactivate a user, as it was seen\n" in file.text
    assert re.search(r"^# seen \d+ times in the capture$", file.text, re.MULTILINE)
    assert "# differs from okta/oin/user-deactivate.http, header order: Accept\n" in file.text


def test_an_added_attribute_a_key_order_and_an_encoding_are_written_as_they_came() -> None:
    def changed(one: CapturedExchange) -> CapturedExchange:
        if one.method == "POST" and one.target.endswith("/Users") and one.request.json.get("locale"):
            body = one.request.json
            family = {"familyName": body["name"]["familyName"], "givenName": body["name"]["givenName"]}
            return with_body(one, compact({**body, "name": family, "nationality": "Ruritanian"}))
        return with_head(one, one.request.head.replace(b"%20eq%20", b"+eq+"))

    files = files_of(map(changed, run("okta-oin")), Recogniser(catalog()))
    made = next(one for one in files if one.path == "okta/both/user-create-seen.http")
    name = '"name":{"familyName":"{{user.familyName}}","givenName":"{{user.givenName}}"}'
    assert name in made.text
    assert '"nationality":"{{review.nationality}}"}' in made.text
    assert made.to_review == ("review.nationality",)
    assert "Ruritanian" not in made.text
    found = next(one for one in files if one.path == "okta/spec/crud-find-seen.http")
    assert "filter=userName+eq+%22{{user.email}}%22" in found.text


def test_no_text_of_a_person_a_host_or_a_token_is_in_any_file(tmp_path: Path) -> None:
    more = {"X-Trace": "trace-7f3a", "Cookie": "sid=31337"}
    agent = {**HEADERS, "User-Agent": "corp/people.corp.test:8443"}
    wire = [
        create(),
        exchange(2, f"GET {BASE}/Users?filter=userName%20eq%20%22grace.hopper%40corp.test%22"),
        exchange(3, f"PATCH {BASE}/Users/{USER}", {"Operations": [
            {"op": "replace", "path": 'emails[value eq "grace@mail.corp.test"].value', "value": "g@x.test"},
            {"op": "add", "value": {"salary": 99999, "nationality": "Syldavian"}},
        ]}),
        exchange(4, f"PATCH {BASE}/Groups/{GROUP}", {"Operations": [
            {"op": "add", "path": "members", "value": [{"value": USER, "display": "Grace B. Hopper"}]},
            {"op": "remove", "path": f'members[value eq "{USER}"]'},
        ]}),
        exchange(5, f"GET {BASE}/Users/{USER}", headers={**HEADERS, **more}),
        exchange(6, f"POST {BASE}/Users", b"userName=grace.hopper&password=s3cr3t-w0rd"),
        exchange(7, f"POST {BASE}/Frobnicate/for-Grace", {"grace.hopper@corp.test": ["Hopper"]}),
        exchange(8, f"GET {BASE}/Users?owner=grace.hopper&count=10", headers=agent),
    ]  # fmt: skip
    files = files_of(wire)
    assert len(files) == len(wire)
    assert not [file for file in files if file.leaks or file.not_expressed]
    write(files, tmp_path)
    canaries = {str(value) for one in wire for _, value in leaves(one.request.json) if value is not True}
    canaries -= {"work", "add", "remove", "replace", "members", f'members[value eq "{USER}"]'}
    canaries |= {
        USER,
        GROUP,
        "corp.test",
        "people",
        "Bearer",
        "4711",
        "trace-7f3a",
        "31337",
        "s3cr3t",
        "grace",
        "Hopper",
    }
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == len(files)
    for path in written:
        text = f"{path}\n{path.read_text(encoding='utf-8')}"
        assert not [one for one in canaries if one in text.removeprefix(str(tmp_path))], text


def test_names_of_blanks_and_keys_show_nobody_either() -> None:
    odd = {
        **PERSON,
        "grace.hopper@corp.test": {"note": "x-ray"},
        "Hopper": {"note": "yankee"},
        "a71c99d0e5": True,
        "phoneNumbers": [{"type": "Grace Hopper's desk", "value": "+1 202 555 0199"}],
        "urn:corp:2.0:User": {"badge": "zulu"},
    }
    wire = [
        exchange(1, f"POST {BASE}/Users", odd),
        exchange(2, f"GET {BASE}/Users?filter=userName%20sw%20grace.hopper"),
        exchange(3, f"GET {BASE}/Users?filter=Hopper%20eq%20%22y%22"),
    ]
    files = files_of(wire)
    assert not [file for file in files[:2] if file.leaks or file.not_expressed]
    for file in files[:2]:
        text = file.text.casefold()
        canaries = ("grace", "hopper", "a71c99d0e5", "desk", "0199", "x-ray", "yankee", "zulu")
        assert not [one for one in canaries if one in text], file.text
    assert (
        "# to be reviewed, a schema that is no standard and may name somebody: urn:corp:2.0:User"
        in files[0].text
    )
    assert files[2].leaks == 1  # the name of an attribute that is somebody's: not written


def test_what_nobody_could_place_is_a_blank_that_no_sequence_fills_by_itself(tmp_path: Path) -> None:
    (file,) = write(files_of([create()]), tmp_path)
    assert file.to_review == ("review.nationality", "review.salary")
    template = read_template(tmp_path / file.path, file.path)
    assert {"review.nationality", "review.salary", "user.userName", "user.title"} <= template.blanks
    assert '"salary":{{!review.salary}}}' in file.text
    assert "# to be reviewed, a value of the capture that nobody could place: review.salary\n" in file.text


def test_a_form_is_one_file_however_many_people_and_members_it_is_about() -> None:
    people = [
        create(number, userName=f"p{number}@corp.test", title=f"Title {number}") for number in range(1, 6)
    ]
    pushes = [
        exchange(number, f"PATCH {BASE}/Groups/{GROUP}", {"Operations": [
            {"op": "add", "path": "members", "value": [{"value": f"id-{n}"} for n in range(number)]},
        ]})
        for number in range(6, 20)
    ]  # fmt: skip
    files = files_of([*people, *pushes])
    assert [(file.path, file.count) for file in files] == [
        ("unknown/post-users.http", 5),
        ("unknown/patch-groups-id.http", 14),
    ]
    assert '{"value":"{{user.id}}"},{"value":"{{other.id}}"},{"value":"{{third.id}}"}' in files[1].text
    assert '{"value":"{{member4.id}}"}' in files[1].text


def test_another_value_of_the_protocol_is_another_form() -> None:
    def switched(number: int, value: object) -> CapturedExchange:
        return exchange(
            number,
            f"PATCH {BASE}/Users/{USER}",
            {"Operations": [{"op": "replace", "value": {"active": value}}]},
        )

    files = files_of(
        [switched(1, value=True), switched(2, value=False), switched(3, "False"), switched(4, value=False)]
    )
    assert [file.count for file in files] == [1, 2, 1]


def test_of_an_operation_with_endless_forms_the_most_frequent_are_written_and_the_others_counted() -> None:
    def odd(number: int) -> CapturedExchange:
        return exchange(number, f"POST {BASE}/Users", {f"attribute{number}": True})

    writer = writer_of([*map(odd, range(1, 21)), odd(20), odd(20)])
    files = writer.files()
    assert len(files) == MOST_FORMS
    assert file_with(files, "attribute20").count == 3
    assert writer.left_out == {"UNKNOWN": 20 - MOST_FORMS}


def test_nothing_that_is_there_is_overwritten_and_the_same_request_is_not_written_twice(
    tmp_path: Path,
) -> None:
    files = files_of([create()])
    (first,) = write(files, tmp_path)
    (again,) = write(files, tmp_path)
    assert not first.known_already
    assert again.known_already
    other = tmp_path / "unknown" / "post-users.http"
    other.write_text("mine\n", encoding="utf-8")
    (second,) = write(files, tmp_path)
    assert other.read_text(encoding="utf-8") == "mine\n"
    assert second.written.endswith("post-users-2.http")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "unknown").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        write(files_of([create()]), tmp_path)


def test_the_name_of_the_capture_is_not_told_where_it_names_somebody() -> None:
    def told(name: str) -> str:
        return files_of([create()], source=name)[0].text

    assert "# source: a capture, exchange 1\n" in told(f"{HEADERS['Host'].partition(':')[0]}.jsonl")
    assert "# source: a capture, exchange 1\n" in told("run-of-hopper.jsonl")
    assert "# source: capture june.jsonl, exchange 1\n" in told("june.jsonl")


def test_a_withheld_or_a_cut_body_is_counted_and_not_written() -> None:
    whole = create()
    cut = replace(whole, request=replace(whole.request, body=whole.request.body[:-5]))
    writer = writer_of([replace(whole, withheld="it may hold a secret"), cut])
    assert (writer.files(), writer.withheld) == ([], 2)


def test_a_file_beside_ours_loads_with_the_catalogue_and_a_sequence_sends_it(tmp_path: Path) -> None:
    root = tmp_path / "knowledge"
    for folder in ("suites", "fixtures", "load"):
        shutil.copytree(knowledge_root() / folder, root / folder)
    files = files_of([moved(one) for one in run("okta-oin")], Recogniser(catalog()))
    write([one for one in files if one.path == "okta/oin/user-deactivate-seen.http"], root / "fixtures")
    users = root / "suites" / "okta" / "users"
    for path in users.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("okta/oin/user-deactivate.http", "okta/oin/user-deactivate-seen.http"),
            encoding="utf-8",
        )
    found = load_catalog(root)
    steps = found.sequences["okta.oin.user.deactivate"].steps
    assert "okta/oin/user-deactivate-seen.http" in {step.request for step in steps}
    template = found.templates["okta/oin/user-deactivate-seen.http"]
    assert (template.operation, template.grade) == ("OKTA-11", "C")


def test_what_no_request_file_can_hold_is_counted() -> None:
    one = exchange(1, f"GET {BASE}/Users")
    writer = writer_of([with_head(one, one.request.head.replace(b"User-Agent:", b":"))])
    assert (writer.files(), writer.unwritable) == ([], 1)
