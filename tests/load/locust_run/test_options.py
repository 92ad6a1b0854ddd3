"""Options of a test that Locust starts, as the plan that they ask for."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import UsageError
from scimproof.load.locust_run.options import OPTIONS, add_options, given_in, plan_of
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan
from scimproof.load.plan.plan import Plan


def asked(**fields: Any) -> Plan:
    return plan_of(given_in({f"scim_{name}": value for name, value in fields.items()}))


def test_nothing_is_the_usual_mix_of_the_default_sender_for_a_minute() -> None:
    plan = asked()
    assert list(plan.mix) == [word.partition("=")[0] for word in load_catalog().sender(None).mix.split()]
    assert (plan.rate, plan.seconds, plan.warm_up, plan.arrivals) == (2, 60, 0, "poisson")
    assert (plan.in_flight, plan.sample, plan.prefill, plan.audit) == (1000, 20, 0, True)


def test_a_plan_by_name_is_the_one_that_scimproof_load_reads() -> None:
    assert asked(plan="smoke") == read_plan(find_plan("smoke", sender="okta"), load_catalog())
    entra = load_catalog().profile("entra-flag")
    assert asked(plan="rollout", profile="entra-flag") == read_plan(
        find_plan("rollout", sender="entra"), load_catalog(), entra
    )


def test_each_option_changes_a_plan() -> None:
    plan = asked(
        plan="rollout", rate="20", duration="30", warm_up="5", arrivals="constant", in_flight="7", sample="0",
        prefill="3", seed="9", users="4", audit="no", mix="okta.oin.user.create=2",
        threshold="* p99_ms=900; okta.oin.user.create/create p95_ms=70", abort_on="errors=0.5; p95_ms=10000",
    )  # fmt: skip
    assert (plan.rate, plan.seconds - plan.warm_up, plan.warm_up) == (20, 30, 5)
    assert (plan.arrivals, plan.in_flight, plan.sample, plan.prefill, plan.seed, plan.users) == (
        "constant", 7, 0, 3, 9, 4,
    )  # fmt: skip
    assert plan.mix == {"okta.oin.user.create": 2}
    assert not plan.audit
    limits = {limit.id: limit.limit for limit in plan.thresholds}
    assert limits["okta.oin.user.create/create#p95_ms"] == 70
    assert limits["okta.oin.user.create/search#p99_ms"] == 900
    assert {limit.id: limit.limit for limit in plan.abort_if} == {"*#errors": 0.5, "*#p95_ms": 10_000}


def test_stages_take_the_place_of_the_plans() -> None:
    plan = asked(plan="rollout", stages="30s:5,2m:5-20", warm_up="10")
    assert [(one.seconds, one.rate, one.end) for one in plan.phases] == [(10, 5, 5), (30, 5, 5), (120, 5, 20)]
    assert [one.warm_up for one in plan.phases] == [True, False, False]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"plan": "smok"}, "no plan is called 'smok'; did you mean 'smoke'"),
        ({"plan": "load/plans/smoke.toml"}, "no plan is called 'load/plans/smoke.toml'"),
        ({"profile": "entar"}, "no profile is called 'entar'; did you mean 'entra'"),
        ({"profile": "entra", "mix": "okta.oin.user.create"}, "is what Okta sends, and profile entra is"),
        ({"rate": "inf"}, "--scim-rate should be a number from 0.001"),
        ({"rate": "0"}, "--scim-rate should be a number from 0.001"),
        ({"users": "1.5"}, "--scim-users should be a whole number from 0"),
        ({"arrivals": "soon"}, "--scim-arrivals should be poisson or constant, not 'soon'"),
        ({"threshold": "okta.oin.user.update/read p95_ms=1", "mix": "okta.oin.user.create"}, "never runs"),
        ({"abort_on": "drift=1"}, "'drift' is no measure that fits here"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(fields: dict[str, str], says: str) -> None:
    with pytest.raises((ValueError, UsageError)) as refused:
        asked(**fields)
    assert says in str(refused.value)


def test_the_form_offers_names_alone_and_lets_plan_of_refuse_the_rest() -> None:
    class Parser(argparse.ArgumentParser):
        """As Locust's, which takes one keyword more."""

        def add_argument(self, *words: Any, include_in_web_ui: bool = True, **more: Any) -> Any:
            shown[words[0]] = include_in_web_ui
            return super().add_argument(*words, **more)

    shown: dict[str, bool] = {}
    parser = Parser(add_help=False)
    add_options(parser)
    assert {flag for flag, there in shown.items() if there} == {each.flag for each in OPTIONS}
    assert [flag for flag, there in shown.items() if not there] == ["--scim-out"]
    offered = {action.dest: list(action.choices or ()) for action in parser._actions}
    assert {"", "smoke", "rollout"} <= set(offered["scim_plan"])
    assert {"", "okta", "entra-flag"} <= set(offered["scim_profile"])
    assert offered["scim_plan"][0] == offered["scim_audit"][0] == ""  # what a form that nobody touched sends
    assert parser.parse_args(["--scim-plan", "smok"]).scim_plan == "smok"
