"""S13 and G07: whose token goes where under Locust, and how it says that there is nothing to play."""

from __future__ import annotations

import json
import socketserver
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from scimproof.core.errors import Exit, UsageError
from scimproof.embedded.app import build
from scimproof.embedded.server import Served
from scimproof.load.own_host import own_host, own_target
from tests.engine.kit import TOKEN, Recording, read_request, recording, serving
from tests.load.locusts import START, Page, environment, free_port, headless, page

pytestmark = pytest.mark.xdist_group("started page")

OWN = "https://scim.example.com/scim/v2"
SHORT = ("--scim-duration", "1", "--scim-rate", "4", "--scim-mix", "okta.oin.user.create")
HAS = {"SCIMPROOF_TOKEN": TOKEN}


@pytest.fixture(scope="module")
def stranger() -> Iterator[Recording]:
    """A server that is not the command line's, and that would take any token."""
    with recording(build(token=TOKEN)) as server:
        yield server


@pytest.fixture(scope="module")
def own() -> Iterator[Recording]:
    with recording(build(token=TOKEN)) as server:
        yield server


@pytest.fixture(scope="module")
def started(own: Recording, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("page"), "--host", own.url) as running:
        yield running


@pytest.mark.parametrize(
    ("arguments", "variables", "found"),
    [
        (["-f", "x.py", "--host", OWN], {}, OWN),
        (["-H", OWN, "-u", "3"], {}, OWN),
        ([f"--host={OWN}"], {"LOCUST_HOST": "https://other/"}, OWN),
        ([f"-H{OWN}"], {}, OWN),
        ([], {"LOCUST_HOST": OWN}, OWN),
        (["--headless", "--csv", "x"], {}, ""),
        (["--host"], {}, ""),
    ],
)
def test_s13_the_host_is_that_of_the_command_line(
    arguments: list[str], variables: dict[str, str], found: str
) -> None:
    assert own_host(arguments, variables) == found


@pytest.mark.parametrize(
    "asked",
    ["", OWN, f"{OWN}/", "HTTPS://SCIM.example.com/scim/v2", "https://scim.example.com:443/scim/v2"],
)
def test_s13_the_same_host_in_other_words_is_the_same(asked: str) -> None:
    assert own_target(OWN, asked, HAS).url == OWN


@pytest.mark.parametrize(
    "asked",
    [
        "https://stranger.example.com/scim/v2",
        "http://scim.example.com/scim/v2",
        "https://scim.example.com:444/scim/v2",
        "https://scim.example.com:80/scim/v2",
        "https://scim.example.com/scim",
        "https://scim.example.com/scim/v2/../../other",
        "https://scim.example.com@stranger.example.com/scim/v2",
        "https://scim.example.com/scim/v2@stranger.example.com",
        "https://scim.example.com.stranger.example.com/scim/v2",
        "https://stranger.example.com#https://scim.example.com/scim/v2",
        "https://stranger.example.com?https://scim.example.com/scim/v2",
        "https://scim.example.com\\@stranger.example.com/scim/v2",
        "//scim.example.com/scim/v2",
        "scim.example.com",
        "https://[",
        "\x1b[2J",
    ],
)
def test_s13_any_other_host_is_refused_in_a_sentence(asked: str) -> None:
    with pytest.raises(UsageError, match="is not sent to") as refused:
        own_target(OWN, asked, HAS)
    assert str(refused.value).isprintable()
    assert TOKEN not in str(refused.value)


def test_s13_without_a_host_on_the_command_line_nothing_is_sent_anywhere() -> None:
    with pytest.raises(UsageError, match="started without --host"):
        own_target("", OWN, HAS)


def test_s13_the_host_typed_into_the_form_gets_nothing(started: Page, stranger: Recording) -> None:
    told = started.start(host=stranger.url, user_count="1", spawn_rate="1")
    assert not told["success"]
    assert f"is not sent to {stranger.url}" in told["message"]
    assert "nothing was sent" in started.said()
    assert stranger.arrived == []
    assert started.stats()["state"] == "ready"


