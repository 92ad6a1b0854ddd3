"""`scimproof load PLAN --profile` plays the sender's own plan, in the profile's dialect, and audits it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.server import Served
from tests.engine.kit import TOKEN, Recording, recording, scimproof

ROOT = Path(__file__).resolve().parents[4]
ENVIRONMENT = {"SCIMPROOF_TOKEN": TOKEN}
FLAG = "?aadOptscim062020"
NIGHTLY = pytest.mark.nightly


def patient(folder: Path, name: str, **changes: object) -> str:
    """That plan of Entra's as a file: a busy machine decides nothing here."""
    text = (ROOT / "load" / "plans" / "entra" / f"{name}.toml").read_text(encoding="utf-8")
    for key, value in changes.items():
        text = re.sub(rf"^{key} = .*\n", "", text, flags=re.MULTILINE)
        text = f"{key} = {value}\n{text}"
    kept = re.sub(r"_ms = \d+", "_ms = 100000", text)
    (folder / f"{name}.toml").write_text(f"max_schedule_lag_ms = 100000\n{kept}", encoding="utf-8")
    return str(folder / f"{name}.toml")


def load(folder: Path, plan: str, url: str, *words: str, profile: str = "entra") -> tuple[int, str]:
    at = ("--profile", profile, "--target", url, "--out", "out", "--yes")
    ran = scimproof(folder, "load", plan, *at, *words, more=ENVIRONMENT)
    return ran.returncode, ran.stdout + ran.stderr


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "load.json").read_text(encoding="utf-8"))
    return found


def sent(target: Recording) -> bytes:
    """What has Entra's own header."""
    return b"\n".join(raw for raw in target.arrived if b"ADSCIMVersion" in raw)


def test_the_name_of_a_plan_is_that_of_the_senders_own(tmp_path: Path) -> None:
    with recording() as target:
        code, said = load(tmp_path, "rollout", target.url, "--duration", "1", "--rate", "4", "--quiet")
    assert code in (0, 1, 3), said  # how quick a busy machine is decides nothing here
    found = document(tmp_path)
    assert (found["plan"]["name"], found["sender"]["name"]) == ("rollout", "Microsoft Entra ID")
    assert {row["id"].split(".")[0] for row in found["sequences"]} == {"entra"}
    assert not any(found["audit"]["counts"].values())
    assert b"okta" not in b"\n".join(target.arrived).lower()
    assert not re.search(rb"^(User-Agent|Accept):", sent(target), re.MULTILINE | re.IGNORECASE)


def test_the_flag_dialect_with_the_query_of_the_tenant_url(tmp_path: Path) -> None:
    """Prefill, load, races, the audit's own reads and the clean-up carry the query."""
    words = ("--duration", "4", "--prefill", "10")
    with recording() as target:
        plan = patient(tmp_path, "smoke")
        code, said = load(tmp_path, plan, f"{target.url}{FLAG}", *words, profile="entra-flag")
        assert not any(target.everything().values()), "all is removed again"
    found, wire = document(tmp_path), sent(target)
    assert code == 0, said
    assert (
        "Left out, since profile entra-flag has nothing attested like it: entra.default.user.rename" in said
    )
    assert not any(".default." in row["id"] for row in found["operations"])
    lines = [raw.partition(b"\r\n")[0] for raw in target.arrived]
    assert all(FLAG[1:].encode() in line for line in lines), next(
        x for x in lines if FLAG[1:].encode() not in x
    )
    assert b'"op":"replace","path":"active","value":false' in wire
    assert b'"op":"remove","path":"members[value eq \\"' in wire
    assert not re.search(rb'"op":"[A-Z]|"(False|True)"', wire)
    assert not any(found["audit"]["counts"].values())
    assert found["ledger"]["left"] == []
    assert {row["id"]: row for row in found["spans"]}["time-to-deprovision"]["errors"] == 0


def test_form_encoding_in_small_letters(tmp_path: Path) -> None:
    mix = ("--mix", "entra.both.user.match-email", "--duration", "1", "--rate", "3")
    with recording() as target:
        load(tmp_path, "rollout", target.url, *mix)
    assert re.search(rb"filter=emails%5btype\+eq\+%22work%22%5d\.value\+eq\+%22\S+%40", sent(target))


