"""S12: what a scimproof.toml does is asked about before it happens, once for the file as it stands."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from scimproof.settings import consent as module
from scimproof.settings.consent import records
from scimproof.settings.definition import Kind
from scimproof.settings.effects import HARMLESS
from scimproof.settings.every_setting import SETTINGS, of
from scimproof.settings.file import NAME
from scimproof.settings.resolve import EffectiveSettings, effective_settings
from scimproof.settings.starter_file import example
from tests.engine.kit import TOKEN, Recording, command, environment, recording, scimproof
from tests.pytest_plugin.test_suite import SUITES, pytest_in
from tests.settings.test_file import written

AWS = "AWS_SECRET_ACCESS_KEY"
SECRETS = {"SCIMPROOF_TOKEN": TOKEN, AWS: "canary-of-aws"}
NOTHING = "nothing was sent or started"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder in which nobody has agreed to anything."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def cloned(tmp_path: Path) -> Path:
    """The working folder of somebody who cloned a repository."""
    folder = tmp_path / "cloned"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def stranger() -> Iterator[Recording]:
    with recording() as server:
        yield server


@pytest.fixture
def unheard(stranger: Recording) -> Recording:
    """A server that has heard nothing yet."""
    stranger.arrived.clear()
    return stranger


def forced(folder: Path, text: str, name: str = "run", **flags: object) -> EffectiveSettings:
    written(folder, text)
    return effective_settings(name, flags, {}, folder=folder)


def told(folder: Path, text: str, name: str = "run") -> list[str]:
    """What is asked about, empty for nothing."""
    found = forced(folder, text, name).consent
    return found.lines() if found else []


def answering(folder: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command at whose prompt somebody types that."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), cwd=folder, env=environment(folder, SECRETS), stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, answer.encode())
    try:
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        os.close(ours)
    return process.returncode, out


def test_s12_doctor_sends_nothing_to_the_host_of_a_cloned_file(cloned: Path, unheard: Recording) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\n')
    ran = scimproof(cloned, "doctor", more=SECRETS)
    assert (ran.returncode, unheard.arrived) == (Exit.USAGE, []), ran.stdout
    assert f"send what SCIMPROOF_TOKEN holds to {unheard.url}" in ran.stderr
    assert "add --yes to agree" in ran.stderr
    assert NOTHING in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", ["run", "load", "doctor", "clean"])
def test_s12_no_command_sends_another_variable_unasked(cloned: Path, unheard: Recording, name: str) -> None:
    written(cloned, f'[target]\ntoken_env = "{AWS}"\n[load]\nplan = "smoke"\nduration = 1\n')
    ran = scimproof(cloned, name, "--target", unheard.url, more=SECRETS)
    assert (ran.returncode, unheard.arrived) == (Exit.USAGE, []), ran.stdout
    assert AWS in ran.stderr
    assert "canary-of-aws" not in ran.stderr + ran.stdout


def test_s12_no_program_is_started_unasked(cloned: Path, unheard: Recording) -> None:
    for text in ('command = ["sh", "-c", "touch started"]', "name = \"sh -c 'touch started'\""):
        written(cloned, f'[observer]\n{text}\n[run]\nsequences = ["okta.oin.user.deactivate"]\n')
        for more in ((), ("--target", unheard.url), ("--target", "embedded")):
            ran = scimproof(cloned, "run", *more, more=SECRETS)
            assert (ran.returncode, unheard.arrived) == (Exit.USAGE, []), ran.stdout
            assert "start the program sh -c 'touch started'" in ran.stderr
        assert not (cloned / "started").exists()


def test_s12_pytest_asks_too(cloned: Path, unheard: Recording) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\n[run]\nsequences = ["okta.oin.connect"]\n')
    refused = pytest_in(cloned, SUITES, more=SECRETS)
    assert (refused.returncode, unheard.arrived) == (Exit.USAGE, [])
    assert "add --scim-yes to agree" in refused.stdout + refused.stderr
    assert pytest_in(cloned, SUITES, "--scim-yes", more=SECRETS).returncode == Exit.HOLDS
    assert pytest_in(cloned, SUITES, more=SECRETS).returncode == Exit.HOLDS


def test_s12_a_yes_is_remembered_for_the_file_as_it_stands(cloned: Path, unheard: Recording) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\n')
    agreed = scimproof(cloned, "doctor", "--yes", more=SECRETS)
    assert agreed.returncode == Exit.HOLDS
    assert f"send what SCIMPROOF_TOKEN holds to {unheard.url}" in agreed.stderr
    again = scimproof(cloned, "doctor", more=SECRETS)
    assert (again.returncode, again.stderr) == (Exit.HOLDS, "")
    assert scimproof(cloned, "clean", more=SECRETS).returncode == Exit.HOLDS
    written(cloned, f'[target]\nurl = "{unheard.url}"\n# changed\n')
    changed = scimproof(cloned, "doctor", more=SECRETS)
    assert (changed.returncode, NOTHING in changed.stderr) == (Exit.USAGE, True)


def test_s12_a_person_is_asked_once(cloned: Path, unheard: Recording) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\ntoken_env = "{AWS}"\n')
    code, said = answering(cloned, "n\n", "doctor")
    assert (code, unheard.arrived) == (Exit.USAGE, [])
    assert f"send what {AWS} holds to {unheard.url}" in said
    assert NOTHING in said
    code, _ = answering(cloned, "y\n", "doctor")
    assert unheard.arrived
    code, said = answering(cloned, "", "doctor")
    assert "Is that wanted?" not in said


def test_s12_agreeing_once_covers_what_other_commands_do(cloned: Path, unheard: Recording) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\n[observer]\ncommand = ["sh", "-c", "echo null"]\n')
    shown = scimproof(cloned, "doctor", "--yes", more=SECRETS).stderr
    assert "start the program sh -c 'echo null'" in shown  # though doctor itself would not
    ran = scimproof(cloned, "run", "okta.oin.connect", more=SECRETS)
    assert NOTHING not in ran.stderr


def test_s12_config_shows_and_needs_no_consent(cloned: Path, unheard: Recording) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\n')
    ran = scimproof(cloned, "config", "doctor", more=SECRETS)
    assert (ran.returncode, unheard.arrived) == (Exit.HOLDS, [])
    assert (
        "Asks first (--yes agrees), since the file makes scimproof: send what SCIMPROOF_TOKEN" in ran.stdout
    )
    rows = json.loads(scimproof(cloned, "config", "--json", "doctor", more=SECRETS).stdout)["doctor"]
    assert rows["agreed"] is False
    scimproof(cloned, "doctor", "--yes", more=SECRETS)
    rows = json.loads(scimproof(cloned, "config", "--json", "doctor", more=SECRETS).stdout)["doctor"]
    assert rows["agreed"] is True


def test_s12_a_file_named_on_the_command_line_is_asked_about_too(cloned: Path, unheard: Recording) -> None:
    path = written(cloned, f'[target]\nurl = "{unheard.url}"\n').rename(cloned / "other.toml")
    for arguments, more in ((("--config", str(path)), {}), ((), {"SCIMPROOF_CONFIG": str(path)})):
        ran = scimproof(cloned, "doctor", *arguments, more=SECRETS | more)
        assert (ran.returncode, unheard.arrived) == (Exit.USAGE, [])
        assert "other.toml" in ran.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[target]\nurl = "https://host/scim"\n', "send what SCIMPROOF_TOKEN holds to https://host/scim"),
        ('[target]\nurl = "http://127.0.0.1:8080/scim"\n', "to http://127.0.0.1:8080/scim"),
        ('[target]\nurl = "https://host/scim"\nauth = "basic"\n', "SCIMPROOF_USER and SCIMPROOF_PASSWORD"),
        (f'[target]\ntoken_env = "{AWS}"\n', f"read the environment variable {AWS}"),
        (f'[target]\nother_token_env = "{AWS}"\n', f"send what {AWS} holds to the target"),
        ('[target]\ntoken_file = "it"\n', "read the credentials from "),
        ('[target]\ntoken_url = "https://id/token"\n', "client's id and secret to https://id/token"),
        ('[target]\nca_bundle = "it"\n', "trust the CAs in "),
        ('[target]\nclient_cert = "it"\n', "show the client certificate in "),
        ('[target]\nclient_key = "it"\n', "use the private key in "),
        ("[target]\ninsecure = true\n", "check no certificate"),
        ('[target]\nheaders = { X-HTTP-Method-Override = "DELETE" }\n', "X-HTTP-Method-Override: DELETE"),
        (
            f'[target]\nheaders = {{ X-A = {{ env = "{AWS}" }} }}\n',
            f"variable {AWS} holds, as the header X-A",
        ),
        ('[run]\nout = "../elsewhere"\n', "write reports into "),
        ('[run]\nwaivers = "../it"\n', "read "),
        ('[run]\nbaseline = "../it"\n', "read "),
        ('[observer]\nname = "bitwarden"\n', "SCIMPROOF_OBSERVER_CLIENT_SECRET"),
        ('[observer]\nname = "curl https://host"\n', "start the program curl https://host"),
        ('[observer]\ncommand = ["./ask", "a b"]\n', "ask 'a b'"),
        ('[observer]\nurl = "https://host/"\n', "access token to https://host/"),
        ('[observer]\ntoken_url = "https://host/"\n', "secret to https://host/"),
    ],
)
def test_s12_whatever_sends_reads_or_starts_something_is_told(cloned: Path, text: str, says: str) -> None:
    for folder in (cloned, cloned.parent):
        (folder / "it").write_text("")
    assert [line for line in told(cloned, text) if says in line], told(cloned, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[run]\nprofile = "okta-oin"\nout = "made"\nparallel = 2\noin = true\n',
        '[run]\nwaivers = "it"\nbaseline = "it"\n[load]\nplan = "rollout"\nrate = 3\n',
        '[target]\nurl = "embedded"\n',
        '[target]\nauth = "header"\ntoken_env = "SCIMPROOF_TOKEN"\ntimeout = 3\ninsecure = false\n',
        "[observer]\nseconds = 3\n",
    ],
)
@pytest.mark.parametrize("name", ["run", "load", "doctor", "clean"])
def test_s12_what_can_do_no_harm_is_not_asked_about(cloned: Path, text: str, name: str) -> None:
    (cloned / "it").write_text("")
    assert forced(cloned, text, name).consent is None


def test_s12_what_is_about_another_server_or_command_is_not_asked_about(cloned: Path) -> None:
    text = f'[target]\nurl = "https://host/scim"\ntoken_env = "{AWS}"\n[observer]\ncommand = ["ls"]\n'
    assert forced(cloned, text, target="https://mine/scim").consent is None
    assert forced(cloned, text, target="embedded").consent is None
    assert forced(cloned, text).consent is not None
    assert forced(cloned, '[observer]\ncommand = ["ls"]\n', "doctor").consent is None


def test_s12_every_setting_is_known_to_do_no_harm_or_is_told(cloned: Path) -> None:
    (cloned.parent / "it").write_text("")
    for each in SETTINGS:
        if each.key in HARMLESS[each.section]:
            continue
        value = '"../it"' if each.kind in (Kind.FILE, Kind.FOLDER, Kind.PLAN) else example(each)
        value = "true" if each.kind is Kind.FLAG else value
        text = f"[{each.section}]\n{each.key} = {value}\n"
        assert told(cloned, text, each.commands[0]), each.keys
    assert {key for keys in HARMLESS.values() for key in keys} <= {each.key for each in SETTINGS}


def test_s12_nothing_hides_in_what_is_shown(cloned: Path) -> None:
    hidden = '[observer]\ncommand = ["sh", "-c", "\\u001b[2J\\u001b[1A rm -rf x \\r harmless \\u202e\\n"]\n'
    (line,) = told(cloned, hidden)
    assert line.isprintable()
    assert "rm -rf x" in line


def test_s12_where_a_path_really_leads_is_shown_and_remembered(cloned: Path, tmp_path: Path) -> None:
    for name in ("secret", "other"):
        (tmp_path / name).write_text("")
    link = cloned / "token"
    link.symlink_to(tmp_path / "secret")
    text = '[target]\ntoken_file = "token"\n'
    first = forced(cloned, text).consent
    assert first
    assert str(tmp_path / "secret") in first.lines()[0]
    assert first.remember() == ""
    assert first.agreed()
    link.unlink()
    link.symlink_to(tmp_path / "other")
    second = forced(cloned, text).consent
    assert second
    assert not second.agreed()


def test_s12_what_was_read_is_what_is_agreed_to(cloned: Path) -> None:
    before = forced(cloned, '[target]\nurl = "https://one/"\n').consent
    assert before
    written(cloned, '[target]\nurl = "https://two/"\n')  # while somebody is being asked
    assert before.remember() == ""
    after = effective_settings("run", {}, {}, folder=cloned).consent
    assert after
    assert (before.agreed(), after.agreed()) == (True, False)


def test_s12_a_copy_in_another_folder_is_another_file(cloned: Path, tmp_path: Path) -> None:
    text = '[target]\nurl = "https://one/"\n'
    first = forced(cloned, text).consent
    assert first
    assert first.remember() == ""
    (tmp_path / "copy").mkdir()
    second = forced(tmp_path / "copy", text).consent
    assert second
    assert not second.agreed()


def _others_may_write(path: Path) -> None:
    path.chmod(0o666)


def _folder_is_open(path: Path) -> None:
    path.parent.chmod(0o777)


def _came_with_a_clone(path: Path) -> None:
    content = path.read_bytes()
    path.rename(path.with_suffix(".aside"))  # so that its number stays taken
    path.write_bytes(content)
    path.chmod(0o600)


def _is_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_suffix(".aside")))


DAMAGED: list[Callable[[Path], object]] = [
    lambda path: path.write_text(""),
    lambda path: path.write_text("{"),
    lambda path: path.write_text("[" * 100_000),
    lambda path: path.write_text('["inode"]'),
    lambda path: path.write_bytes(b"\xff\xfe"),
    lambda path: path.unlink(),
    _is_a_folder,
    _others_may_write,
    _folder_is_open,
    _came_with_a_clone,
    _link,
]


@pytest.mark.parametrize("damage", DAMAGED)
def test_s12_a_record_that_cannot_be_trusted_is_asked_about_again(
    cloned: Path, damage: Callable[[Path], object]
) -> None:
    found = forced(cloned, '[target]\nurl = "https://one/"\n').consent
    assert found
    assert found.remember() == ""
    (record,) = records().iterdir()
    damage(record)
    assert not found.agreed()


def test_s12_where_nothing_can_be_remembered_yes_is_enough(
    cloned: Path, unheard: Recording, state: Path
) -> None:
    state.write_text("no folder")
    written(cloned, f'[target]\nurl = "{unheard.url}"\n')
    assert scimproof(cloned, "doctor", "--yes", more=SECRETS).returncode == Exit.HOLDS
    assert scimproof(cloned, "doctor", more=SECRETS).returncode == Exit.USAGE
    code, said = answering(cloned, "y\n", "doctor")
    assert code == Exit.HOLDS
    assert "cannot be remembered" in said


def test_s12_runs_that_agree_at_once_do_not_disturb_each_other(cloned: Path) -> None:
    found = forced(cloned, '[target]\nurl = "https://one/"\n').consent
    assert found
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.append(found.remember())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [""] * 16
    assert found.agreed()
    assert [path.suffix for path in records().iterdir()] == [".json"]


def test_s12_where_ledgers_are_says_nothing_of_where_consent_is(
    cloned: Path, unheard: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(cloned, f'[target]\nurl = "{unheard.url}"\n')
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(cloned / "report" / "ledgers"))
    assert cloned not in records().parents
    assert module.records() == records()


def test_s12_a_file_above_is_asked_about_by_its_whole_path(cloned: Path, unheard: Recording) -> None:
    (cloned / ".git").mkdir()
    written(cloned, f'[target]\nurl = "{unheard.url}"\n')
    deep = cloned / "a"
    deep.mkdir()
    ran = scimproof(deep, "doctor", more=SECRETS)
    assert (ran.returncode, unheard.arrived) == (Exit.USAGE, [])
    assert str(cloned / NAME) in ran.stderr


def test_s12_every_command_with_settings_can_be_agreed_to(cloned: Path) -> None:
    for name in sorted({name for each in SETTINGS for name in each.commands}):
        assert of(name)
        if all(each.key in HARMLESS.get(each.section, ()) for each in of(name)):
            continue  # whatever the file says, nobody is asked
        ran = scimproof(cloned, name, "--help", more={})
        assert "--yes" in ran.stdout, name
