"""Stand-ins: another text of the same kind for each word, number, id, host and address, the same each time.

The mapping is in memory only. A capture is gone through twice: first everything that will be replaced is
collected, so that no stand-in is by chance what somebody else is called.
"""

from __future__ import annotations

import ipaddress
import random
import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from scimproof.capture.share.rules import SharingRules

VOWELS, CONSONANTS, HEX = "aeiou", "bcdfghklmnprstvwz", "0123456789abcdef"
SHORT = 3  # letters or digits of what may be a stand-in of one and the original of another
DOMAIN = "example.com"
RESERVED = re.compile(r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)", re.IGNORECASE)
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})
MIXED = re.compile(r"([^\W\d_]+)(\d+)")
PIECES = re.compile(r"[^\W_]+")
NETWORKS = tuple(
    map(ipaddress.IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
)  # RFC 5737
NETWORK_6 = ipaddress.IPv6Address("2001:db8::")  # RFC 3849
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
CHECKED = 4  # characters from which a stand-in is never another's original


class StandInMapping:
    """The stand-ins of one capture; `collecting`, everything stays what it is and is remembered.

    `originals` are all words, numbers and ids that are replaced, in lower case.
    """

    def __init__(self, rules: SharingRules, rng: random.Random | None = None) -> None:
        self.collecting = True
        self.originals: set[str] = set()
        self.hosts: set[str] = set()
        self._rules, self._rng = rules, rng or random.SystemRandom()
        self._public = rules.public_words
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self._addresses: dict[str, str] = {}

    def word(self, text: str) -> str:
        """The stand-in of a run of letters and digits: as long, in the same letter case, as odd."""
        if HAN.search(text) and len(text) > 1:
            return "".join(map(self.word, HAN.sub(r"\0\g<0>\0", text).split("\0")))
        if not text:
            return text
        mixed = MIXED.fullmatch(text)
        if mixed:
            return self.word(mixed[1]) + self.word(mixed[2])
        if text.isdecimal() and text.isascii():
            return self._stand_in(text, self._number)
        if any(char.isdigit() for char in text):
            return _in_case_of(text, self._stand_in(_lower(text), self._opaque))
        return _in_case_of(text, self._stand_in(_lower(text), self._letters))

    def hex_id(self, text: str) -> str:
        """The stand-in of a GUID, with or without dashes, in the same letter case."""
        made = self._stand_in(text.replace("-", "").lower(), self._hex)
        if any(char in "ABCDEF" for char in text):
            made = made.upper()
        return f"{made[:8]}-{made[8:12]}-{made[12:16]}-{made[16:20]}-{made[20:]}" if "-" in text else made

    def host(self, text: str) -> str:
        """The stand-in of a host or mail domain, below example.com; those of one domain share its part."""
        if RESERVED.fullmatch(text):
            labels, suffix = (
                text.split("."),
                2 if "." in text and text.lower().split(".")[-2] == "example" else 1,
            )
            kept = ".".join(labels[-suffix:])
            return ".".join([*map(self._label, labels[:-suffix]), kept])
        self.hosts.add(text.lower())
        labels = text.split(".")
        ends = 1
        if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2].lower() in SECOND_LEVEL:
            ends = 2
        if len(labels) == 1:
            return self._label(text)
        own = [self._label(label) for label in labels[:-ends]]
        if self.collecting:
            return text
        return ".".join([*own, DOMAIN.upper() if labels[-1].isupper() else DOMAIN])

    def _label(self, label: str) -> str:
        return PIECES.sub(
            lambda found: found[0] if found[0].lower() in self._rules.hosts else self.word(found[0]), label
        )

    def address(self, text: str) -> str:
        """The stand-in of an IP address, of the ranges for documentation; loopback addresses stay."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return PIECES.sub(lambda found: self.word(found[0]), text)
        if address.is_loopback or address.is_unspecified:
            return text
        key = address.compressed
        if self.collecting:
            self._addresses.setdefault(key, "")
            return text
        if not self._addresses.get(key):
            place = sum(1 for made in self._addresses.values() if made) + 1
            self._addresses[key] = _documented(address.version, place)
        return self._addresses[key]

    def is_host(self, text: str) -> bool:
        """Whether that was seen as a host or mail domain, or is of a domain for documentation."""
        return text.lower() in self.hosts or bool(RESERVED.fullmatch(text))

    @property
    def addresses(self) -> dict[str, str]:
        """IP addresses and their stand-ins."""
        return self._addresses

    def _stand_in(self, key: str, make: Callable[[str], Iterator[str]]) -> str:
        found = self._given.get(key)
        if found:
            return found
        self.originals.add(key)
        if self.collecting:
            return key
        checked = len(key) >= CHECKED
        for made in make(key):
            if made in self._taken or (checked and (made in self.originals or made in self._public)):
                continue
            if made != key or len(key) <= SHORT:
                self._taken.add(made)
                self._given[key] = made
                return made
        # All of that length are taken: it becomes one that stands for another too.
        return self._given.setdefault(key, next(make(key)))

    def _letters(self, key: str) -> Iterator[str]:
        """Words as long as that one, of letters that can be spoken; odd ones stay at their places."""
        ascii_too = any(char.isascii() for char in key)
        for attempt in range(2000):
            vowel = self._rng.random() < 0.5
            made = []
            for char in key:
                if char.isascii():
                    pool = string.ascii_lowercase if attempt > 500 else VOWELS if vowel else CONSONANTS
                    made.append(self._rng.choice(pool))
                    vowel = not vowel
                elif not char.isalpha() or (ascii_too and unicodedata.name(char, "").startswith("LATIN")):
                    made.append(char)  # an odd letter among ordinary ones stays, and what it is odd for
                else:
                    made.append(self._rng.choice(_alike(char)))
            yield "".join(made)
        if len(key) <= 2 and key.isascii():
            letters = string.ascii_lowercase
            yield from letters if len(key) == 1 else (a + b for a in letters for b in letters)

    def _number(self, key: str) -> Iterator[str]:
        zeros = len(key) - len(key.lstrip("0"))
        if zeros == len(key):
            yield key
            return
        for _ in range(2000):
            rest = "".join(self._rng.choices(string.digits, k=len(key) - zeros - 1))
            yield "0" * zeros + self._rng.choice(string.digits[1:]) + rest
        if len(key) <= SHORT:
            yield from (
                str(n).zfill(len(key)) for n in range(10 ** (len(key) - zeros - 1), 10 ** (len(key) - zeros))
            )

    def _hex(self, key: str) -> Iterator[str]:
        # Version and variant of a GUID stay (RFC 9562 section 4): servers look at them.
        while True:
            made = "".join(self._rng.choices(HEX, k=len(key)))
            yield made[:12] + key[12] + made[13:16] + key[16] + made[17:] if len(key) == 32 else made

    def _opaque(self, key: str) -> Iterator[str]:
        """Letters for letters and digits for digits; hexadecimal stays so, and the fixed start of an id."""
        start = next((each for each in self._rules.id_starts if key.startswith(each) and len(key) >= 12), "")
        letters = "abcdef" if len(key) >= 8 and set(key) <= set(HEX) else string.ascii_lowercase
        for _ in range(5000):
            made = (
                self._rng.choice(string.digits) if char.isdecimal()
                else self._rng.choice(letters) if char.isascii() else char
                for char in key[len(start) :]
            )  # fmt: skip
            yield start + "".join(made)


def _lower(text: str) -> str:
    """The text in lower case, character for character."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _in_case_of(text: str, made: str) -> str:
    """The stand-in with capitals where the text has them."""
    if text.islower():
        return made
    return "".join(
        new.upper() if old.isupper() and len(new.upper()) == 1 else new
        for old, new in zip(text, made, strict=True)
    )


def _documented(version: int, place: int) -> str:
    if version == 6:
        return str(NETWORK_6 + place)
    network = NETWORKS[(place - 1) // 254 % len(NETWORKS)]
    return str(network[(place - 1) % 254 + 1])


@cache
def _alike(char: str) -> str:
    """Letters of the same script and kind: those around it in Unicode."""
    size = 0x1000 if HAN.match(char) else 0x80
    start = ord(char) // size * size
    around = map(chr, range(start, start + size))
    return "".join(each for each in around if _kind(each) == _kind(char) and each != char) or char


def _kind(char: str) -> tuple[str, str]:
    """The category of a character and the script that is in its name."""
    return unicodedata.category(char), unicodedata.name(char, "?").split()[0]
