"""A plan is played as the kind of application of a profile sends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.errors import UsageError
from scimproof.load.plan.dialects import LEFT_OUT, spoken, weights
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan
from scimproof.load.plan.plan import Plan

OIN, AIW = "okta.oin.user.create", "okta.aiw.user.create"
PLAN = """\
question = "Is it quick?"
rate = 10
seconds = 5
[mix]
"okta.oin.user.create" = 2
"okta.aiw.user.create" = 1
"okta.oin.user.deactivate" = 3
"okta.oin.user.import" = 1
[thresholds]
"*" = { errors = 0 }
"okta.oin.user.create/create" = { p95_ms = 500 }
"okta.oin.user.deactivate/deactivate" = { p95_ms = 700 }
"okta.oin.user.import/pages" = { p95_ms = 900 }
time-to-deprovision = { p99_ms = 900 }
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def read(catalog: Catalog, folder: Path, profile: str, text: str = PLAN) -> Plan:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, catalog, catalog.profile(profile) if profile else None)


def test_what_the_profile_has_stays_and_the_rest_is_of_the_same_name(catalog: Catalog) -> None:
    mix = ("entra.both.user.create", "entra.default.user.update", "entra.default.user.soft-delete")
    assert spoken(mix, catalog, None) == spoken(mix, catalog, catalog.profile("entra")) == {m: m for m in mix}
    flag = spoken(mix, catalog, catalog.profile("entra-flag"))
    assert flag[mix[0]] == mix[0]
    assert flag[mix[1]] == "entra.flag.user.update"
    assert flag[mix[2]] == LEFT_OUT, "inferred only (grade D)"
    inferred = "entra.flag.user.soft-delete"
    assert spoken([inferred], catalog, catalog.profile("entra-flag")) == {inferred: inferred}, "it was named"


def test_weights_of_what_becomes_the_same_are_added_up() -> None:
    plays = {"a.x.one": "a.y.one", "a.y.one": "a.y.one", "a.x.two": LEFT_OUT}
    assert weights({"a.x.one": 2, "a.y.one": 1, "a.x.two": 5}, plays) == {"a.y.one": 3}


def test_limits_are_those_of_what_is_played(catalog: Catalog, tmp_path: Path) -> None:
    plan = read(catalog, tmp_path, "okta-aiw")
    assert plan.mix == {AIW: 3, "okta.aiw.user.deactivate": 3}
    assert plan.left_out == ("okta.oin.user.import",)
    known = {limit.id: limit for limit in plan.thresholds}
    assert known[f"{AIW}/create#p95_ms"].where.endswith("mine.toml:11")
    assert "okta.aiw.user.deactivate/deactivate#p95_ms" in known
    assert "time-to-deprovision#p99_ms" in known
    assert not any(".oin." in id for id in known)
    assert Plan.from_json(plan.as_json()) == plan


def test_a_span_that_nothing_gives_any_more_has_no_limit(catalog: Catalog, tmp_path: Path) -> None:
    head = PLAN.partition("[mix]")[0]
    mix = '"entra.both.user.create" = 1\n"entra.default.user.soft-delete" = 1\n'
    text = f"{head}[mix]\n{mix}[thresholds]\ntime-to-deprovision = {{ p99_ms = 900 }}\n"
    plan = read(catalog, tmp_path, "entra-flag", text)
    assert (plan.left_out, plan.thresholds) == (("entra.default.user.soft-delete",), ())
    assert read(catalog, tmp_path, "entra", text).thresholds


@pytest.mark.parametrize("profile", ["", "okta", "bitwarden"])
def test_everything_and_a_product_get_the_plan_as_it_is(
    profile: str, catalog: Catalog, tmp_path: Path
) -> None:
    plan = read(catalog, tmp_path, profile)
    assert (len(plan.mix), plan.left_out) == (4, ())


def test_anothers_sequences_are_refused_with_the_plans_that_there_are(
    catalog: Catalog, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        read(catalog, tmp_path, "entra")
    assert f"mine.toml:5: {OIN} is what Okta sends, and profile entra is Microsoft Entra ID's" in str(
        refused.value
    )
    assert "group-push" in str(refused.value)
    with pytest.raises(UsageError, match="there is no plan of it"):
        read(catalog, tmp_path, "rfc")


def test_nothing_left_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    text = PLAN.partition("[mix]")[0] + '[mix]\n"okta.oin.user.import" = 1\n'
    with pytest.raises(UsageError, match="profile okta-aiw has none of these sequences"):
        read(catalog, tmp_path, "okta-aiw", text)


def test_outside_sequences_the_sender_speaks_the_dialect_too(catalog: Catalog) -> None:
    plan = read_plan(find_plan("smoke", sender="entra"), catalog, catalog.profile("entra-flag"))
    flag = catalog.sender_of_mix("entra-flag", plan.mix)
    assert flag.request("deactivate") == "entra/flag/user-disable.http"
    assert flag.request("create") == "entra/both/user-create.http"
    mixed = catalog.sender_of_mix("entra", [*plan.mix, "entra.default.user.disable"])
    assert mixed.request("deactivate") == "entra/default/user-disable.http"
