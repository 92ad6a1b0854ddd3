"""Challenges are read in every form that RFC 9110 allows."""

from __future__ import annotations

import pytest

from scimproof.checks.challenges import challenges
from scimproof.core.http_message import Exchange, Request


def read(*values: str) -> list[tuple[str, list[tuple[str, str]]]]:
    headers = tuple(("Www-Authenticate", value) for value in values)
    exchange = Exchange(1, Request("GET", "/Users", ()), 401, headers=headers)
    return [(one.scheme, one.parameters) for one in challenges(exchange)]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((), []),
        (("Bearer",), [("Bearer", [])]),
        (('Bearer realm="a, b"',), [("Bearer", [("realm", "a, b")])]),
        (("bearer realm=a, error=wrong",), [("bearer", [("realm", "a"), ("error", "wrong")])]),
        (('Basic realm="x", Bearer',), [("Basic", [("realm", "x")]), ("Bearer", [])]),
        (("Negotiate abc==", 'Bearer realm=""'), [("Negotiate", []), ("Bearer", [("realm", "")])]),
        ((r'Bearer error_description="a \"b\""',), [("Bearer", [("error_description", 'a "b"')])]),
        (('Bearer realm="open',), [("Bearer", [("realm", "open")])]),
        (("Bearer realm = x , scope = y",), [("Bearer", [("realm", "x"), ("scope", "y")])]),
        ((", ,",), []),
    ],
)  # fmt: skip
def test_each_challenge_with_its_parameters(
    values: tuple[str, ...], wanted: list[tuple[str, list[tuple[str, str]]]]
) -> None:
    assert read(*values) == wanted
