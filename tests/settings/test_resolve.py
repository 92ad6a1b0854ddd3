"""The commands with a scimproof.toml: what is sent, asked and told, and that nothing secret is."""

from __future__ import annotations

import json
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner

from scimproof.cli import COMMANDS, root_command
from scimproof.cli.config_schema import schema
from scimproof.cli.setting_options import SettingOption
from scimproof.core.bounds import Range
from scimproof.core.errors import Exit, UsageError
from scimproof.core.paths import knowledge_root
from scimproof.core.toml_source import TomlFile
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import SETTINGS, of
from scimproof.settings.file import NAME, read
from scimproof.settings.starter_file import example
from tests.engine.kit import TOKEN, recording, scimproof
from tests.pytest_plugin.test_suite import SUITES, pytest_in
from tests.settings.test_file import written

OURS = {"MY_TOKEN": TOKEN}
# What is no setting: consent, the file itself, how much is printed, and how load is spread over machines.
NOT_SET = {"yes", "config", "quiet", "help", "replay", "as_sequence"}
NOT_SET |= {"master", "expect_workers", "worker", "master_host", "master_port", "bind", "selftest", "prefix"}
NOT_SET |= {"find_max", "dashboard_port"}
NOT_SET |= {"typed_thresholds", "typed_aborts"}  # [load] thresholds and abort_if, typed

ARGUMENTS = {"ids", "plan", "require_target"}


def target(url: str, more: str = "") -> str:
    return f'[target]\nurl = "{url}"\ntoken_env = "MY_TOKEN"\n{more}'


def test_run_with_no_arguments_does_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    with recording() as server:
        written(
            tmp_path,
            target(server.url, 'headers = { X-Tenant = "acme", X-Api-Key = { env = "MY_KEY" } }\n')
            + '[run]\nsequences = ["okta.oin.user.create"]\nprofile = "okta-oin"\nout = "made"\n',
        )
        ran = scimproof(deep, "run", "--yes", more=OURS | {"MY_KEY": "k3y-of-mine"})
    assert ran.returncode == Exit.HOLDS, ran.stderr
    report = json.loads((tmp_path / "made/report.json").read_text())
    assert (report["profile"]["id"], report["target"]["url"]) == ("okta-oin", server.url)
    assert report["options"]["sequences"] == ["okta.oin.user.create"]
    assert server.arrived
    assert all(
        b"X-Tenant: acme\r\n" in raw and b"X-Api-Key: k3y-of-mine\r\n" in raw for raw in server.arrived
    )
    written_down = b"".join(path.read_bytes() for path in (tmp_path / "made").iterdir())
    assert b"k3y-of-mine" not in written_down
    assert TOKEN.encode() not in written_down


@pytest.mark.parametrize("command", ["run", "load", "clean"])
def test_consent_does_not_come_from_a_file(tmp_path: Path, command: str) -> None:
    written(tmp_path, target("https://192.0.2.1/scim/v2") + '[load]\nplan = "smoke"\n')
    ran = scimproof(tmp_path, command, more=OURS | {"SCIMPROOF_YES": "1"})
    assert ran.returncode == Exit.USAGE
    assert "dd --yes to agree" in ran.stderr
    assert "192.0.2.1" in ran.stderr


def test_a_variable_or_file_that_is_missing_is_named(tmp_path: Path) -> None:
    written(tmp_path, target("http://127.0.0.1:9/scim", 'headers = { X-Key = { env = "MY_KEY" } }\n'))
    ran = scimproof(tmp_path, "run", "--yes", more=OURS)
    assert ran.returncode == Exit.USAGE
    assert "scimproof.toml:4: X-Key: the environment variable MY_KEY is not set" in ran.stderr
    ran = scimproof(tmp_path, "run", "--yes", more={"MY_KEY": "x"})
    assert ran.returncode == Exit.USAGE
    assert "put the token into MY_TOKEN" in ran.stderr


def test_the_token_of_one_server_does_not_go_to_another(tmp_path: Path) -> None:
    written(tmp_path, target("https://192.0.2.1/scim/v2"))
    with recording() as server:
        ran = scimproof(tmp_path, "doctor", "--target", server.url, more={"MY_TOKEN": "t0ken-of-staging"})
        assert ran.returncode == Exit.USAGE
        assert "not used for another server" in ran.stderr
        assert server.arrived == []
        ran = scimproof(tmp_path, "doctor", "--target", server.url, more=OURS | {"SCIMPROOF_TOKEN": TOKEN})
        assert ran.returncode == Exit.HOLDS, ran.stderr
    quiet = scimproof(tmp_path, "run", "okta.oin.connect", "--target", "embedded", "--quiet", more={})
    assert quiet.returncode == Exit.HOLDS
    assert quiet.stderr == ""


