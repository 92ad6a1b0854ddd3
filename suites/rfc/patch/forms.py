"""PATCH in every form: each on a resource of its own."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import rest_unchanged, shows
from ..people import create_user

SEQUENCES = (
    Sequence(
        id="rfc.patch.replace[single]",
        title="Replace a single value by its path",
        source="RFC 7644 section 3.5.2.3",
        needs=("patch",),
        people={"user": "plain"},
        steps=(
            create_user(),
            Step(
                id="patch",
                request="rfc/user-patch.http",
                blanks={"operations": '[{"op":"replace","path":"displayName","value":"{{prefix}} D3"}]'},
                needs=("attr:displayName",),
                checks=(Check("rfc7644-3.5.2-patch-status", answers(200, 204), gate=True),),
            ),
            Step(
                id="read",
                request="rfc/user-get.http",
                checks=(
                    Check("rfc7644-3.5.2.3-replaces", shows({"displayName": "{{prefix}} D3"}), gate=True),
                    Check("rfc7644-3.5.2.3-rest", rest_unchanged("create", "displayName")),
                ),
            ),
        ),
    ),
)
