"""People made at random, in every place and spelling: none of them is in any file, and all are told apart."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.reader import Capture
from tests.capture.share.shared import answer, exchange, request, shared
from tests.capture.share.test_sharing import forms

PIECES = (
    "'",
    "-",
    " ",
    ".",
    "+",
    "_",
    "%",
    '"',
    "\\",
    "&",
    "/",
    "é",
    "ß",
    "İ",
    "山",
    "🙂",
    "ǅ",
    "%41",
    "\u0308",
    "ﬀ",
    "1",
)

MEMBERS = (
    "userName", "displayName", "value", "name", "title", "custom", "detail", "description", "path", "filter",
    "$ref", "type", "location", "schemas", "locale", "emails", "urn:acme:2.0:User", "op", "phoneNumbers",
    "members", "message",
)  # fmt: skip


class Maker:
    """Makes people; every one of them has a word of its own, the canary, in each value."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.canaries: list[str] = []

    def word(self) -> str:
        """A word that is in no language, and is remembered."""
        word = "zq" + "".join(self._rng.choices(string.ascii_lowercase, k=self._rng.randrange(4, 9))) + "x"
        self.canaries.append(word)
        return self._rng.choice((str, str.upper, str.capitalize))(word)

    def text(self) -> str:
        """A value around such a word."""
        rng = self._rng
        some = rng.choices(PIECES, k=rng.randrange(4))
        return "".join([*some[:1], self.word(), *some[1:]])

    def spelled(self, text: str) -> str:
        """The text, as somebody may have put it into another text."""
        about = base64.b64encode(f"about {text} again".encode()).decode()
        url = f"https://a.{self.word()}.com/{quote(text)}"
        return self._rng.choice((
            text, quote(text), quote_plus(text), quote(quote(text)), html.escape(text),
            json.dumps({"user": text}), about, url, f"User {text} was not found",
        ))  # fmt: skip

    def value(self, depth: int = 0) -> Any:
        """A JSON value of any form."""
        rng = self._rng
        if depth > 2 or rng.random() < 0.5:
            return rng.choice(
                (
                    self.text,
                    lambda: self.spelled(self.text()),
                    lambda: rng.randrange(10**9, 10**12),
                    lambda: None,
                )
            )()
        if rng.random() < 0.4:
            return [self.value(depth + 1) for _ in range(rng.randrange(3))]
        made = {rng.choice(MEMBERS): self.value(depth + 1) for _ in range(rng.randrange(1, 6))}
        if rng.random() < 0.2:
            made[f"{self.word()}@{self.word()}.com"] = self.value(depth + 1)
        return made

    def exchange(self, number: int) -> CapturedExchange:
        """An exchange with such values in its body, path, query and headers."""
        name, body = self.text(), json.dumps(self.value(), ensure_ascii=self._rng.random() < 0.5)
        mail = f"{quote(self.text())}@{self.word()}.co.uk"
        filters = (
            f"userName eq {json.dumps(name)}",
            f'emails[type eq "work"].value eq "{mail}"',
            name,
            f"{name} eq {name}",
            f'"{name}',
        )
        query = f"filter={self._rng.choice((quote, quote_plus))(self._rng.choice(filters))}"
        target = self._rng.choice((
            f"/scim/v2/Users/{quote(name, safe='')}", f"/{quote(self.text())}/scim/v2/Users?{query}",
            f"/scim/v2/Users?{quote_plus(self.text())}={quote(self.text())}&{query}",
        ))  # fmt: skip
        headers = (
            f"User-Agent: {self.word()}/1.0 ({self.word()}; Linux)",
            f"X-Request-Id: {self.word()}",
            f"Referer: https://{self.word()}.com/{quote(self.text())}",
        )
        detail = json.dumps({"detail": f"{self.spelled(name)}: {self.text()} of {mail}", "status": "409"})
        said = answer(
            "409 Conflict",
            f"Location: https://{self.word()}.com/Users/{quote(name)}",
            f'ETag: W/"{self.word()}"',
            body=detail.encode(),
        )
        return exchange(
            number,
            request(f"POST {target}", *headers, body=body.encode("utf-8", "replace")),
            said,
            error=f"no {self.word()} at {mail}",
        )


@pytest.mark.parametrize("seed", range(8))
def test_nobody_made_at_random_gets_out(seed: int, tmp_path: Path) -> None:
    maker = Maker(seed)
    sent = [maker.exchange(number) for number in range(1, 40)]
    shared(tmp_path, *sent, seed=seed)
    for path in (tmp_path / "out").iterdir():
        seen = forms(path.read_text(encoding="utf-8"))
        assert not [canary for canary in maker.canaries if canary in seen], path
    got = list(Capture(tmp_path / "out"))
    for one, other in zip(sent, got, strict=True):
        assert other.request.header("Content-Length") == str(len(other.request.body))
        assert _form(one.request.json) == _form(other.request.json)


def _form(value: Any) -> Any:
    """What kinds of values there are, and how many."""
    if isinstance(value, dict):
        return [_form(each) for each in value.values()]
    return [_form(each) for each in value] if isinstance(value, list) else type(value)
