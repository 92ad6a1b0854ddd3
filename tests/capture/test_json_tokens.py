"""Tokens of a JSON text: the places of its keys and values, whatever it looks like."""

from __future__ import annotations

import json

import pytest

from scimproof.capture.json_tokens import json_tokens, replaced, unescaped
from scimproof.capture.learn.attribute_paths import leaves

TEXTS = (
    '{"a":1,"b":{"c":[true,null,{"d":"x"}],"e":{}},"f":[],"g":"h"}',
    ' {\n  "Zoë\\u00fc" : "a\\"b\\\\" ,\t"n" : -1.5e3, "deep" : [[1,[2]],[[]]] }\n',
    '[{"op":"add"},{"op":"remove"}]',
    '"alone"',
    "17",
)


@pytest.mark.parametrize("text", TEXTS)
def test_every_value_has_its_path_and_its_place(text: str) -> None:
    tokens = json_tokens(text)
    assert tokens is not None
    values = [token for token in tokens if token.kind != "key"]
    assert [(token.path, token.value) for token in values] == list(leaves(json.loads(text)))
    assert all(json.loads(text[token.start : token.end]) == token.value for token in tokens)


def test_only_what_is_replaced_changes() -> None:
    text = '{ "name" : "Zoë", "n":1 }'
    tokens = json_tokens(text)
    assert tokens is not None
    found = [(token, '"{{x}}"') for token in tokens if token.value == "Zoë"]
    assert replaced(text, found) == '{ "name" : "{{x}}", "n":1 }'


@pytest.mark.parametrize("text", ["", "{", "name=Zoë", '{"a":}', "[" * 100_000])
def test_what_is_no_json_has_no_tokens(text: str) -> None:
    assert json_tokens(text) is None


def test_escapes_are_taken_back_where_it_is_a_string() -> None:
    assert unescaped('a\\"b\\\\') == 'a"b\\'
    assert unescaped('userName eq "a\\b"') == 'userName eq "a\\b"'