def test_s13_a_form_changes_no_option_that_the_page_does_not_show(started: Page, tmp_path: Path) -> None:
    for name in ("html_file", "csv_prefix", "json_file", "logfile", "locustfile", "headless", "web_login"):
        told = started.start(**{name: str(tmp_path / "made")})
        assert (told["success"], told["message"]) == (
            False, f"scimproof: the web form cannot change {name}",
        )  # fmt: skip
    assert started.stats()["state"] == "ready"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_s13_a_page_of_another_site_starts_nothing(started: Page, own: Recording, site: str) -> None:
    before = len(own.arrived)
    sent = httpx2.post(f"{started.url}/swarm", data={"host": own.url}, headers={"Sec-Fetch-Site": site})
    assert "a page of another site asked for this" in sent.json()["message"]
    assert (len(own.arrived), started.stats()["state"]) == (before, "ready")


def test_s13_a_form_changes_no_user(started: Page, own: Recording, stranger: Recording) -> None:
    for body in (
        '{"user_class_name": "ScimUser", "host": "%s"}',
        '{"user_class_name": "ScimUse\\u0072"}',
        "[",
        "7",
    ):
        answer = httpx2.post(f"{started.url}/user", content=body.replace("%s", stranger.url))
        assert "is not changed here" in answer.json()["message"], body
    before = len(own.arrived)
    assert started.start(host=own.url, scim_duration="1", scim_rate="2")["success"]
    started.until("stopped")
    assert len(own.arrived) > before
    assert stranger.arrived == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("scim_rate", "-1", "--scim-rate should be a number from 0.001"),
        ("scim_rate", "nan", "--scim-rate should be a number"),
        ("scim_duration", "soon", "--scim-duration should be a number"),
        ("scim_prefill", "1e9", "--scim-prefill should be a whole number"),
        ("scim_in_flight", "0", "--scim-in-flight should be a whole number from 1"),
        ("scim_arrivals", "../x", "--scim-arrivals should be poisson or constant"),
        ("scim_mix", "/etc/passwd", "no sequence is called '/etc/passwd'"),
        ("scim_mix", "okta.oin", "no sequence is called 'okta.oin'"),
        ("scim_plan", "/etc/passwd", "no plan is called '/etc/passwd'"),
        ("scim_plan", "../plans/smoke", "no plan is called '../plans/smoke'"),
        ("scim_stages", "30s", "--scim-stages '30s' should look like 30s:5"),
        ("scim_threshold", "* p95=1", "'p95' is no measure that fits here"),
        ("scim_abort_on", "errors=2", "errors should be a number from 0 to 1, not '2'"),
        ("scim_audit", "perhaps", "--scim-audit should be yes or no, not 'perhaps'"),
        ("scim_out", "reports", "the web form cannot change scim_out"),
    ],
)
def test_g07_what_cannot_be_meant_is_said_in_the_form(
    started: Page, own: Recording, field: str, value: str, says: str
) -> None:
    before = len(own.arrived)
    told = started.start(**{"host": own.url, field: value})
    assert (told["success"], says in told["message"]) == (False, True), told
    assert len(own.arrived) == before


def test_g07_a_target_that_refuses_the_token_is_said_in_the_form(started: Page, own: Recording) -> None:
    mine, own.app = own.app, build(token="another")
    before = started.stats()["state"]
    try:
        told = started.start(host=own.url)
    finally:
        own.app = mine
    assert (told["success"], "the target refuses the credentials" in told["message"]) == (False, True), told
    assert TOKEN not in str(told) + started.said()
    assert started.stats()["state"] == before


def test_s13_with_no_host_the_page_starts_nothing(stranger: Recording, tmp_path: Path) -> None:
    (tmp_path / "locust.conf").write_text(f"host = {stranger.url}\n")  # as a cloned repository may have
    before = len(stranger.arrived)
    with page(tmp_path) as running:
        told = running.start(host=stranger.url)
        assert (told["success"], "started without --host" in told["message"]) == (False, True)
    assert len(stranger.arrived) == before


