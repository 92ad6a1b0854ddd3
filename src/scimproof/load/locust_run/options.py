"""Options of a test that Locust starts, on its command line and in its form, and the plan they ask for."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.bounds import Range
from scimproof.core.definitions import Profile
from scimproof.core.errors import did_you_mean
from scimproof.load.plan.dialects import spoken, stranger, weights
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan, plan_names, senders_with_plans
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase, typed_stages, weighted
from scimproof.load.plan.threshold_loader import TypedLimits, limits
from scimproof.load.plan.thresholds import AT_ONCE, EVERY

SPACINGS = ("poisson", "constant")
SWITCH = ("yes", "no")
RATE, SECONDS, IN_FLIGHT, SAMPLE = 2.0, 60.0, 1000, 20  # where neither a plan nor an option says otherwise


class Option(NamedTuple):
    """Option on the command line and in the web form, empty where nobody says anything.

    A number lies in `bounds`; `choices` are what the form offers beside nothing.
    """

    flag: str
    words: str
    bounds: Range | None = None
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What Locust calls its value."""
        return self.flag.strip("-").replace("-", "_")


# Nothing here names a file, a server or a secret: whoever reaches the web form may change all of it.
OPTIONS = (
    Option("--scim-plan", "a plan that comes with scimproof; the other fields change it"),
    Option("--scim-profile", "whose traffic it is, in which dialect"),
    Option(
        "--scim-mix",
        "what is played: ID or ID=weight, separated by blanks; empty: the plan's, else the usual mix of the "
        "profile's sender",
    ),
    Option(
        "--scim-rate", f"sequences that begin per second, in all; empty: the plan's, else {RATE:g}",
        Range(0.001, 1e6),
    ),
    Option("--scim-stages", "30s:5,2m:5-20: times with their rates, or a ramp; instead of the plan's"),
    Option("--scim-arrivals", "how they are spaced; empty: the plan's, else poisson", choices=SPACINGS),
    Option(
        "--scim-duration", f"seconds, the warm-up not counted; empty: the plan's, else {SECONDS:g}",
        Range(0.001, 1e6),
    ),
    Option(
        "--scim-warm-up", "seconds that are left out of all figures; empty: the plan's, else 0",
        Range(0, 1e6),
    ),
    Option(
        "--scim-users", "so many at a time, each waiting for its answer (closed model); empty or 0: arrivals "
        "on a schedule",
        Range(0, 100_000, whole=True),
    ),
    Option(
        "--scim-in-flight", f"most sequences at a time, in all; empty: the plan's, else {IN_FLIGHT:,}",
        Range(1, 100_000, whole=True),
    ),
    Option(
        "--scim-sample", f"run the full checks on every Nth sequence; empty: the plan's, else {SAMPLE}",
        Range(0, 10**9, whole=True),
    ),
    Option(
        "--scim-prefill", "users there before anything is measured; empty: the plan's, else 0",
        Range(0, 1_000_000, whole=True),
    ),
    Option(
        "--scim-threshold", "'OF MEASURE=LIMIT; ...' that decides; OF: a sequence, a step, or * for each",
    ),
    Option("--scim-abort-on", "'MEASURE=LIMIT; ...' that ends the test once exceeded, as errors=0.5"),
    Option(
        "--scim-audit", "read everything back in the end and compare; empty: as the plan says, else yes",
        choices=SWITCH,
    ),
    Option(
        "--scim-seed", "the same seed plays the same people in the same order; empty: 1",
        Range(0, 2**63, whole=True),
    ),
)  # fmt: skip
FLAGS = {each.name: each for each in OPTIONS}
Given = Mapping[str, str]


class Offered(list[str]):
    """Choices that a form offers; another word is let through, and refused by `plan_of` in a sentence."""

    def __contains__(self, _: object) -> bool:
        return True


def add_options(parser: ArgumentParser) -> None:
    """Add the options; outside any group, since the web form knows none that are in one.

    All are texts: what is typed into the form is refused by `plan_of`, not by a conversion.
    """
    for each in OPTIONS:
        offered = each.choices or _offered(each.name)
        choices = Offered(("", *offered)) if offered else None
        parser.add_argument(
            each.flag, default="", choices=choices, help=each.words, metavar=each.name.upper()
        )
    out: dict[str, Any] = {"include_in_web_ui": False}  # it names a folder of this machine
    words = "write load.json, load.html and load-junit.xml there"
    parser.add_argument("--scim-out", default="", metavar="FOLDER", help=words, **out)


def _offered(name: str) -> tuple[str, ...]:
    """What the form offers for that option beside nothing; nothing where anything may be typed."""
    if name == "scim_plan":
        return tuple(
            sorted({one for sender in ("", *senders_with_plans()) for one in plan_names(sender=sender)})
        )
    if name == "scim_profile":
        catalog = load_catalog()
        return tuple(id for id, profile in catalog.profiles.items() if catalog.sender(profile).mix)
    return ()


