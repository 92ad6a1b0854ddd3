import itertools

import pytest

from scimproof.capture.replay.names import NameMapping
from scimproof.core.scim import CREATED_NAME

PREFIX = "scimproof-abcdefgh"
ODD = [
    "d'arcy+o'neil@corp.com",
    "Jürgen@münchen.de",
    "太郎@corp.co.jp",
    "a b@c.d",
    'q"u@o.te',
    "004711",
    "O<b>",
]


def test_every_name_is_one_of_the_run_and_keeps_its_odd_characters() -> None:
    names = NameMapping(PREFIX)
    for name in ODD:
        new = names.person(name)
        assert CREATED_NAME.match(new), new
        assert name.partition("@")[0] in new
        assert names.person(name) == new
        assert "@" not in name or new.endswith("@example.com")


def test_two_names_never_become_one() -> None:
    names = NameMapping(PREFIX)
    people = [
        f"{who}@{where}"
        for who in ("jane", "joe")
        for where in ("a.com", "b.com", "example.com", "example.org")
    ]
    people += [
        "jane",
        "joe",
        f"{PREFIX}.replay.jane@example.com",
        "scimproof-12345678.replay.jane@example.com",
    ]
    new = [names.person(name).casefold() for name in people]
    assert len(set(new)) == len(people)
    assert len({names.group(name) for name in people}) == len(people)


@pytest.mark.parametrize("name", ["Jane.Doe@Corp.com", "scimproof-12345678.0a1b2c.jane@example.com", "jdoe"])
def test_case_variants_stay_case_variants(name: str) -> None:
    names = NameMapping(PREFIX)
    variants = [name, name.upper(), name.lower(), name.swapcase()]
    new = [names.person(one) for one in variants]
    assert len({one.casefold() for one in new}) == 1
    for (a, b), (x, y) in zip(
        itertools.combinations(variants, 2), itertools.combinations(new, 2), strict=True
    ):
        assert (a == b) == (x == y)


def test_names_of_another_run_keep_all_but_the_prefix() -> None:
    names = NameMapping(PREFIX)
    assert names.person("scimproof-12345678.0a1b2c.jane@example.com") == f"{PREFIX}.0a1b2c.jane@example.com"
    assert names.group("scimproof-12345678.0a1b2c Sales") == f"{PREFIX}.0a1b2c Sales"
    # of a second other run the names could be the same: these are names like any other
    assert "87654321" in names.person("scimproof-87654321.0a1b2c.jane@example.com")


def test_the_beginning_of_a_name_stays_one() -> None:
    names = NameMapping(PREFIX)
    jane = names.person("jane@corp.com")
    assert jane.startswith(names.beginning("ja"))


def test_an_external_id_that_is_a_guid_stays_one() -> None:
    names = NameMapping(PREFIX)
    new = names.external("26118915-6090-4610-87E4-49D8CA9F808D")
    assert len(new) == 36
    assert new != names.external("26118915-6090-4610-87e4-49d8ca9f808e")
    assert names.external("00u1abcdefGHIJKL0h7") == f"{PREFIX}.replay.00u1abcdefGHIJKL0h7"
