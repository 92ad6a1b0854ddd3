"""Creates: what the server makes of a new resource, and what it has to refuse."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery, ResourceType

from .asks import kept
from .people import fitted


def minimal_body(type: ResourceType, discovery: Discovery) -> str:
    """A body with the required attributes of a type only, as a text with template variables."""
    return json.dumps(fitted({"schemas": [type.schema]}, type, discovery, "{{prefix}}.minima1"))


def each_type(discovery: Discovery) -> list[Case]:
    """Every resource type, with the smallest body that its schema allows."""
    return [
        Case(key=type.name, blanks={"endpoint": type.endpoint, "body": minimal_body(type, discovery)})
        for type in discovery.types
    ]


EXPANSIONS = {"types": Expansion(cases=each_type, blanks=frozenset({"endpoint", "body"}))}

SEQUENCES = (
    Sequence(
        id="rfc.create.minimal",
        title="Create with what is required and no more",
        source="RFC 7644 section 3.3",
        each="types",
        steps=(
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                checks=(Check("rfc7644-3.3-create-201", answers(201), gate=True),),
            ),
            Step(
                id="read",
                request="rfc/resource-get.http",
                checks=(Check("rfc7644-3.1-write-shows-stored", kept("create", "userName")),),
            ),
        ),
    ),
)