def given_in(values: Mapping[str, Any]) -> Given:
    """What is said for each option, by name, as a text; empty for nothing."""
    return {each.name: str(values.get(each.name) or "").strip() for each in OPTIONS}


def plan_of(given: Given) -> Plan:
    """The plan that is asked for; raises ValueError or UsageError in words for what cannot be meant."""
    catalog = load_catalog()
    profile = catalog.profile(given["scim_profile"]) if given["scim_profile"] else None
    plan = _stated(given, catalog, profile)
    if given["scim_stages"]:
        plan = _in_stages(plan, given["scim_stages"])
    plan = _at_pace(plan, given)
    fields = {
        name: int(number)
        for name in ("in_flight", "sample", "prefill", "seed", "users")
        if (number := _number(given, f"scim_{name}")) is not None
    }
    if spacing := _chosen(given, "scim_arrivals"):
        plan = replace(plan, arrivals="constant" if spacing == "constant" else "poisson")
    if audited := _chosen(given, "scim_audit"):
        plan = replace(plan, audit=audited == "yes")
    return _limited(replace(plan, **fields), given, catalog)  # type: ignore[arg-type] # whole numbers, all five


def _stated(given: Given, catalog: Catalog, profile: Profile | None) -> Plan:
    """The plan of that name, or one of the sender's usual mix, with the mix that was asked for."""
    name = given["scim_plan"]
    mix = _mix_of(given["scim_mix"], catalog, profile) if given["scim_mix"] else {}
    if not name:
        usual = mix or _mix_of(catalog.sender(profile).mix, catalog, profile)
        phases = (Phase(SECONDS, RATE, name="steady"),)
        return Plan(
            name="locustfile", question="", phases=phases, mix=usual, in_flight=IN_FLIGHT, sample=SAMPLE
        )
    sender = catalog.sender(profile).id
    names = plan_names(sender=sender)
    if name not in names:  # a path is none of them, whoever types it
        raise ValueError(f"--scim-plan: no plan is called {name!r}{did_you_mean(name, names)}")
    plan = read_plan(find_plan(name, sender=sender), catalog, profile)
    return plan.playing(mix) if mix else plan


def _mix_of(words: str, catalog: Catalog, profile: Profile | None) -> dict[str, float]:
    """The mix in these words, as the profile plays it."""
    mix, known = weighted(words.split()), catalog.sequences
    for id in mix:
        if id not in known:
            raise ValueError(f"--scim-mix: no sequence is called {id!r}{did_you_mean(id, known)}")
        if why := stranger(id, catalog, profile):
            raise ValueError(f"--scim-mix: {why}")
    played = weights(mix, spoken(mix, catalog, profile))
    if not played:
        raise ValueError(f"--scim-mix: profile {profile.id if profile else ''} has none of these sequences")
    return played


def _in_stages(plan: Plan, text: str) -> Plan:
    try:
        return plan.in_stages(typed_stages(text))
    except ValueError as problem:
        raise ValueError(f"--scim-stages {problem}") from None


def _at_pace(plan: Plan, given: Given) -> Plan:
    """The plan with the rate, the time and the warm-up that were asked for."""
    rate, seconds = _number(given, "scim_rate"), _number(given, "scim_duration")
    plan = plan.lasting(seconds) if seconds else plan
    plan = plan.at_rate(rate) if rate else plan
    warm_up = _number(given, "scim_warm_up")
    if warm_up is None:
        return plan
    measured = tuple(phase for phase in plan.phases if not phase.warm_up)
    before = (Phase(warm_up, measured[0].rate, warm_up=True, name="warm-up"),) if warm_up else ()
    return plan.in_stages((*before, *measured))


def _limited(plan: Plan, given: Given, catalog: Catalog) -> Plan:
    """The plan with the thresholds and abort limits that were asked for, several with `;` between them."""
    own = TypedLimits("--scim-threshold", _parts(given["scim_threshold"]))
    ends = TypedLimits("--scim-abort-on", _parts(given["scim_abort_on"]), EVERY, AT_ONCE)
    plan = plan.held_to(limits(own, (own.option,), plan.mix, catalog))
    return plan.aborted_by(limits(ends, (ends.option,), plan.mix, catalog, together=True))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _chosen(given: Given, name: str) -> str:
    """The choice, empty for none; ValueError for what is none of them."""
    option, word = FLAGS[name], given[name]
    if word and word not in option.choices:
        raise ValueError(f"{option.flag} should be {' or '.join(option.choices)}, not {word!r}")
    return word


def _number(given: Given, name: str) -> float | int | None:
    """The number, None for none; ValueError for what is none, or lies outside its bounds."""
    option, text = FLAGS[name], given[name]
    assert option.bounds is not None
    if not text:
        return None
    try:
        number: float | int = int(text) if option.bounds.whole else float(text)
    except ValueError:
        number = -1
    if not option.bounds.holds(number):
        raise ValueError(f"{option.flag} should be {option.bounds.words}, not {text!r}")
    return number
