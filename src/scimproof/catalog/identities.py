"""Test identities: users and groups from a seed, with the run's prefix in their names, at example.com."""

from __future__ import annotations

import hashlib
import random
import re
import string
import threading
import unicodedata
import uuid
from collections.abc import Callable
from typing import ClassVar

from faker import Faker

from scimproof.catalog.senders import ALPHABET, Identities
from scimproof.core.errors import CatalogError

DOMAIN = "example.com"
FORMS = Identities()


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


class Languages:
    """Faker's generators by locale: built on first use, seeded once for each identity.

    Building one takes 20 ms of CPU, and nearly all identities are American.
    """

    _built: ClassVar[dict[str, Faker]] = {}

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._seeded: dict[str, Faker] = {}

    def __getitem__(self, locale: str) -> Faker:
        if locale not in self._seeded:
            self._seeded[locale] = self._built.get(locale) or self._built.setdefault(locale, Faker(locale))
            self._seeded[locale].seed_instance(self._seed)
        return self._seeded[locale]


def _plain(fake: Languages) -> tuple[str, str]:
    letters = re.compile(r"[^A-Za-z]")
    return letters.sub("", fake["en_US"].first_name()), letters.sub("", fake["en_US"].last_name())


def _from(locale: str) -> Callable[[Languages], tuple[str, str]]:
    """A name of that language, each part one word (names of several words are another kind)."""
    return lambda fake: (fake[locale].first_name().split()[0], fake[locale].last_name().split()[-1])


# Kinds of test users. Each unusual kind has sequences of its own, so that a server that fails at an
# apostrophe is reported for the apostrophe and not for every create.
KINDS: dict[str, Callable[[Languages], tuple[str, str]]] = {
    "plain": _plain,
    "german": lambda _: ("Jürgen", "Weißmüller-Öztürk"),
    "polish": _from("pl_PL"),
    "japanese": lambda _: ("太郎", "山田"),
    "arabic": _from("ar_AA"),
    "emoji": lambda _: ("Zoë🙂", "李𠮷野"),
    "apostrophe": lambda _: ("D'Arcy", "O'Neil-A'Kelah"),
    "plus": _plain,
    "mixed-case": _plain,
    "underscore": _plain,
    "asterisk": _plain,
    "special": lambda _: ("Pat,(Jr)#2", 'Smith"Ace"&\\%41'),
    "markup": lambda _: ("Pat", "O<b>&amp;Smith"),
    "several-words": lambda _: ("Mary Ann", "de la Cruz"),
    "one-letter": lambda _: ("J", "O"),
    "long": lambda _: ("Wolfeschlegelstein" * 11 + "ab", "Hausenbergerdorff" * 11 + "abcdefghijklm"),
    "login": _plain,
    "employee-number": _plain,
    "other-domain": _plain,
    "runscope": _plain,
}
# The userName of these kinds is another text than the e-mail address, which stays an ordinary one.
LOGINS = {"login": "jdoe", "employee-number": "004711"}
OTHER_DOMAIN = "example.org"
# Kinds whose userName is what is unusual about them: a sender's own form of userName is not for them.
NAMED = frozenset({*LOGINS, "other-domain", "plus", "mixed-case", "underscore", "asterisk", "apostrophe"})
LONGEST = 40  # characters of one attribute inside a userName
# What is the same for all of them, with the value that a profile update gives each (`new...`).
PROFILE: dict[str, str] = {
    "locale": "en-US",
    "newLocale": "de-DE",
    "middleName": "Robin",
    "newMiddleName": "Alexis",
    "honorificPrefix": "Dr.",
    "newHonorificPrefix": "Prof.",
    "honorificSuffix": "Jr.",
    "newHonorificSuffix": "III",
    "userType": "Employee",
    "newUserType": "Contractor",
    "preferredLanguage": "en-US",
    "newPreferredLanguage": "de-DE",
    "timezone": "America/New_York",
    "newTimezone": "Europe/Berlin",
    "street": "100 Main Street",
    "newStreet": "7 Harbour Road",
    "city": "Springfield",
    "newCity": "Portsmouth",
    "state": "IL",
    "newState": "NH",
    "zipCode": "62701",
    "newZipCode": "03801",
    "country": "US",
    "organization": "Example",
    "newOrganization": "Example Europe",
    "division": "Operations",
    "newDivision": "Services",
    "department": "Sales",
    "newDepartment": "Support",
    "managerId": "26118915-0000-4000-8000-000000000001",
    "newManagerId": "26118915-0000-4000-8000-000000000002",
    "managerName": "The Manager",
    "newManagerName": "Another Manager",
}
# Not a kind to be generated: a user of the run's shared population, whom no sequence may change.
RESIDENT = "resident"
ORDINARY = frozenset({"plain", "mixed-case", "runscope", RESIDENT})  # without anything unusual in their names
_ONE_AT_A_TIME = threading.Lock()  # Faker's generators are shared and reseeded for each person


