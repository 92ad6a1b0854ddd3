"""The resources of a run that an answer shows, each with its type, as the target's discovery tells it."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from scimproof.checks.every_answer import MOST_ROWS, collection, may_be_ours, shown
from scimproof.core.definitions import RunKnowledge
from scimproof.core.discovery import Discovery, ResourceType
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult
from scimproof.core.scim import (
    CORE_GROUP,
    CORE_USER,
    ENTERPRISE_USER,
    LIST_RESPONSE,
    PREFIX,
    discovers,
    has,
    id_of,
    resources,
    value_at,
)

MESSAGES = "urn:ietf:params:scim:api:"
# The types of RFC 7643, for a run that reads nothing of discovery.
USUAL = {
    "Users": ResourceType("User", "/Users", CORE_USER, (ENTERPRISE_USER,)),
    "Groups": ResourceType("Group", "/Groups", CORE_GROUP),
}

Own = tuple[ResourceType, Mapping[str, Json]]
Ask = Callable[[Exchange, ResourceType, Mapping[str, Json], RunKnowledge], CheckResult | None]


class _Latest(threading.local):
    """What this thread's last answer shows, since many questions ask for the same."""

    exchange: Callable[[], Exchange | None] = staticmethod(lambda: None)
    rows: Sequence[Own] = ()


_LATEST = _Latest()


def own(exchange: Exchange, run: RunKnowledge) -> Sequence[Own]:
    """The resources of an answer that this run created, with their types; nothing of discovery."""
    if _LATEST.exchange() is not exchange:
        _LATEST.rows = _own(exchange, run)
        _LATEST.exchange = weakref.ref(exchange)
    return _LATEST.rows


def _own(exchange: Exchange, run: RunKnowledge) -> list[Own]:
    if not exchange.ok or not isinstance(exchange.json, Mapping) or discovers(exchange.request.target):
        return []
    found = run.discovery()
    if found is None:
        return [(USUAL[collection(exchange)], row) for row in shown(exchange)]
    type, body = found.type_at(below(exchange, run)), exchange.json
    if is_list(body):
        rows = (row for row in resources(body) if isinstance(row, Mapping))
        known = ((type or type_of(row, found), row) for row in rows if _is_ours(row, run))
        return list(itertools.islice(((kind, row) for kind, row in known if kind), MOST_ROWS))
    if type is None or not _is_resource(exchange) or not may_be_ours(body):
        return []
    if exchange.request.method == "POST" and id_of(body):
        run.ids.add(id_of(body))
    return [(type, body)]


def below(exchange: Exchange, run: RunKnowledge) -> str:
    """The path of the request below the base, decoded."""
    return unquote(urlsplit(exchange.request.target).path).removeprefix(run.base)


def is_list(body: Json) -> bool:
    """Whether a body is a list of resources, rightly named or not."""
    schemas = value_at(body, "schemas")
    named = schemas if isinstance(schemas, list | str) else []
    return LIST_RESPONSE in named or value_at(body, "Resources") is not None


def type_of(row: Json, found: Discovery) -> ResourceType | None:
    """The type of a resource by what it says itself, in a list of several types."""
    name, schemas = value_at(row, "meta.resourceType"), value_at(row, "schemas")
    named = schemas if isinstance(schemas, list) else []
    by_name = (one for one in found.types if one.name == name)
    by_schema = (one for one in found.types if one.schema in named)
    return next(by_name, None) or next(by_schema, None)


def _is_resource(exchange: Exchange) -> bool:
    """Whether the body is a resource, or a part of one, and no message."""
    body, schemas = exchange.json, value_at(exchange.json, "schemas")
    named = schemas if isinstance(schemas, list) else []
    if any(isinstance(urn, str) and urn.startswith(MESSAGES) for urn in named):
        return False
    partial = exchange.request.method != "GET" and not has(body, "schemas") and not has(body, "meta")
    return exchange.request.method != "DELETE" and not partial


def _is_ours(row: Mapping[str, Json], run: RunKnowledge) -> bool:
    """Whether a run made a resource of a list: by its id, or by a name in it."""
    if id_of(row) in run.ids:
        return True
    return any(isinstance(value, str) and PREFIX.search(value.casefold()) for value in row.values())


def value_in(resource: Json, path: str) -> Json:
    """The value of an attribute by its path, which begins with the URN of an extension where it is in one."""
    urn, _, name = path.rpartition(":")
    return value_at(_container(resource, urn) if urn else resource, name)


def _container(resource: Json, urn: str) -> Json:
    rows = resource.items() if isinstance(resource, Mapping) else ()
    return next((value for key, value in rows if key.lower() == urn.lower()), None)


class OfResources:
    """A question to every resource of the run; the result is that of the first that breaks the rule."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def look(self, exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
        """The worst of what the resources of this answer show."""
        asked = (self._ask(exchange, type, row, run) for type, row in own(exchange, run))
        judged = [one for one in asked if one is not None]
        return next((one for one in judged if one.held is False), judged[0] if judged else None)

    def conclude(self, _: RunKnowledge) -> CheckResult | None:
        """Nothing beyond."""
        return None


def of_resources(ask: Ask) -> Callable[[], OfResources]:
    """What makes such a question for each run."""
    return lambda: OfResources(ask)


class OfAnswers:
    """A question to every answer of the run; to those of `discovery` endpoints only where it says so."""

    def __init__(
        self, ask: Callable[[Exchange, RunKnowledge], CheckResult | None], *, discovery: bool
    ) -> None:
        self._ask, self._discovery = ask, discovery

    def look(self, exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
        """What this answer shows."""
        if not self._discovery and discovers(exchange.request.target):
            return None
        return self._ask(exchange, run)

    def conclude(self, _: RunKnowledge) -> CheckResult | None:
        """Nothing beyond."""
        return None


def of_answers(
    ask: Callable[[Exchange, RunKnowledge], CheckResult | None], *, discovery: bool = False
) -> Callable[[], OfAnswers]:
    """What makes such a question for each run."""
    return lambda: OfAnswers(ask, discovery=discovery)
