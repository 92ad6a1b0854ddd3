"""scimproof.toml: what it sets, where it is found, and what is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.cli.config_schema import schema
from scimproof.core.errors import UsageError
from scimproof.load.plan.thresholds import MEASURES
from scimproof.settings.definition import Kind
from scimproof.settings.every_setting import SETTINGS
from scimproof.settings.file import NAME, find, read
from scimproof.settings.resolve import DEFAULT, effective_settings
from scimproof.settings.starter_file import example, starter
from tests.engine.kit import scimproof

TARGET = 'url = "https://scim.example.com/v2"\ntoken_env = "STAGING_TOKEN"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_every_setting_of_the_starter_is_in_force_once_it_is_uncommented(tmp_path: Path) -> None:
    text = starter()
    assert read(written(tmp_path, text)) == {}
    for each in SETTINGS:
        table = each.kind is Kind.MAPPINGS  # stands there as a table of its own
        stands = f"#[{each.section}.{each.key}]\n" if table else f"#{each.key} = {example(each)}\n"
        assert stands in text, each.keys
        if each.kind is Kind.FILE:
            (tmp_path / "it").write_text("")
        shown = '"it"' if each.kind is Kind.FILE else example(each)
        said = read(written(tmp_path, f"[{each.section}]\n{each.key} = {shown}\n"))
        assert set(said) == {each.keys}
        assert said[each.keys].where.endswith(f"{NAME}:2")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    path = written(
        tmp_path,
        '[target]\nca_bundle = "ca.pem"\n[run]\nout = "made/here"\n[load]\nplan = "plans/mine.toml"\n'
        '[observer]\ncommand = ["./ask", "./now"]\n',
    )
    said = {keys[1]: one.value for keys, one in read(path).items()}
    assert said["ca_bundle"] == tmp_path / "ca.pem"
    assert said["out"] == tmp_path / "made/here"
    assert said["plan"] == str(tmp_path / "plans/mine.toml")
    assert said["command"] == (str(tmp_path / "ask"), "./now")


def test_the_file_is_found_up_to_the_repository_and_no_further(tmp_path: Path) -> None:
    above, deep = written(tmp_path, ""), tmp_path / "repo" / "a" / "b"
    deep.mkdir(parents=True)
    assert find(deep, {}) is None  # no repository around it: only the folder itself
    assert find(tmp_path, {}) == above
    (tmp_path / "repo" / ".git").mkdir()
    assert find(deep, {}) is None  # above the repository
    own = written(tmp_path / "repo", "")
    assert find(deep, {}) == own
    near = written(deep.parent, "")
    assert find(deep, {}) == near
    assert find(deep, {"SCIMPROOF_CONFIG": str(own)}) == own
    assert find(deep, {"SCIMPROOF_CONFIG": str(own)}, named=above) == above
    with pytest.raises(UsageError, match=r"no file .*which --config names"):
        find(deep, {}, named=tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[run]\nprofil = "okta"\n', 2, "no key is called 'profil' here; did you mean 'profile'?"),
        ("[rum]\n", 1, "did you mean 'run'?"),
        ('\nprofile = "okta"\n', 2, "profile belongs below [run]"),
        ('out = "x"\n', 1, "out belongs below [run] or [load]"),
        ("[run]\nparallel = 65\n", 2, "parallel should be a whole number from 1 to 64, not 65"),
        ("[run]\nparallel = 1.5\n", 2, "parallel should be a whole number"),
        ("[run]\nparallel = true\n", 2, "parallel should be a whole number"),
        ("[load]\nrate = 0\n", 2, "rate should be a number from 0.001"),
        (
            '[load]\narrivals = "poison"\n',
            2,
            "should be constant, poisson, not 'poison'; did you mean 'poisson'?",
        ),
        ("[run]\nprofile = 3\n", 2, "profile should be text, not 3"),
        ('[run]\nprofile = ""\n', 2, "profile is empty; leave it out"),
        ('[run]\nsequences = "okta"\n', 2, 'sequences should be a list of texts, as ["a", "b"]'),
        ("[run]\ninclude_inferred = 1\n", 2, "include_inferred should be true or false, not 1"),
        (
            '[target]\ntoken_env = "A\\n"\n',
            2,
            "is the name of an environment variable, as MY_TOKEN; never its value",
        ),
        ('[target]\nca_bundle = "gone.pem"\n', 2, "ca_bundle: no file "),
        ('[target]\nauth = "baerer"\n', 2, "did you mean 'bearer'?"),
        ("[target]\nheaders = { X-A = 3 }\n", 2, 'X-A should be text, or { env = "NAME" }'),
        ("run = 3\n", 1, "run should be a table, not 3"),
        ("[load]\nmix = { x = 0 }\n", 2, "x should be a number from 1e-06"),
        ("[run]\nseed = \n", 2, "Invalid value"),
        ("[run]\n\n[run]\n", 3, "Cannot declare"),
        ('[run]\nprofile = "okta', 2, "end of document"),
        (
            "[run]\nyes = true\n",
            2,
            "yes does not stand in this file: whoever starts the run agrees, with --yes",
        ),
        ('[target]\ntoken_env = "A"\ntoken_file = "scimproof.toml"\n', 3, "leave one out"),
    ],
)
def test_a_slip_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(written(tmp_path, text))
    assert f"{NAME}:{line}: " in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('token = "s3cret-word"\n', 1),
        ('[target]\ntoken = "s3cret-word"\n', 2),
        ('[target]\nclient_secret = "s3cret-word"\n', 2),
        ('[target]\napi_key = "s3cret-word"\n', 2),
        ('[target]\npassword = "s3cret-word"\n', 2),
        ('[run]\nbearer_token = "s3cret-word"\n', 2),
        ('[target]\ntoken_env = "s3cret-word"\n', 2),
        ('[target]\nurl = "https://me:s3cret-word@host/scim"\n', 2),
        ('[target.headers]\nX-Api-Key = "s3cret-word"\n', 2),
        ('[target.headers]\nX-Api-Key = { env = "s3cret-word" }\n', 2),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str, line: int) -> None:
    written(tmp_path, text)
    ran = scimproof(tmp_path, "run", more={})
    assert ran.returncode == 2
    assert f"{NAME}:{line}: " in ran.stderr
    assert "s3cret-word" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[run]\nprofile = "okta-oi"\n', 2, "did you mean 'okta-oin'?"),
        ('[run]\nsequences = ["okta.oin.usr"]\n', 2, "did you mean 'okta.oin.user'?"),
        ('[target]\nurl = "host/scim"\n', 2, "https://host/scim/v2"),
        ('[target.headers]\nAccept = "text/html"\n', 1, "Okta sends that header itself"),
    ],
)
def test_what_only_the_catalogue_knows_is_refused_there_too(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    written(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        effective_settings("run", {}, {}, folder=tmp_path)
    assert f"{NAME}:{line}: " in str(refused.value)
    assert says in str(refused.value)


def test_precedence_is_flag_environment_file_default(tmp_path: Path) -> None:
    written(tmp_path, '[run]\nprofile = "okta-oin"\nparallel = 2\nseed = 3\n')
    environment = {"SCIMPROOF_PARALLEL": "5", "SCIMPROOF_SEED": "7", "SCIMPROOF_INCLUDE_INFERRED": "1"}
    forced = effective_settings("run", {"seed": 9}, environment, folder=tmp_path)
    told = {
        name: (forced.values[name], forced.where[name]) for name in ("profile", "parallel", "seed", "budget")
    }
    assert told["profile"] == ("okta-oin", str(tmp_path / NAME) + ":2")
    assert told["parallel"] == (5, "SCIMPROOF_PARALLEL")
    assert told["seed"] == (9, "--seed")
    assert told["budget"] == (1800.0, DEFAULT)
    assert forced.values["include_inferred"] is True


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SCIMPROOF_PARALLEL", "many", "should be a whole number from 1 to 64, not 'many'"),
        ("SCIMPROOF_BUDGET", "0", "should be a number from 1"),
        ("SCIMPROOF_INSECURE", "maybe", "should be 1 or 0"),
        ("SCIMPROOF_AUTH", "basc", "did you mean 'basic'?"),
        ("SCIMPROOF_PROFILE", "okt", "did you mean 'okta'?"),
        ("SCIMPROOF_CA_BUNDLE", "gone.pem", "no file gone.pem"),
    ],
)
def test_a_slip_in_the_environment_names_the_variable(
    tmp_path: Path, name: str, value: str, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        effective_settings("run", {}, {name: value}, folder=tmp_path)
    assert str(refused.value).startswith(name)
    assert says in str(refused.value)


def test_what_the_file_says_of_one_server_is_not_used_for_another(tmp_path: Path) -> None:
    written(tmp_path, f'[target]\n{TARGET}auth = "header"\n[run]\nseed = 3\n')
    same = effective_settings("run", {"target": "https://scim.example.com:443/other"}, {}, folder=tmp_path)
    assert (same.values["token_env"], same.values["auth"], same.note) == ("STAGING_TOKEN", "header", "")
    for flags, environment in (
        ({"target": "https://other.example.com/v2"}, {}),
        ({}, {"SCIMPROOF_TARGET": "http://scim.example.com/v2"}),
    ):
        other = effective_settings("run", flags, environment, folder=tmp_path)
        assert (other.values["token_env"], other.values["auth"], other.values["seed"]) == (None, None, 3)
        assert "not used for another server" in other.note
    assert effective_settings("run", {"target": "embedded"}, {}, folder=tmp_path).target is None


def test_a_table_without_a_url_is_for_any_server(tmp_path: Path) -> None:
    written(tmp_path, '[target]\ntoken_env = "PREVIEW_TOKEN"\n')
    forced = effective_settings(
        "run", {}, {"SCIMPROOF_TARGET": "https://pr-7.example.com/v2"}, folder=tmp_path
    )
    assert forced.values["token_env"] == "PREVIEW_TOKEN"


def test_a_token_file_named_for_this_run_stands_above_the_file_s_variable(tmp_path: Path) -> None:
    written(tmp_path, f"[target]\n{TARGET}")
    forced = effective_settings("run", {"token_file": tmp_path / "t"}, {}, folder=tmp_path)
    assert (forced.values["token_env"], forced.values["token_file"]) == ("", tmp_path / "t")


def test_limits_of_a_load_are_those_of_a_plan() -> None:
    limits = schema()["properties"]["load"]["properties"]["thresholds"]
    assert set(limits["additionalProperties"]["properties"]) == set(MEASURES)
