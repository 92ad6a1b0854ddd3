from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.errors import UsageError
from scimproof.core.toml_source import line_at, lines_of
from scimproof.core.validation import schema
from scimproof.load.plan.loader import FIELDS, read_plan
from scimproof.load.plan.names import find_plan, plan_names, senders_with_plans
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.thresholds import MEASURES

GOOD = """\
question = "Is it quick?"
rate = 10
seconds = 5

[mix]
"okta.oin.user.create" = 2
"okta.oin.user.deactivate" = 1

[thresholds]
"okta.oin.user.create/create" = { p95_ms = 500, errors = 0.01 }
time-to-deprovision = { p99_ms = 900 }
"""
NAMES = {name: key for key, name in FIELDS.items()}  # of keys that the code calls otherwise


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def read(text: str, catalog: Catalog, folder: Path) -> Plan:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, catalog)


def test_a_plan_is_what_its_file_says(catalog: Catalog, tmp_path: Path) -> None:
    plan = read(GOOD, catalog, tmp_path)
    assert (plan.name, plan.rate, plan.seconds, plan.warm_up, plan.model) == ("mine", 10, 5, 0, "open")
    assert plan.schedule.expected == 50
    assert [(t.id, t.limit) for t in plan.thresholds] == [
        ("okta.oin.user.create/create#p95_ms", 500.0),
        ("okta.oin.user.create/create#errors", 0.01),
        ("time-to-deprovision#p99_ms", 900.0),
    ]
    assert plan.thresholds[1].where.endswith("mine.toml:10")


@pytest.mark.parametrize(
    ("key", "former"),
    [("full_check_every", "sample"), ("retry_time_scale", "clock"), ("max_schedule_lag_ms", "lag_ms")],
)
def test_a_key_may_have_its_former_name_and_not_both(
    key: str, former: str, catalog: Catalog, tmp_path: Path
) -> None:
    assert read(f"{key} = 7\n{GOOD}", catalog, tmp_path) == read(f"{former} = 7\n{GOOD}", catalog, tmp_path)
    with pytest.raises(UsageError, match=f"mine.toml:2: {former} is the former name of {key}"):
        read(f"{key} = 7\n{former} = 8\n{GOOD}", catalog, tmp_path)


SHIPPED = [(sender, name) for sender in ("", *senders_with_plans()) for name in plan_names(sender=sender)]


@pytest.mark.parametrize(("sender", "name"), SHIPPED)
def test_every_shipped_plan_can_be_read_and_sent_to_a_worker(
    sender: str, name: str, catalog: Catalog
) -> None:
    plan = read_plan(find_plan(name, sender=sender), catalog)
    assert Plan.from_json(plan.as_json()) == plan
    assert plan.question.endswith("?")
    assert plan.thresholds
    assert catalog.sender_of_mix("", plan.mix).id == (sender or catalog.sender(None).id)


