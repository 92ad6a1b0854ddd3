from __future__ import annotations

import pytest

from scimproof.capture.known_secrets import MOST, KnownSecrets, without_json_escapes


@pytest.mark.parametrize("lasting", [True, False])
def test_what_was_seen_last_is_remembered_and_no_more(*, lasting: bool) -> None:
    """As of a sender with a new token for each request, or a server with a new cookie for each answer."""
    known = KnownSecrets()
    for number in range(2 * MOST):
        known.add("the-one-that-stays", lasting=True)
        known.add(f"an0ther-{number}-s3cret", lasting=lasting)
    forgotten, last = "an0ther-0-s3cret", f"an0ther-{2 * MOST - 1}-s3cret"
    text = f"{forgotten} {last} the-one-that-stays"
    assert {text[start:end] for start, end in known.spans(text)} == {last, "the-one-that-stays"}
    forms = {form for found in known._aligned.values() for form, _ in found}
    assert len(forms) < 60 * MOST * 2


def test_short_secrets_and_words_of_scim_are_not_looked_for() -> None:
    known = KnownSecrets()
    for secret in ("abc", "password", "Active", "********", "abcd"):
        known.add(secret, lasting=False)
    assert list(known.spans("abc password Active ******** abcd")) == [(29, 33)]


def test_a_place_in_decoded_text_is_one_in_the_original() -> None:
    raw = r"a\"b\u00e9c\ud83d\ude00d\\e"
    decoded = without_json_escapes(raw)
    assert decoded.text.encode("latin-1").decode() == 'a"bé' + "c\N{GRINNING FACE}d\\e"
    for char, spelled in (('"', r"\""), ("c", "c"), ("d", "d"), ("\\", r"\\"), ("e", "e")):
        at = decoded.text.index(char)
        start, end = decoded.original((at, at + 1))
        assert raw[start:end] == spelled
