"""What was met and replaced in a capture, counted by kind; stand-ins may be shown, originals never are."""

from __future__ import annotations

import re
from typing import Any

from scimproof.capture.share.rules import SharingRules, ValueKind

WORD = re.compile(r"[^\W_]+")
LETTERS = re.compile(r"[^\W\d_]{3,}")
EXAMPLES = 3
PEOPLE, MAILS, NAMES, IDS, HOSTS = "people", "e-mail addresses", "words of names", "ids", "hosts"
NETWORK, PHONES, PLACES, OTHER = "network addresses", "telephone numbers", "words of addresses", "other words"
NUMBERS, HEADERS = "numbers", "values of unknown headers"
KINDS = (PEOPLE, NAMES, MAILS, IDS, HOSTS, NETWORK, PHONES, PLACES, OTHER, NUMBERS, HEADERS)


class Tally:
    """Counts distinct originals by kind, in memory; knows what somebody is called, and which names stay."""

    def __init__(self, rules: SharingRules) -> None:
        self._rules = rules
        self._seen: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self._examples: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._personal: set[str] = set()
        self._values: set[str] = set()
        self._names: set[str] = set()
        self.kept_words: set[str] = set()  # in lower case

    def value(self, text: str, attribute: str) -> None:
        """A value that is replaced."""
        if attribute == "username":
            self._seen[PEOPLE].add(text.lower())

    def kept(self, text: str) -> None:
        """A value that stays, as the time zone Europe/Berlin: its words say nothing of anybody called so."""
        if text not in self.kept_words:
            self.kept_words.update(found.lower() for found in WORD.findall(text))

    def word(self, text: str, made: str, kind: ValueKind) -> str:
        """A word and its stand-in, which is returned."""
        if kind == "person":
            self._personal |= {text.lower(), *LETTERS.findall(text.lower())}
        if kind != "text":
            self._values |= {text.lower(), *LETTERS.findall(text.lower())}
        of = {"person": NAMES, "address": PLACES}.get(kind, OTHER)
        if text.isdecimal():
            of = NUMBERS
        elif len(text) >= 12 and any(char.isdigit() for char in text):
            of = IDS
        return self._count(of, text, made)

    def mail(self, text: str) -> None:
        """An e-mail address that is replaced."""
        self._count(MAILS, text, "")

    def id(self, text: str, made: str) -> str:
        """An id and its stand-in, which is returned."""
        return self._count(IDS, text.replace("-", ""), made)

    def host(self, text: str, made: str) -> str:
        """A host or mail domain and its stand-in, which is returned."""
        return self._count(HOSTS, text, made) if made != text else made

    def address(self, text: str, made: str) -> str:
        """An IP address and its stand-in, which is returned."""
        return self._count(NETWORK, text, made) if made != text else made

    def phone(self, text: str, made: str) -> str:
        """The digits of a telephone number and their stand-in, which is returned."""
        return self._count(PHONES, text, made)

    def unknown_header(self, name: str, value: str) -> None:
        """The value of a header that nobody knows, which is replaced."""
        self._count(HEADERS, f"{name}: {value}", "")

    def attribute(self, name: str) -> None:
        """The name of an attribute that stays."""
        if name.lower() not in self._rules.names:
            self._names.add(name)

    def is_personal(self, word: str) -> bool:
        """Whether the word is part of what somebody is called."""
        return word.lower() in self._personal

    def is_called(self, name: str) -> bool:
        """Whether a name is in a value too, as what somebody is called is, and of no public attribute."""
        return name.lower() in self._values and name.lower() not in self._rules.names

    @property
    def kept_names(self) -> list[str]:
        """Names of attributes that stay though only this server may have them."""
        return sorted(name for name in self._names if not self.is_called(name))

    def begin(self) -> None:
        """Count anew; what somebody is called stays known."""
        for kind in KINDS:
            self._seen[kind].clear()
            self._examples[kind].clear()

    def counts(self) -> list[dict[str, Any]]:
        """For each kind how many there were, and a few stand-ins."""
        return [
            {"kind": kind, "count": len(self._seen[kind]), "stand_ins": list(self._examples[kind])}
            for kind in KINDS
            if self._seen[kind]
        ]

    def _count(self, kind: str, original: str, made: str) -> str:
        seen = self._seen[kind]
        if original.lower() not in seen:
            seen.add(original.lower())
            if made and len(self._examples[kind]) < EXAMPLES:
                self._examples[kind].append(made)
        return made