def person(
    seed: int, prefix: str, where: str, kind: str = "plain", forms: Identities = FORMS
) -> dict[str, str]:
    """The template variables of one test user; `where` (sequence and role) makes it unique in a run.

    The same `seed` and `where` give the same user. Only the names that begin with `prefix` and externalId (in
    the sender's form) differ between runs, since a target may still have the users of an earlier run.
    """
    _check_kind(where, kind)
    tag = hashlib.sha256(where.encode()).hexdigest()[:6]
    rng = random.Random(f"{seed}/{where}")
    mine = random.Random(f"{prefix}/{seed}/{where}")
    with _ONE_AT_A_TIME:
        fake = Languages(f"{seed}/{where}")
        given, family = KINDS[kind](fake)
        new_family = _plain(fake)[1] + "son"
        if kind == "several-words":
            new_family = f"van der {new_family}"
        title = fake["en_US"].job().replace('"', "")
    if kind == "runscope":
        return _runscope(rng, prefix, tag)
    local = _local(prefix, tag, kind, given, family, forms.plus)
    user_name = _user_name(prefix, tag, kind, local)
    made = _spelled(local, given, family, new_family, title, user_name)
    made["login"] = f"{prefix}.{tag}.{LOGINS['login']}"
    made["localPart"] = local
    drawn = _drawn(rng, mine, forms, made)
    if forms.user_name and kind not in NAMED:
        made |= _renamed(_formed(forms.user_name, prefix, tag, PROFILE | made | drawn))
    return PROFILE | made | drawn


def person_blanks(where: str, kind: str) -> frozenset[str]:
    """The names of the template variables of a user of that kind, without generating one."""
    _check_kind(where, kind)
    rng = random.Random(0)
    if kind == "runscope":
        return frozenset(_runscope(rng, "", ""))
    return frozenset(
        {*PROFILE, "login", "localPart", *_spelled("", "", "", "", "", ""), *_drawn(rng, rng, FORMS, {})}
    )


def _check_kind(where: str, kind: str) -> None:
    if kind not in KINDS:
        raise CatalogError(f"{where}: no kind of person is called {kind!r}; there are {', '.join(KINDS)}")


def _local(prefix: str, tag: str, kind: str, given: str, family: str, plus: str) -> str:
    """The local part of the address."""
    local = f"{prefix}.{tag}.{_ascii(given)[:12] or 'a'}.{_ascii(family)[:14] or 'b'}"
    if kind == "plus":
        local += plus
    if kind == "apostrophe":
        local = f"{prefix}.{tag}.o'neil"
    if kind == "underscore":
        local = f"{prefix}.{tag}.p_q"
    if kind == "asterisk":  # legal in an address, but rare: a target may refuse it
        local = f"{prefix}.{tag}.q*r"
    if kind == "mixed-case":
        local = f"{prefix}.{tag}.{given}.{family}"
    return local


def _user_name(prefix: str, tag: str, kind: str, local: str) -> str:
    """The userName: the e-mail address, but for the kinds that have another."""
    if kind in LOGINS:
        return f"{prefix}.{tag}.{LOGINS[kind]}"
    return f"{local}@{OTHER_DOMAIN if kind == 'other-domain' else DOMAIN}"


def _formed(template: str, prefix: str, tag: str, known: dict[str, str]) -> str:
    """The userName by a sender's template; it begins with the run's prefix, as all names of a run do."""
    plain = {
        name: value if re.fullmatch(r"[\w.@+-]*", value, re.ASCII) else _ascii(value)
        for name, value in known.items()
    }
    short = {key: value if "@" in value else value[:LONGEST] for key, value in plain.items()}
    name = template.format_map(short)
    return name if name.startswith(prefix) else f"{prefix}.{tag}.{name}"


def _renamed(user_name: str) -> dict[str, str]:
    """The userName, in capitals, and after a change of it."""
    login, at, domain = user_name.partition("@")
    return {
        "userName": user_name,
        "userNameUpper": user_name.upper(),
        "newUserName": f"{login}.renamed{at}{domain}",
    }