@pytest.mark.nightly
def test_s13_with_no_host_nothing_is_started_without_the_page(stranger: Recording, tmp_path: Path) -> None:
    (tmp_path / "locust.conf").write_text(f"host = {stranger.url}\n")
    before = len(stranger.arrived)
    ran = headless(tmp_path, *SHORT)
    assert (ran.returncode, "started without --host" in ran.stderr) == (Exit.USAGE, True), ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(stranger.arrived) == before


@pytest.mark.parametrize("bound", [True, pytest.param(False, marks=pytest.mark.nightly)])
def test_s13_a_worker_sends_its_token_to_no_host_that_its_master_names(
    own: Recording, stranger: Recording, tmp_path: Path, *, bound: bool
) -> None:
    port, before = str(free_port()), len(stranger.arrived)
    mine = ("--host", own.url) if bound else ()
    says = f"is not sent to {stranger.url}" if bound else "started without --host"
    hand = [*START, "--worker", "--master-port", port, *mine]
    log = tmp_path / "worker.log"
    with log.open("w") as file, subprocess.Popen(
        hand, cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=file, stderr=file
    ) as worker:  # fmt: skip
        options = ("--master", "--expect-workers", "1", "--master-bind-port", port, *SHORT)
        ran = headless(tmp_path, "--host", stranger.url, *options, SCIMPROOF_TOKEN=None)
        worker.wait(60)
    assert len(stranger.arrived) == before
    assert (ran.returncode, says in ran.stderr) == (Exit.USAGE, True), ran.stderr
    assert says in log.read_text()
    assert "Traceback" not in ran.stderr + log.read_text()


def test_g07_no_token_is_said_once_and_nothing_is_played(own: Recording, tmp_path: Path) -> None:
    before = len(own.arrived)
    ran = headless(tmp_path, "--host", own.url, *SHORT, SCIMPROOF_TOKEN="")
    assert (ran.returncode, len(own.arrived)) == (Exit.USAGE, before)
    assert "no credentials: put the token into SCIMPROOF_TOKEN" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.nightly  # the form says it on each commit, above
def test_g07_a_wrong_token_is_said_once_and_nothing_is_played(own: Recording, tmp_path: Path) -> None:
    before = len(own.arrived)
    ran = headless(tmp_path, "--host", own.url, *SHORT, SCIMPROOF_TOKEN="wr0ng-token")
    assert ran.returncode == Exit.CANNOT_TELL
    assert len(own.arrived) == before + 1
    assert "the target refuses the credentials" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "wr0ng-token" not in ran.stderr + ran.stdout


@pytest.mark.nightly  # tests/browser sees it in the page on each commit
def test_g07_failures_are_sentences(tmp_path: Path) -> None:
    with Served(token=TOKEN, faults=["patch-active-ignored"]) as target:
        options = ("--scim-mix", "okta.oin.user.deactivate", "--scim-duration", "2", "--csv", "made")
        ran = headless(tmp_path, "--host", target.base_url, *options)
    assert "Failed(" not in ran.stdout + ran.stderr
    failures = (tmp_path / "made_failures.csv").read_text()
    assert "the answer shows another `active` than was asked for" in failures, ran.stderr


def test_g07_a_target_that_stops_answering_is_told_without_a_traceback(tmp_path: Path) -> None:
    class Handler(socketserver.StreamRequestHandler):
        """Lists no users, and refuses to create any."""

        def handle(self) -> None:
            while raw := read_request(self.rfile):
                body = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}'
                status = b"200 OK" if raw.startswith(b"GET") else b"500 Internal Server Error"
                head = b"HTTP/1.1 " + status + b"\r\nContent-Length: " + str(len(body)).encode()
                self.wfile.write(head + b"\r\nContent-Type: application/scim+json\r\n\r\n" + body)

    with serving(Handler) as port:
        options = ("--scim-prefill", "3", *SHORT)
        ran = headless(tmp_path, "--host", f"http://127.0.0.1:{port}/scim/v2", *options)
    assert ran.returncode == Exit.CANNOT_TELL, ran.stderr
    assert "creating the users that have to be there before failed" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert json.dumps(TOKEN) not in ran.stderr