@pytest.mark.parametrize("name", ["rollout", "offboarding", "group-push", "weekday"])
@pytest.mark.parametrize("profile", ["entra", "entra-default", "entra-flag"])
def test_entras_plans_are_at_its_own_rate(profile: str, name: str, catalog: Catalog) -> None:
    """25 requests a second for a tenant (wire-facts section 6): in the busiest phase, on the average."""
    plan = read_plan(find_plan(name, sender="entra"), catalog, catalog.profile(profile))
    sent = {
        id: sum(step.members or step.times for step in catalog.sequences[id].unattended) for id in plan.mix
    }
    each = sum(weight * sent[id] for id, weight in plan.mix.items()) / sum(plan.mix.values())
    assert each * plan.rate == pytest.approx(25, rel=0.06)
    assert plan.guess


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("rate = 10", "rate = -1", 2, "rate should be a number from 0.001 to 1e+06, not -1"),
        ("rate = 10", "rate = true", 2, "rate should be a number"),
        ("rate = 10", "rat = 10", 2, "did you mean 'rate'?"),
        ("rate = 10\n", "", 1, "a plan needs rate and seconds, or [[stages]], or a capture"),
        (
            "seconds = 5",
            'seconds = 5\narrivals = "burst"',
            4,
            "arrivals should be constant, poisson, not 'burst'",
        ),
        ('"Is it quick?"', '" "', 1, "begins with the question"),
        ("user.deactivate", "user.deactivat", 7, "did you mean 'okta.oin.user.deactivate'?"),
        ('deactivate" = 1', 'deactivate" = 0', 7, "should be a number from 1e-06"),
        ("p95_ms = 500", "p95ms = 500", 10, "did you mean 'p95_ms'?"),
        ("errors = 0.01", "errors = 5", 10, "errors should be a number from 0 to 1, not 5"),
        ("create/create", "create/creat", 10, "did you mean 'okta.oin.user.create/create'?"),
        ("create/create", "update/update", 10, "never runs: okta.oin.user.update is not in the mix"),
        ("time-to-deprovision", "time-to-deprovison", 11, "did you mean 'time-to-deprovision'?"),
        ('"okta.oin.user.deactivate" = 1\n', "", 10, "nothing in the mix gives a time-to-deprovision"),
        ("rate = 10", "[[stages]]\nrate = 1\nname = 5", 4, "name should be text"),
        (
            "rate = 10\nseconds = 5",
            "[[stages]]\nrate = 1\n\n[[stages]]\nrate = 2",
            2,
            "a stage needs seconds",
        ),
        ("rate = 10", "rate = = 10", 2, "Invalid value"),
        ("rate = 10", "rate = nan", 2, "rate should be a number from 0.001 to 1e+06, not nan"),
        (
            "rate = 10",
            "rate = 10\nprefill = 5.0",
            3,
            "prefill should be a whole number from 0 to 1e+06, not 5.0",
        ),
        ("rate = 10", "rate = 10\nresend = 5", 3, "should look like { every = 20, after_ms = 50 }"),
        ("rate = 10", "rate = 10\nresend = { after_ms = 5 }", 3, "one of so many writes is sent again"),
        ("rate = 10", "rate = 10\ngroup_batch = 50", 3, "set 100 to 1000 members a request, not 50"),
        ("rate = 10", "rate = 10\ngroup_sizes = [1, 0]", 3, "group_sizes[1] should be a whole number from 1"),
        (
            "rate = 10\nseconds = 5",
            "rate = 10\n[[stages]]\nrate = 1\nseconds = 1",
            2,
            "rate stands in each of the [[stages]]",
        ),
        ("rate = 10\nseconds = 5", "stages = 5", 2, "stages are written as [[stages]]"),
        (
            "rate = 10\nseconds = 5",
            "[[stages]]\nrate = 1\nseconds = 1\nwarm_up = true",
            2,
            "stages are all warm-up, so nothing would be measured",
        ),
        ("{ p95_ms = 500, errors = 0.01 }", "5", 10, "should look like { p95_ms = 500, errors = 0.01 }"),
        (
            "[thresholds]",
            '[abort_if]\n"*" = { drift = 1 }\n[thresholds]',
            10,
            "drift shows only once a run is over: it cannot end one",
        ),
        ("[thresholds]", '[abort_if]\n"okta" = { errors = 1 }\n[thresholds]', 10, "nothing is called 'okta'"),
        ("[mix]", "[mixed]", 5, "no key is called 'mixed' here; did you mean 'mix'?"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_and_line(
    old: str, new: str, line: int, says: str, catalog: Catalog, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        read(GOOD.replace(old, new, 1), catalog, tmp_path)
    assert says in str(refused.value)
    assert f"mine.toml:{line}:" in str(refused.value)


def test_a_plan_without_a_question_or_a_mix_is_told_what_to_write(catalog: Catalog, tmp_path: Path) -> None:
    whole = GOOD.partition("[thresholds]")[0]
    for text, says in (
        (whole.partition("\n")[2], 'a plan begins with the question it answers: question = "..."'),
        (whole.partition("[mix]")[0], "a plan needs a [mix]: sequence ids and how often each is played"),
        (f"{whole.partition('[mix]')[0]}[mix]\n", "mix is empty: a plan needs sequence ids"),
    ):
        with pytest.raises(UsageError) as refused:
            read(text, catalog, tmp_path)
        assert says in str(refused.value)


def test_the_published_schema_knows_the_keys_of_a_plan_and_of_its_limits() -> None:
    known = schema("scimproof.plan-1")
    Draft202012Validator.check_schema(known)
    made = {field.name for field in fields(Plan)} - {"name", "phases", "left_out", "recorded"}
    made -= {"resend_every", "resend_after_ms"}
    former = {key for key, one in known["properties"].items() if one.get("deprecated")}
    assert set(known["properties"]) - former == {
        *(NAMES.get(name, name) for name in made),
        *("rate", "warm_up", "seconds", "stages", "mix"),
        *("capture", "factor", "busiest", "resend"),
    }
    assert former == set(NAMES)
    limits = known["$defs"]["limits"]["additionalProperties"]["properties"]
    assert tuple(limits) == MEASURES


def test_a_plan_that_does_not_exist_is_guessed_at() -> None:
    with pytest.raises(UsageError, match="did you mean 'smoke'"):
        find_plan("smok")
    with pytest.raises(UsageError, match=r"no file nowhere\.toml"):
        find_plan("nowhere.toml")


def test_overrides_keep_the_stages_in_proportion(catalog: Catalog, tmp_path: Path) -> None:
    stages = "[[stages]]\nseconds = 2\nrate = 5\nwarm_up = true\n[[stages]]\nseconds = 4\nrate = 5\nto = 20"
    plan = read(GOOD.replace("rate = 10\nseconds = 5", stages), catalog, tmp_path)
    faster = plan.at_rate(40)
    assert [(p.rate, p.end, p.seconds) for p in faster.phases] == [(10, 10, 2), (10, 40, 4)]
    longer = plan.lasting(10)
    assert [(p.rate, p.seconds, p.warm_up) for p in longer.phases] == [(5, 2, True), (5, 10, False)]


def test_another_mix_leaves_limits_of_what_is_gone(catalog: Catalog, tmp_path: Path) -> None:
    plan = read(GOOD, catalog, tmp_path).playing({"okta.oin.user.deactivate": 1.0})
    assert [threshold.of for threshold in plan.thresholds] == ["time-to-deprovision"]


def test_lines_of_tables_keys_and_what_is_inside() -> None:
    text = 'a = 1\n\n[b."c.d"]\ne = { f = 2, "g" = 3 }\n[[h]]\ni = 1\n[[h]]\ni = 2\nj.k = 1\n'
    lines = lines_of(text)
    assert [lines[key] for key in (("a",), ("b", "c.d"), ("b", "c.d", "e", "g"), ("h", "1", "i"))] == [
        1,
        3,
        4,
        8,
    ]
    assert lines[("h", "1", "j", "k")] == 9
    assert line_at(lines, ("h", "1", "nowhere")) == 7
    assert line_at(lines, ("nowhere",)) == 1


def test_a_share_limited_for_everything_is_limited_for_the_spans_of_the_mix(
    catalog: Catalog, tmp_path: Path
) -> None:
    text = GOOD.split("[thresholds]", maxsplit=1)[0] + '[thresholds]\n"*" = { errors = 0.1, p95_ms = 5 }\n'
    found = [t.id for t in read(text, catalog, tmp_path).thresholds if t.of.startswith("time-to-")]
    assert found == ["time-to-provision#errors", "time-to-deprovision#errors"]
    only = read(text.replace('"okta.oin.user.create" = 2\n', ""), catalog, tmp_path).thresholds
    assert [t.of for t in only if t.of.startswith("time-to-")] == ["time-to-deprovision"]