def test_doctor_and_clean_take_their_target_from_the_file(tmp_path: Path) -> None:
    with recording() as server:
        written(tmp_path, target(server.url))
        doctor = scimproof(tmp_path, "doctor", "--yes", more=OURS)
        assert doctor.returncode == Exit.HOLDS, doctor.stderr
        clean = scimproof(tmp_path, "clean", more=OURS)
        assert clean.returncode == Exit.HOLDS, clean.stderr
        assert "nothing on the target carries the name of a run" in clean.stdout


def test_load_plays_the_plan_of_the_file_and_holds_it_to_the_file_s_limits(tmp_path: Path) -> None:
    written(
        tmp_path,
        '[load]\nplan = "smoke"\nrate = 4\nduration = 2\nmix = { "okta.oin.user.create" = 1 }\nprefill = 0\n'
        '[load.thresholds]\n"okta.oin.user.create/create" = { p95_ms = 0 }\n',
    )
    ran = scimproof(tmp_path, "load", more={})
    assert ran.returncode in (Exit.DOES_NOT_HOLD, Exit.CANNOT_TELL), ran.stdout + ran.stderr
    report = json.loads((tmp_path / "report/load.json").read_text())
    (broken,) = [t for t in report["thresholds"] if t["verdict"] == "broken"]
    assert broken["where"] == "scimproof.toml:8"


def test_a_limit_for_what_the_file_s_own_plan_never_plays_is_a_slip(tmp_path: Path) -> None:
    limit = '[load.thresholds]\n"okta.spec" = { errors = 0 }\n'
    written(tmp_path, f'[load]\nplan = "smoke"\n{limit}')
    ran = scimproof(tmp_path, "load", more={})
    assert ran.returncode == Exit.USAGE
    assert "scimproof.toml:4: a limit for what never runs" in ran.stderr
    written(tmp_path, '[load]\nplan = "smoke"\n[load.thresholds]\n"okta.spek" = { errors = 0 }\n')
    ran = scimproof(tmp_path, "load", "rollout", more={})
    assert "scimproof.toml:4: nothing is called 'okta.spek'" in ran.stderr
    written(tmp_path, '[load]\nplan = "smok"\n')
    ran = scimproof(tmp_path, "load", more={})
    assert "scimproof.toml:2: no plan is called 'smok'; did you mean 'smoke'?" in ran.stderr


def test_config_says_what_is_in_force_and_who_says_so_without_secrets(tmp_path: Path) -> None:
    written(
        tmp_path,
        target("https://host/scim", 'headers = { X-Tenant = "acme", X-Key = { env = "MY_KEY" } }\n')
        + '[run]\nprofile = "okta-oin"\n',
    )
    secrets = {"MY_TOKEN": "t0ken-of-mine", "SCIMPROOF_HEADER": "", "SCIMPROOF_SEED": "4"}
    line = ("run", "--parallel", "2")
    ran = scimproof(tmp_path, "config", *line, more=secrets)
    assert ran.returncode == Exit.HOLDS, ran.stderr
    rows = {row.split()[0]: row for row in ran.stdout.splitlines() if row.startswith("  ")}
    assert rows["target.url"].split() == ["target.url", "https://host/scim", "scimproof.toml:2"]
    assert rows["run.profile"].split() == ["run.profile", "okta-oin", "scimproof.toml:6"]
    assert rows["run.seed"].split() == ["run.seed", "4", "SCIMPROOF_SEED"]
    assert rows["run.parallel"].split() == ["run.parallel", "2", "--parallel"]
    assert rows["run.out"].split() == ["run.out", "report", "default"]
    assert "MY_TOKEN (set)" in rows["the"]
    assert "X-Key: MY_KEY (missing)" in rows["target.headers"]
    plain = scimproof(tmp_path, "config", "--json", *line, more=secrets)
    told = json.loads(plain.stdout)["run"]
    assert told["file"] == NAME
    assert told["settings"]["run.parallel"] == {"value": 2, "from": "--parallel"}
    assert "t0ken-of-mine" not in ran.stdout + ran.stderr + plain.stdout
    both = scimproof(tmp_path, "config", more={})
    assert "scimproof run\n" in both.stdout
    assert "scimproof load\n" in both.stdout
    header = scimproof(tmp_path, "config", "run", "--header", "Api-Token: t0ken-of-mine", more={})
    assert "Api-Token: ..." in header.stdout
    assert scimproof(tmp_path, "config", "show", more={}).returncode == Exit.USAGE
    written(tmp_path, "[rum]\n")
    assert scimproof(tmp_path, "config", more={}).returncode == Exit.USAGE


def test_init_writes_a_file_to_begin_with_and_overwrites_none(tmp_path: Path) -> None:
    assert scimproof(tmp_path, "config", "--init", more={}).returncode == Exit.HOLDS
    text = (tmp_path / NAME).read_text()
    assert scimproof(tmp_path, "config", more={}).returncode == Exit.HOLDS
    again = scimproof(tmp_path, "config", "--init", more={})
    assert again.returncode == Exit.USAGE
    assert "not overwritten" in again.stderr
    assert (tmp_path / NAME).read_text() == text