def _spelled(
    local: str, given: str, family: str, new_family: str, title: str, user_name: str
) -> dict[str, str]:
    """The attributes that follow from the name."""
    return _renamed(user_name) | {
        "underscoreLookalike": f"{local.replace('p_q', 'p1q')}@{DOMAIN}",
        "asteriskLookalike": f"{local.replace('q*r', 'q22r')}@{DOMAIN}",
        "email": f"{local}@{DOMAIN}",
        "newEmail": f"{local}.new@{DOMAIN}",
        "secondEmail": f"{local}.home@example.net",
        "newSecondEmail": f"{local}.private@example.net",
        "profileUrl": f"https://people.{DOMAIN}/{local}",
        "newProfileUrl": f"https://people.{DOMAIN}/{local}.new",
        "givenName": given,
        "familyName": family,
        "newGivenName": f"{given}update",
        "newFamilyName": new_family,
        "displayName": f"{given} {family}",
        "newDisplayName": f"{given} {new_family}",
        "nickName": given[:4],
        "newNickName": f"{given[:4]}ie",
        "title": title,
        "newTitle": f"Senior {title}",
    }


def _drawn(
    rng: random.Random, mine: random.Random, forms: Identities, known: dict[str, str]
) -> dict[str, str]:
    """The attributes drawn at random; those that a target may want to be unique are drawn by `mine`."""
    return {
        "externalId": forms.new_external_id(mine, known),
        **guids(mine),
        "password": "".join(rng.choices(ALPHABET, k=8)),
        "newPassword": "N3w-" + "".join(rng.choices(ALPHABET, k=10)),
        "phone": f"+1415555{rng.randrange(100, 200):04d}",
        "employeeNumber": str(rng.randrange(100, 999)),
        "costCenter": str(rng.randrange(4000, 4999)),
        "badge": f"B-{rng.randrange(1000, 9999)}",
        "newPhone": f"+1415555{rng.randrange(200, 300):04d}",
        "mobile": f"+1415555{rng.randrange(300, 400):04d}",
        "newMobile": f"+1415555{rng.randrange(400, 500):04d}",
        "newEmployeeNumber": str(rng.randrange(1000, 9999)),
        "newCostCenter": str(rng.randrange(5000, 5999)),
    }


def guids(mine: random.Random) -> dict[str, str]:
    """The GUID under which the provider itself knows somebody, and its 32 digits alone."""
    guid = _guid(mine)
    return {"guid": guid, "guidDigits": guid.replace("-", "")}


def _guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _runscope(rng: random.Random, prefix: str, tag: str) -> dict[str, str]:
    """Names as the suite of spec-test-steps section 1 makes them, with the prefix and at example.com."""
    first_digits, last_digits = ("".join(rng.choices(string.digits, k=3)) for _ in range(2))
    first = f"Runscope{first_digits}"
    letters = rng.choice(string.ascii_uppercase) + "".join(rng.choices(string.ascii_lowercase, k=8))
    last = letters + last_digits
    email = f"{prefix}.{tag}.{first}{last}@{DOMAIN}"
    return {
        "givenName": first,
        "familyName": last,
        "userName": email,
        "userNameUpper": email.upper(),
        "email": email,
        "displayName": f"{first} {last}",
    }


GROUPS: dict[str, str] = {
    "plain": "APP Target Users",
    "marks": "R&D O'Neil, (EU) #1 + 50% a/b;c",
    "markup": "R <b>&amp; D",
    "quotes": 'The "Crème" of C:\\EU',
    "unicode": "Größe 東京 🙂",
    "long": "Long " * 36,
}


def group(prefix: str, where: str, kind: str = "plain") -> dict[str, str]:
    """The template variables of one test group; the name of a long one has exactly 200 characters."""
    if kind not in GROUPS:
        raise CatalogError(f"{where}: no kind of group is called {kind!r}; there are {', '.join(GROUPS)}")
    tag = hashlib.sha256(where.encode()).hexdigest()[:6]
    name = f"{prefix}.{tag} {GROUPS[kind]}".strip()
    if kind == "long":
        name = (name + " Long" * 40)[:199] + "."
    mine = random.Random(f"{prefix}/{where}")
    return {
        "displayName": name,
        "displayNameUpper": name.upper(),
        "newDisplayName": f"{prefix}.{tag} renamed {GROUPS[kind]}".strip()[:200],
        "externalId": _guid(mine),
        "newExternalId": _guid(mine),
    }
