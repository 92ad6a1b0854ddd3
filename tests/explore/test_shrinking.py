"""The shortest part that shows it, within so many tests."""

from __future__ import annotations

from scimproof.explore.shrinking import OutOfRequests, Shrinking


def shrunk(whole: str, shows: str) -> str:
    """The smallest part of a word in which these letters come in that order."""

    def has(part: tuple[str, ...]) -> bool:
        letters = iter(part)
        return all(letter in letters for letter in shows)

    return "".join(Shrinking[str](has).smallest(whole) or ())


def test_what_is_not_needed_is_left_out() -> None:
    assert shrunk("abcdefghijklmnopqrstuvwxyz", "cxz") == "cxz"
    assert shrunk("abcabcabca", "cba") == "cba"
    assert shrunk("ab", "ab") == "ab"
    assert shrunk("xyb", "b") == "b"


def test_what_does_not_show_again_has_no_smallest_part() -> None:
    assert Shrinking[str](lambda _: False).smallest("abc") is None


def test_what_cannot_be_done_without_the_rest_goes_with_it() -> None:
    def valid(part: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(letter for letter in part if letter.islower() or letter.lower() in part)

    assert Shrinking[str](lambda part: "B" in part, valid).smallest("xaAbyB") == ("b", "B")


def test_names_that_are_not_needed_are_left_out_at_once() -> None:
    tested: list[tuple[str, ...]] = []

    def shows(part: tuple[str, ...]) -> bool:
        tested.append(part)
        return "a1" in part and part[-1] == "a9"

    whole = [f"{name}{number}" for number in range(10) for name in "zyxa"]
    found = Shrinking(shows, names=lambda item: frozenset(item[0])).smallest(whole)
    assert found == ("a1", "a9")
    assert len(tested) < 20


def test_it_ends_with_the_shortest_part_so_far_when_no_more_may_be_tested() -> None:
    left = 3

    def shows(part: tuple[str, ...]) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfRequests
        return "c" in part

    found = Shrinking(shows).smallest("abcdefghijklmnopqrstuvwxyz")
    assert found is not None
    assert 1 < len(found) < 26


def test_something_simpler_is_put_in_its_place() -> None:
    def shows(part: tuple[str, ...]) -> bool:
        return part[0].lower() == "a" and part[-1] == "c"

    def simpler(item: str) -> list[str]:
        return [item.lower()] if item.isupper() else []

    assert Shrinking(shows, simpler=simpler).smallest("Abc") == ("a", "c")
