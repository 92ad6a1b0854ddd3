"""The members that some order of overlapping changes can leave: exactly those, by trying all orders."""

from __future__ import annotations

import itertools
import math
import random

from scimproof.load.audit.linearizability import explains
from scimproof.state.expected_resource import Resource
from scimproof.state.register import Write, WriteOutcome
from scimproof.state.request_effects import RequestEffect, ShownResource

PEOPLE = ("a", "b", "c")
Plan = list[tuple[RequestEffect, float, float, WriteOutcome]]


def change(members: dict[str, bool], *, everyone: bool = False) -> RequestEffect:
    return RequestEffect("patch", "Group", "g", members=members, everyone=everyone)


def group(plan: Plan) -> Resource:
    """A group that was created empty, after these changes."""
    made = Write(1, 0)
    made.answered, made.fate = 0.5, WriteOutcome.ACCEPTED
    resource = Resource("Group", "g", made, RequestEffect("create", "Group", everyone=True))
    writes = [Write(number, sent) for number, (_, sent, _, _) in enumerate(plan, 2)]
    events = [(sent, 0, n) for n, (_, sent, _, _) in enumerate(plan)]
    events += [(answered, 1, n) for n, (_, _, answered, _) in enumerate(plan)]
    for at, over, n in sorted(events):
        effect, _, _, fate = plan[n]
        if over:
            writes[n].fate = fate
            writes[n].answered = math.inf if fate is WriteOutcome.UNKNOWN else at
            resource.settle(writes[n], effect)
        else:
            resource.begin(writes[n], effect)
    return resource


def possible(resource: Resource, shown: frozenset[str]) -> bool:
    """What the audit says of a group that shows these members."""
    if list(resource.suspects(ShownResource("g", "", {}, shown))):
        return False
    histories = [(r.legal(math.inf, math.inf), id in shown) for id, r in resource.members.items()]
    return explains(histories)


def reachable(plan: Plan) -> set[frozenset[str]]:
    """Every set that an order of the changes leaves, those of unknown outcome left out or not."""
    certain = [n for n, (*_, fate) in enumerate(plan) if fate is WriteOutcome.ACCEPTED]
    open_ones = [n for n, (*_, fate) in enumerate(plan) if fate is WriteOutcome.UNKNOWN]
    found = set()
    for some in itertools.chain.from_iterable(
        itertools.combinations(open_ones, count) for count in range(len(open_ones) + 1)
    ):
        for order in itertools.permutations([*certain, *some]):
            if _in_time(plan, order):
                found.add(_left(plan, order))
    return found


def _in_time(plan: Plan, order: tuple[int, ...]) -> bool:
    for place, first in enumerate(order):
        for later in order[place + 1 :]:
            over = math.inf if plan[later][3] is WriteOutcome.UNKNOWN else plan[later][2]
            if over < plan[first][1]:
                return False
    return True


def _left(plan: Plan, order: tuple[int, ...]) -> frozenset[str]:
    members: set[str] = set()
    for n in order:
        effect = plan[n][0]
        members = set() if effect.everyone else members
        members = {m for m in members | set(effect.members) if effect.members.get(m, True)}
    return frozenset(members)


def some_plan(rng: random.Random) -> Plan:
    plan: Plan = []
    for _ in range(rng.randrange(1, 5)):
        named = rng.sample(PEOPLE, rng.randrange(1, 4))
        everyone = rng.random() < 0.4
        effect = change({id: everyone or rng.random() < 0.5 for id in named}, everyone=everyone)
        sent = rng.uniform(1, 10)
        fate = rng.choice(
            [
                WriteOutcome.ACCEPTED,
                WriteOutcome.ACCEPTED,
                WriteOutcome.ACCEPTED,
                WriteOutcome.UNKNOWN,
                WriteOutcome.REFUSED,
            ]
        )
        plan.append((effect, sent, sent + rng.uniform(0.1, 5), fate))
    return plan


def test_the_audit_says_exactly_what_trying_every_order_says() -> None:
    rng = random.Random(7)
    sets = [frozenset(s) for count in range(4) for s in itertools.combinations(PEOPLE, count)]
    for _ in range(500):
        plan = some_plan(rng)
        resource, legal = group(plan), reachable(plan)
        assert {shown for shown in sets if possible(resource, shown)} == legal, plan


def test_two_lists_put_at_once_leave_the_one_or_the_other() -> None:
    first = change({"a": True, "b": True}, everyone=True)
    second = change({"c": True}, everyone=True)
    resource = group([(first, 1, 3, WriteOutcome.ACCEPTED), (second, 2, 4, WriteOutcome.ACCEPTED)])
    told = {shown: possible(resource, frozenset(shown)) for shown in ("ab", "c", "abc", "ac", "a", "")}
    assert told == {"ab": True, "c": True, "abc": False, "ac": False, "a": False, "": False}


def test_who_was_never_named_is_no_member() -> None:
    assert not possible(group([]), frozenset("z"))