@pytest.mark.parametrize(
    ("profile", "fault", "count"),
    [
        ("entra", "entra-active-text-truthy", "undead"),
        pytest.param("entra-flag", "patch-not-stored", "undead", marks=NIGHTLY),
        pytest.param("entra", "entra-user-delete-deactivates", "undead", marks=NIGHTLY),
    ],
)
def test_who_keeps_access_is_found_by_the_audit_and_never_shown_inactive(
    tmp_path: Path, profile: str, fault: str, count: str
) -> None:
    plan = patient(tmp_path, "offboarding", full_check_every=0)
    with recording(build(token=TOKEN, faults=[fault])) as target:
        code, said = load(tmp_path, plan, target.url, "--duration", "4", profile=profile)
    found = document(tmp_path)
    assert (code, found["audit"]["counts"][count] > 0) == (1, True), said
    if fault != "entra-user-delete-deactivates":
        row = {row["id"]: row for row in found["spans"]}["time-to-deprovision"]
        assert row["errors"] > 0


@pytest.mark.parametrize("name", ["rollout", "offboarding", "group-push", "weekday", "rate-limit"])
@pytest.mark.parametrize("profile", ["entra", "entra-flag"])
@pytest.mark.nightly
def test_every_plan_holds_at_the_embedded_target(tmp_path: Path, name: str, profile: str) -> None:
    with Served(token=TOKEN) as served:
        plan = patient(tmp_path, name, full_check_every=5)
        words = ("--duration", "6", "--prefill", "250")
        code, said = load(tmp_path, plan, served.base_url, *words, profile=profile)
    found = document(tmp_path)
    assert code == 0, said
    assert found["result"] == "pass"
    assert not any(found["audit"]["counts"].values())
    assert found["audit"]["checked"]["unjudged"] == 0
    if name == "group-push":
        assert [row["members"] for row in found["group_sizes"]["rows"]] == [10, 100]
        adds = next(row for row in found["operations"] if row["id"].endswith("at-once/add"))
        whole = next(row for row in found["sequences"] if row["id"].endswith("group.at-once"))
        assert adds["due"] == adds["answered"] == 20 * whole["due"]


@pytest.mark.nightly
@pytest.mark.parametrize("fault", ["lost-membership-updates", "entra-remove-list-clears"])
def test_members_that_are_lost_under_load_are_found(tmp_path: Path, fault: str) -> None:
    with Served(token=TOKEN, faults=[fault]) as served:
        plan = patient(tmp_path, "group-push", group_sizes=[], full_check_every=0)
        code, said = load(tmp_path, plan, served.base_url, "--duration", "5", "--prefill", "250")
    assert (code, document(tmp_path)["audit"]["counts"]["membership"] > 0) == (1, True), said


def test_a_429_without_a_word_of_when_is_waited_out_in_the_plans_own_time(tmp_path: Path) -> None:
    """The 40 minutes until the next cycle are a second there: nobody hangs."""
    with recording(build(token=TOKEN, faults=["rate-limit-without-retry-after"])) as target:
        plan = patient(tmp_path, "rate-limit", retry_time_scale=24000)
        code, said = load(tmp_path, plan, target.url, "--duration", "2", "--rate", "8")
    found = document(tmp_path)
    assert code == 0, said
    assert sum(row["throttled"] for row in found["operations"]) > 0
    assert "a 429 says in whole seconds of Retry-After when to come again" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import",), "import.toml:10: okta.oin.user.import is what Okta sends, and profile entra is Micro"),
        (("rolout",), "no plan is called 'rolout'; did you mean 'rollout'"),
        ((), "which plan? There are: group-push, offboarding, rate-limit, rollout, smoke, weekday"),
    ],
)
def test_what_is_no_plan_of_the_sender_is_told(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    ran = scimproof(tmp_path, "load", *words, "--profile", "entra", more=ENVIRONMENT)
    assert (ran.returncode, says in ran.stderr) == (2, True), ran.stderr
