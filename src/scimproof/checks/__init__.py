"""Check functions: what can be asked of an answer; suites/ bind them to requirements."""

from scimproof.checks.attributes import (
    absent,
    echoes,
    is_boolean,
    is_text,
    kept,
    never_shows,
    same_id,
    stays,
    value_is,
)
from scimproof.checks.groups import members_are, members_include, no_member_twice
from scimproof.checks.lists import counters_are_integers, finds_nothing, finds_one, is_list
from scimproof.checks.observed import (
    tells,
    tells_blank,
    tells_flag,
    tells_members,
    tells_nobody,
    tells_times,
)
from scimproof.checks.status import answers, no_body, refuses

__all__ = [
    "absent",
    "answers",
    "counters_are_integers",
    "echoes",
    "finds_nothing",
    "finds_one",
    "is_boolean",
    "is_list",
    "is_text",
    "kept",
    "members_are",
    "members_include",
    "never_shows",
    "no_body",
    "no_member_twice",
    "refuses",
    "same_id",
    "stays",
    "tells",
    "tells_blank",
    "tells_flag",
    "tells_members",
    "tells_nobody",
    "tells_times",
    "value_is",
]
