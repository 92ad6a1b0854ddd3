"""People and groups whose names servers stumble over, each kind in a sequence of its own."""

from __future__ import annotations

from dataclasses import replace

from scimproof.checks import answers, echoes, kept
from scimproof.checks.attributes import all_kept
from scimproof.checks.lists import first, found
from scimproof.checks.status import accepts_or_declines
from scimproof.core.definitions import Ask, Check, Sequence, Step

from ..bundles import (
    CREATE,
    GET,
    GROUP_CREATE,
    GROUP_FIND,
    GROUP_GET,
    GROUP_ID_TOLD,
    ID_TOLD,
    IDENTITY,
    answered,
    given_group,
    search_hits,
    search_misses,
)
from ..groups.groups_oin import THE_GROUP

ACCEPTS_TEXT, KEEPS_TEXT = "okta-unicode-accepted", "okta-unicode-kept"
ACCEPTS_MARKS, KEEPS_MARKS = "okta-punctuation-accepted", "okta-punctuation-kept"
HIT: Ask = found("user.userName")
MARKUP = "markup"  # a target may decline what could be a script


def odd(
    id: str, kind: str, title: str, accepted: str, keeps: str, found: str = "okta-search-hit"
) -> Sequence:
    """Create somebody of that kind, read them back, find them."""
    taken = (
        (Check(accepted, accepts_or_declines("markup in a name"), beside=CREATE),)
        if kind == MARKUP
        else answered(accepted, 201, 200, beside=CREATE)
    )
    return Sequence(
        id=id,
        title=title,
        source="OKTA-05, OKTA-07; wire-facts section 6 (charset)",
        people={"user": kind},
        steps=(
            search_misses(),
            Step(id="create", request=CREATE, creates="user", checks=(*taken, ID_TOLD)),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("okta-username-kept", kept("create", "userName")),
                    Check(keeps, all_kept("create", "name.givenName", "name.familyName")),
                    Check("okta-display-name-kept", kept("create", "displayName")),
                ),
            ),
            Step(
                id="find-back",
                request=search_hits("x").request,
                checks=(*answered("okta-search-answered", 200), Check(found, HIT)),
            ),
        ),
    )


def odd_group(id: str, kind: str, title: str, accepted: str, keeps: str) -> Sequence:
    """Create a group of that kind, read it back, find it by its name."""
    return Sequence(
        id=id,
        title=title,
        source="OKTA-15, OKTA-16",
        groups={"group": kind},
        steps=(
            Step(
                id="create",
                request=GROUP_CREATE,
                creates="group",
                checks=(
                    Check(
                        accepted,
                        accepts_or_declines("this name") if kind in ("long", MARKUP) else answers(201, 200),
                        beside=GROUP_CREATE,
                    ),
                    GROUP_ID_TOLD,
                    Check("okta-group-create-echo-name", echoes("displayName")),
                ),
            ),
            Step(
                id="read-back",
                request=GROUP_GET,
                checks=(*THE_GROUP, Check(keeps, kept("create", "displayName"))),
            ),
            Step(
                id="find-back",
                request=GROUP_FIND,
                checks=(
                    *answered("okta-search-answered", 200),
                    Check("okta-search-hit", first("id", "group.id")),
                ),
            ),
        ),
    )


def quoted_group() -> Sequence:
    """Create a group with double quotes and backslashes, read it back; it is not searched for by name."""
    whole = odd_group(
        "okta.oin.group.quotes",
        "quotes",
        "A group with double quotes and backslashes",
        ACCEPTS_MARKS,
        KEEPS_MARKS,
    )
    return replace(whole, steps=whole.steps[:2])


def quoted_search() -> Sequence:
    """Search for a group whose name has double quotes; how Okta escapes them is inferred."""
    return Sequence(
        id="okta.oin.group.quotes-search",
        title="Search for a group with double quotes and backslashes",
        source="OKTA-15; the escaping is RFC 7644 section 3.4.2.2's",
        groups={"group": "quotes"},
        steps=(
            given_group(),
            Step(
                id="search",
                request="okta/both/group-find-quoted.http",
                checks=(
                    *answered("okta-search-answered", 200),
                    Check("okta-search-hit", first("id", "group.id")),
                ),
            ),
        ),
    )


SEQUENCES = (
    odd("okta.oin.user.german", "german", "A user with German and Turkish letters", ACCEPTS_TEXT, KEEPS_TEXT),
    odd("okta.oin.user.polish", "polish", "A user with a Polish name", ACCEPTS_TEXT, KEEPS_TEXT),
    odd("okta.oin.user.japanese", "japanese", "A user with a Japanese name", ACCEPTS_TEXT, KEEPS_TEXT),
    odd("okta.oin.user.arabic", "arabic", "A user with an Arabic name", ACCEPTS_TEXT, KEEPS_TEXT),
    odd(
        "okta.oin.user.emoji", "emoji", "A user with letters beyond the basic plane", ACCEPTS_TEXT, KEEPS_TEXT
    ),
    odd(
        "okta.oin.user.apostrophe",
        "apostrophe",
        "A user with apostrophes in name and address",
        ACCEPTS_MARKS,
        KEEPS_MARKS,
        "okta-search-finds-apostrophe",
    ),
    odd(
        "okta.oin.user.plus",
        "plus",
        "A user with a plus in the address",
        "okta-create-answered",
        "okta-given-name-kept",
        "okta-search-finds-plus",
    ),
    odd(
        "okta.oin.user.punctuation",
        "special",
        "A user with quotes, brackets and a backslash",
        ACCEPTS_MARKS,
        KEEPS_MARKS,
    ),
    odd("okta.oin.user.markup", MARKUP, "A user with markup in the name", ACCEPTS_MARKS, KEEPS_MARKS),
    odd(
        "okta.oin.user.one-letter",
        "one-letter",
        "A user whose names have one letter each",
        "okta-one-letter-accepted",
        "okta-family-name-kept",
    ),
    Sequence(
        id="okta.oin.user.long",
        title="A user whose names have 200 letters each",
        source="OKTA-07; D-226",
        people={"user": "long"},
        steps=(
            search_misses(),
            Step(
                id="create",
                request=CREATE,
                creates="user",
                checks=(
                    Check("okta-long-accepted", accepts_or_declines("names of 200 letters"), beside=CREATE),
                    ID_TOLD,
                ),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("okta-long-not-cut", all_kept("create", "name.givenName", "name.familyName")),
                ),
            ),
        ),
    ),
    odd_group(
        "okta.oin.group.marks",
        "marks",
        "A group with apostrophe, commas and brackets",
        ACCEPTS_MARKS,
        KEEPS_MARKS,
    ),
    odd_group("okta.oin.group.markup", MARKUP, "A group with markup in its name", ACCEPTS_MARKS, KEEPS_MARKS),
    quoted_group(),
    quoted_search(),
    odd_group(
        "okta.oin.group.unicode", "unicode", "A group with letters of many scripts", ACCEPTS_TEXT, KEEPS_TEXT
    ),
    odd_group(
        "okta.oin.group.long",
        "long",
        "A group whose name has 200 characters",
        "okta-long-accepted",
        "okta-long-not-cut",
    ),
)
