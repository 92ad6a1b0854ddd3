"""No form of a secret gets through the redactor, and nothing else is lost to it."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from scimproof.core.http_message import Request
from scimproof.core.redaction import REDACTED, Redactor, passwords, remember, remembered

SECRETS = ["canary-t0ken", 'q"uo\\te/+=&<x>', "gehêim-日本", "cAnarYpw"]


def twice(text: str) -> str:
    return base64.b64encode(base64.b64encode(text.encode())).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "inside": lambda s: f"before{s}after",
    "json": lambda s: json.dumps(s)[1:-1],
    "json as UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "percent": lambda s: quote(s, safe=""),
    "percent in small letters": lambda s: re.sub("%..", lambda m: m[0].lower(), quote(s, safe="")),
    "form": quote_plus,
    "html": html.escape,
    "Python": lambda s: repr(s)[1:-1],
    "Python bytes": lambda s: repr(s.encode())[2:-1],
    "json in json": lambda s: json.dumps(json.dumps(s))[3:-3],
    "json in html": lambda s: html.escape(json.dumps(s, ensure_ascii=False)[1:-1]),
    "json as PHP has it": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 of a header": lambda s: base64.b64encode(f"Bearer {s}".encode()).decode(),
    "base64 of a pair": lambda s: base64.b64encode(f"user:{s}:more".encode()).decode(),
    "base64 twice": twice,
    "base64 twice of a pair": lambda s: twice(f"us:{s}"),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_taken_out(secret: str, form: str) -> None:
    shown = FORMS[form](secret)
    kept = Redactor([secret]).text(f"x {shown} y")
    assert REDACTED in kept
    assert secret not in kept
    # What base64 leaves of a secret's edges is a few bits, never the bulk of it.
    assert len(kept) < len(REDACTED) + 4 + len(shown) - len(secret) + 6


def test_a_secret_spelled_with_escapes_is_found() -> None:
    spelled = "".join(f"\\u{ord(char):04X}" for char in "canary-t0ken")
    assert Redactor(["canary-t0ken"]).text(f'{{"detail":"{spelled}"}}') == f'{{"detail":"{REDACTED}"}}'


def test_escapes_that_hide_nothing_stay_as_they_were_sent() -> None:
    text = r'{"detail":"Gr\u00f6\u00dfe"}'
    assert Redactor(["canary-t0ken"]).text(text) == text


def test_a_secret_cut_off_at_the_end_is_found() -> None:
    redactor = Redactor(["canary-t0ken"])
    assert redactor.sentence("500 Bearer canary-t0k") == f"500 Bearer {REDACTED}"
    assert redactor.sentence("500 canary-t0… (in 2 answers)") == f"500 {REDACTED}… (in 2 answers)"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"password":"unknown"}', f'{{"password":"{REDACTED}"}}'),
        ('{"Password" : "a\\"b", "x":1}', f'{{"Password" : "{REDACTED}", "x":1}}'),
        ('{"password":"cut off', f'{{"password":"{REDACTED}"'),
        ('{"password":null}', '{"password":null}'),
    ],
)
def test_a_password_nobody_told_is_taken_out_by_its_name(text: str, kept: str) -> None:
    assert Redactor().text(text) == kept


def test_what_is_no_secret_stays() -> None:
    text = "".join(random.Random(1).choices(string.printable, k=5000)).replace("assword", "")
    assert Redactor(["canary-t0ken", "", "x", "abc"]).text(text) == text


def test_lone_surrogates_cannot_reach_a_file() -> None:
    Redactor().text("\ud800").encode("utf-8")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Bearer abc", f"Bearer {REDACTED}"),
        ("basic dTpw", f"basic {REDACTED}"),
        ("a-raw-value", REDACTED),
        ("raw value", REDACTED),
        ("", REDACTED),
    ],
)
def test_of_an_authorization_only_a_known_scheme_stays(value: str, kept: str) -> None:
    assert Redactor().headers([("authorization", value)]) == [["authorization", kept]]


def test_headers_of_the_users_own_are_hidden_in_any_letter_case() -> None:
    pairs = [("X-Api-Key", "1"), ("Accept", "1")]
    assert Redactor().headers(pairs, ["x-api-key"]) == [["X-Api-Key", REDACTED], ["Accept", "1"]]


def test_walk_reaches_keys_and_nested_strings() -> None:
    value = {"canary-t0ken": ["canary-t0ken", 1, None, ("canary-t0ken",)]}
    assert Redactor(["canary-t0ken"]).walk(value) == {REDACTED: [REDACTED, 1, None, [REDACTED]]}


def test_passwords_are_collected_from_attributes_and_patch_paths() -> None:
    body = {
        "password": "one",
        "Operations": [
            {"op": "replace", "path": "password", "value": "two"},
            {"op": "replace", "value": {"password": "three"}},
        ],
    }
    request = Request("PATCH", "/Users/1", (), json.dumps(body).encode())
    assert set(passwords(request)) == {"one", "two", "three"}


def test_hundreds_of_secrets_and_a_very_long_one_are_no_trouble() -> None:
    rng = random.Random(2)
    many = ["".join(rng.choices(string.ascii_letters, k=8)) for _ in range(500)]
    long = "".join(rng.choices(string.ascii_letters, k=5000))
    kept = Redactor([*many, long]).text(" ".join([*many, long]))
    assert kept == " ".join([REDACTED] * 501)


@pytest.mark.parametrize("token", ["wrong", "token", "test", "Secret", "users"])
def test_s19_our_own_sentences_keep_their_words(token: str) -> None:
    """A token that is a word of ours goes from what came from outside only."""
    redactor = Redactor([token, "f8c1c0de77"])
    own = f"the key is {token} or was rotated; check SCIMPROOF_TOKEN"
    assert redactor.sentence(own) == own
    assert redactor.sentence(f"the key is {token}: f8c1c0de77") == f"the key is {token}: [redacted]"
    for foreign in (f'401 {{"detail": "no {token}"}}', f'answered 401 ("{token}")', f"Bearer {token}"):
        assert f"{token}" not in redactor.sentence(foreign)
    assert redactor.walk({"detail": f"your {token}"}) == {"detail": "your [redacted]"}
    assert redactor.text(f"sent {token}") == "sent [redacted]"


def test_the_redactor_of_all_is_made_once_and_anew_for_a_new_secret() -> None:
    remember("first-secret-of-the-cache")
    assert remembered() is remembered()
    remember("second-secret-of-the-cache")
    assert "second-secret" not in remembered().text("first-secret-of-the-cache second-secret-of-the-cache")
