"""Malformed bodies of answers: error, list and write answers with wrong members or types."""

from __future__ import annotations

from typing import NamedTuple

from scimproof.core.scim import ERROR, LIST_RESPONSE
from scimproof.render.diagnosis.scim import is_integer, look
from scimproof.render.diagnosis.traffic import Conversation
from scimproof.render.diagnosis.values import names

COUNTERS = ("totalResults", "startIndex", "itemsPerPage")


class Form(NamedTuple):
    """One malformation in a few words, and the attributes that a check of it names (all if none)."""

    wrong: str
    about: tuple[str, ...] = ()

    def concerns(self, text: str) -> bool:
        """Whether a check with that text is about this malformation."""
        return not self.about or any(names(text, name) for name in self.about)


def forms(talk: Conversation) -> list[Form]:
    """All malformations of an answer's body."""
    body = talk.row["body"]
    if talk.error or (not body and talk.ok and (talk.status == 204 or talk.method == "DELETE")):
        return []
    if not isinstance(talk.came, dict):
        cut = talk.row.get("truncated") and body.lstrip().startswith("{")
        return _cut(talk) if cut else [Form("no JSON object" if body else "empty")]
    if not talk.ok:
        return _error(talk)
    return _resource(talk) if talk.writes or talk.id else _list(talk)


def _cut(talk: Conversation) -> list[Form]:
    """Malformations that the beginning of a truncated body shows."""
    listed = talk.ok and talk.method == "GET" and not talk.id
    return [Form("no Resources list")] if listed and '"Resources"' not in talk.row["body"] else []


def _resource(talk: Conversation) -> list[Form]:
    id = look(talk.came, "id")
    if not id:
        return [Form("no id")] if talk.method == "POST" else []
    return [] if isinstance(id, str) else [Form("id that is no text", ("id",))]


def _error(talk: Conversation) -> list[Form]:
    schemas, status = look(talk.came, "schemas"), look(talk.came, "status")
    if not isinstance(schemas, list) or ERROR not in schemas:
        return [Form("no Error schema")]
    found = [Form("no status" if status is None else f"status {type(status).__name__}", ("status",))]
    found += [Form("status of another error", ("status",))] if str(status) != str(talk.status) else []
    return found + ([] if look(talk.came, "detail") else [Form("no detail", ("detail",))])


def _list(talk: Conversation) -> list[Form]:
    body, schemas = talk.came, look(talk.came, "schemas")
    wrong = [name for name in COUNTERS if body.get(name) is not None and not is_integer(body[name])]
    found = [Form("counters that are no integers", COUNTERS)] if wrong else []
    if body.get("totalResults") is None:
        found.append(Form("no totalResults", ("totalResults",)))
    elif not isinstance(body.get("Resources"), list) and body["totalResults"]:
        found.append(Form("no Resources list"))
    lists = isinstance(schemas, list) and LIST_RESPONSE in schemas
    return found if lists else [*found, Form("no ListResponse schema", ("schemas",))]
