"""What is wrong with the form of an answer's body, whatever was asked: errors, lists, answers to writes."""

from __future__ import annotations

from scimproof.checks.lists import LIST, is_integer
from scimproof.checks.watching import ERROR
from scimproof.render.diagnosis.traffic import Talk
from scimproof.scene import look

COUNTERS = ("totalResults", "startIndex", "itemsPerPage")


def forms(talk: Talk) -> list[tuple[str, str]]:
    """In a few words what is wrong with the body, and the attribute that a check of it names ("" for any)."""
    if talk.row.get("truncated") or talk.error:
        return []
    if not talk.row["body"]:
        return [] if talk.ok and (talk.status == 204 or talk.method == "DELETE") else [("empty", "")]
    if not isinstance(talk.came, dict):
        return [("no JSON object", "")]
    if not talk.ok:
        return _error(talk)
    if talk.writes:
        return [] if look(talk.came, "id") or talk.method != "POST" else [("no id", "")]
    return [] if talk.id else [(word, "") for word in _list(talk)]


def _error(talk: Talk) -> list[tuple[str, str]]:
    schemas, status = look(talk.came, "schemas"), look(talk.came, "status")
    if not isinstance(schemas, list) or ERROR not in schemas:
        return [("no Error schema", "")]
    told = [("no status" if status is None else f"status {type(status).__name__}", "status")]
    told += [("status of another error", "status")] if str(status) != str(talk.status) else []
    return told + ([("no detail", "detail")] if not look(talk.came, "detail") else [])


def _list(talk: Talk) -> list[str]:
    body = talk.came
    wrong = [name for name in COUNTERS if body.get(name) is not None and not is_integer(body[name])]
    if wrong:
        return ["counters that are no integers"]
    if body.get("totalResults") is None:
        return ["no totalResults"]
    if not isinstance(body.get("Resources"), list) and body["totalResults"]:
        return ["no Resources list"]
    schemas = look(body, "schemas")
    return [] if isinstance(schemas, list) and LIST in schemas else ["no ListResponse schema"]
