"""Which values are legal when writes overlap."""

from __future__ import annotations

import itertools
import math

from scimproof.state.register import ANY, KEPT, MOST_UNKNOWN, Register, Write, WriteOutcome

NUMBERS = itertools.count(1)


def begun(register: Register, value: object, sent: float) -> Write:
    write = Write(next(NUMBERS), sent)
    register.begin(write, value)
    return write


def ended(
    register: Register, write: Write, answered: float, fate: WriteOutcome = WriteOutcome.ACCEPTED
) -> None:
    write.fate = fate
    write.answered = math.inf if fate is WriteOutcome.UNKNOWN else answered
    register.settle(write)


def wrote(
    register: Register,
    value: object,
    sent: float,
    answered: float,
    fate: WriteOutcome = WriteOutcome.ACCEPTED,
) -> None:
    ended(register, begun(register, value, sent), answered, fate)


def may_show(register: Register, *values: object) -> list[bool]:
    return [register.doubt(value) is None for value in values]


def test_before_any_write_everything_is_right() -> None:
    assert may_show(Register(), "a", None, 7) == [True] * 3


def test_of_two_writes_one_after_the_other_the_last_counts() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    wrote(register, "b", 3, 4)
    assert may_show(register, "a", "b") == [False, True]
    doubt = register.doubt("a")
    assert doubt is not None
    assert doubt.wrote is not None
    assert not doubt.refused
    assert [entry.value for entry in doubt.expected] == ["b"]


def test_of_overlapping_writes_either_counts_whichever_was_answered_first() -> None:
    register = Register()
    first, second = begun(register, "a", 1), begun(register, "b", 2)
    ended(register, second, 3)
    ended(register, first, 4)
    assert may_show(register, "a", "b") == [True, True]
    wrote(register, "c", 5, 6)
    assert may_show(register, "a", "b", "c") == [False, False, True]


def test_a_write_over_before_only_one_of_two_overlapping_ones_is_replaced_all_the_same() -> None:
    register = Register()
    slow = begun(register, "slow", 1)
    wrote(register, "a", 2, 3)
    wrote(register, "b", 4, 5)
    ended(register, slow, 6)
    assert may_show(register, "slow", "a", "b") == [True, False, True]


def test_an_unknown_write_may_happen_at_any_later_time_and_replaces_nothing() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    wrote(register, "b", 3, 9, WriteOutcome.UNKNOWN)
    assert may_show(register, "a", "b") == [True, True]
    wrote(register, "c", 10, 11)
    assert may_show(register, "a", "b", "c") == [False, True, True]


def test_a_refused_write_is_told_from_an_old_one() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    wrote(register, "b", 3, 4, WriteOutcome.REFUSED)
    doubt = register.doubt("b")
    assert doubt is not None
    assert doubt.refused
    assert may_show(register, "a") == [True]


def test_what_nobody_wrote_is_told_apart() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    doubt = register.doubt("x")
    assert doubt is not None
    assert doubt.wrote is None


def test_a_read_that_overlaps_a_write_may_show_the_state_before_it() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    wrote(register, "b", 5, 6)
    assert register.doubt("a", 5.5, 7) is None
    assert register.doubt("a", 6.5, 7) is not None
    assert register.doubt("b", 3, 5.5) is None
    assert register.doubt("b", 3, 4) is not None


def test_a_write_under_way_may_show_and_need_not() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    begun(register, "b", 3)
    assert register.doubt("a", 4, 5) is None
    assert register.doubt("b", 4, 5) is None


def test_memory_is_bounded_and_a_forgotten_past_is_never_held_against_a_slow_read() -> None:
    register = Register()
    for number in range(1000):
        wrote(register, number % 2 == 0, number, number + 0.5)
    assert len(register.entries) <= KEPT + 1
    assert register.doubt(value=True) is not None
    assert register.doubt(value=True, start=3.2, end=2000) is None


def test_after_too_many_unknown_writes_anything_may_be_shown() -> None:
    register = Register()
    for number in range(1000):
        wrote(register, "a", number, number, WriteOutcome.UNKNOWN)
    assert len(register.entries) <= MOST_UNKNOWN + 2
    assert may_show(register, "a", "b") == [True, True]


def test_what_a_write_may_have_cleared_is_anything() -> None:
    register = Register()
    wrote(register, "a", 1, 2)
    wrote(register, ANY, 3, 4)
    assert may_show(register, "a", "b", None) == [True] * 3


def test_against_every_order_of_overlapping_writes() -> None:
    """The register says exactly what trying all orders that respect the intervals says."""
    spans = [(1, 4), (2, 3), (3.5, 6), (5, 8), (7, 9)]
    for chosen in itertools.product(spans, repeat=3):
        register = Register()
        writes = [Write(next(NUMBERS), sent) for sent, _ in chosen]
        events = sorted(
            [(sent, 0, place) for place, (sent, _) in enumerate(chosen)]
            + [(answered, 1, place) for place, (_, answered) in enumerate(chosen)]
        )
        for at, over, place in events:
            if over:
                ended(register, writes[place], at)
            else:
                register.begin(writes[place], place)
        legal = {
            order[-1]
            for order in itertools.permutations(range(3))
            if not any(
                chosen[later][1] < chosen[earlier][0]
                for place, earlier in enumerate(order)
                for later in order[place + 1 :]
            )
        }
        assert {place for place in range(3) if register.doubt(place) is None} == legal