def test_pytest_takes_the_same_file(tmp_path: Path) -> None:
    with recording() as server:
        written(tmp_path, target(server.url) + '[run]\nsequences = ["okta.oin.user.create"]\nout = "made"\n')
        tested = pytest_in(tmp_path, SUITES, "--scim-seed=5", "--scim-yes", more=OURS)
    assert tested.returncode == Exit.HOLDS, tested.stdout
    report = json.loads((tmp_path / "made/report.json").read_text())
    assert (report["seed"], report["target"]["url"]) == (5, server.url)
    assert report["options"]["sequences"] == ["okta.oin.user.create"]
    written(tmp_path, target("https://192.0.2.1/scim/v2"))
    tested = pytest_in(tmp_path, SUITES, more=OURS)
    assert tested.returncode != 0
    assert "add --scim-yes to agree" in tested.stdout
    written(tmp_path, "[rum]\n")
    tested = pytest_in(tmp_path, SUITES, more=OURS)
    assert "scimproof.toml:1: no key is called 'rum'" in tested.stdout


@pytest.mark.parametrize("name", ["run", "load", "doctor", "clean"])
def test_every_option_is_a_setting_or_known_to_be_none(name: str) -> None:
    command = root_command.get_command(click.Context(root_command), name)
    assert command is not None
    params = {str(param.name): param for param in command.params}
    made = {each.name for each in of(name) if each.option or each.name in ARGUMENTS}
    assert made <= set(params)
    others = {key for key, param in params.items() if not isinstance(param, SettingOption)}
    assert others - NOT_SET <= ARGUMENTS, "a new option is a line of settings/table.py"


def test_names_and_variables_are_each_one_setting_of_a_command() -> None:
    for command in ("run", "load"):
        names = [each.name for each in of(command)]
        variables = [each.variable for each in of(command) if each.variable]
        assert len(names) == len(set(names))
        assert len(variables) == len(set(variables))


def test_the_shipped_schema_is_that_of_the_table() -> None:
    shipped = knowledge_root() / "reports/schema/scimproof.config-1.json"
    assert json.loads(shipped.read_text()) == json.loads(json.dumps(schema())), (
        f"run: scimproof config --schema > {shipped.relative_to(knowledge_root())}"
    )
    jsonschema.Draft7Validator.check_schema(schema())


WRONG = {
    Kind.TEXT: ["3", '""', "[]"],
    Kind.NUMBER: ['"1"', "true", "-1e9", "1e30", "nan"],
    Kind.FLAG: ["1", '"yes"'],
    Kind.SWITCH: ["1", '"yes"'],
    Kind.FILE: ["3", '""'],
    Kind.FOLDER: ["3", '""'],
    Kind.PLAN: ["3", '""'],
    Kind.URL: ["3", '""'],
    Kind.VARIABLE: ["3", '"a-b"', '""'],
    Kind.TEXTS: ['"a"', "[1]"],
    Kind.WORDS: ['"a"', "[1]"],
    Kind.HEADERS: ["[]", "{ a = 1 }", '{ a = { envy = "A" } }', '{ a = { env = "a-b" } }'],
    Kind.WEIGHTS: ["[]", "{ a = 0 }", '{ a = "1" }'],
    Kind.MAPPINGS: ["[]", "{ a = 3 }", "{ a = { fixd = 3 } }", "{ a = { fixed = [3] } }"],
    Kind.LIMITS: ["[]", "3"],
}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda each: ".".join(each.keys))
def test_schema_and_reader_agree(setting: Setting, tmp_path: Path) -> None:
    (tmp_path / "it").write_text("")
    held = '"it"' if setting.kind is Kind.FILE else example(setting)
    wrong = list(WRONG[setting.kind])
    if setting.bounds.whole and setting.kind is Kind.NUMBER:
        wrong.append("1.5")
    if setting.choices:
        wrong.append('"no such choice"')
    for value, right in [(held, True), *((each, False) for each in wrong)]:
        path = written(tmp_path, f"[{setting.section}]\n{setting.key} = {value}\n")
        try:
            read(path)
            fine = True
        except UsageError:
            fine = False
        assert fine is right, value
        if value != "nan":  # JSON has no such number
            assert jsonschema.Draft7Validator(schema()).is_valid(TomlFile(path).data) is right, value


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_of_80_columns(name: str) -> None:
    ran = CliRunner().invoke(root_command, [name, "--help"], terminal_width=80)
    assert ran.exit_code == 0
    assert [line for line in ran.output.splitlines() if len(line) > 80] == []


def test_a_range_says_what_it_holds() -> None:
    assert Range(1, 64, whole=True).words == "a whole number from 1 to 64"
    assert not Range(0, 1).holds(value=True)
