"""Serialises exchanges for the report: redacted, without resources of others, truncated."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from scimproof.catalog.request_template import compact
from scimproof.core.http_message import Exchange, Json, Request, parse_json
from scimproof.core.redaction import Redactor
from scimproof.core.scim import value_at

BODY = 64 * 1024
UNREADABLE = 2 * 1024
LEFT_OUT = {"left out": "not created by this run"}
DISCOVERY = {"Schemas", "ResourceTypes", "ServiceProviderConfig"}
NAMES = ("userName", "displayName", "nickName", "externalId", "title")


def _length(request: Request) -> int:
    """How long the body was that was sent, of which the end may not be kept."""
    told = next((value for name, value in request.headers if name.lower() == "content-length"), "")
    return max(int(told) if told.isdecimal() else 0, len(request.body))


@dataclass(frozen=True)
class Recorder:
    """Serialises the exchanges of one run; `prefix` and `ids` tell which resources are the run's own."""

    redactor: Redactor
    prefix: str
    ids: Collection[str] = ()
    hidden: tuple[str, ...] = ()
    _cleaned: dict[int, tuple[str, list[Json]]] = field(default_factory=dict)

    def record(self, exchange: Exchange, sequence: str, step: str) -> dict[str, Any]:
        """The exchange as a row of the report, without its number."""
        request = exchange.request
        sent = {
            "method": request.method,
            "target": self.redactor.text(request.target),
            "headers": self.redactor.headers(request.headers, self.hidden),
            **self._body(request.body.decode("utf-8", "replace"), _length(request)),
        }
        text, others = self._answer(exchange)
        came = {
            "status": exchange.status,
            "reason": self.redactor.text(exchange.reason),
            "headers": self.redactor.headers(exchange.headers, self.hidden),
            **self._body(text, len(exchange.body) + exchange.cut, cut=bool(exchange.cut)),
        }
        if others:
            came["left_out"] = len(others)
        error: dict[str, Any] = {"error": self.redactor.sentence(exchange.error)}
        if exchange.by:
            error["by"] = exchange.by
        if exchange.surplus:
            error["surplus"] = exchange.surplus
        return {"sequence": sequence, "step": step, "request": sent, **came, "ms": _ms(exchange), **error}

    def recorded(self, number: int, exchange: Exchange) -> dict[str, Any]:
        """A recorded exchange, which has that number in its capture, as a part of the row of one seen now."""
        # Numbers of a capture are not those of the run: what is remembered of these must not be mixed.
        row = self.record(replace(exchange, number=-1 - number), "", "")
        return {"number": number} | {key: row[key] for key in row if key not in ("sequence", "step", "ms")}

    def sentence(self, text: str, exchange: Exchange | None) -> str:
        """A sentence of a check without secrets and without names of other people."""
        if exchange is not None and text:
            body, others = self._answer(exchange)
            if others:
                text = text.replace(exchange.summary(), _summary(exchange, body))
                for name in _names(others):
                    text = text.replace(name, "[left out]")
        return self.redactor.sentence(text)

    def _body(self, text: str, length: int, *, cut: bool = False) -> dict[str, Any]:
        # Redacted before it is cut, with room for a secret that straddles the cut; what came may be cut too.
        text = self.redactor.sentence(text[: BODY + self.redactor.longest])
        if len(text) <= BODY and length <= BODY and not cut:
            return {"body": text}
        return {"body": text[:BODY], "truncated": True, "length": length}

    def _answer(self, exchange: Exchange) -> tuple[str, list[Json]]:
        """The body's text, and the resources removed from it because the run did not create them."""
        if exchange.number not in self._cleaned:
            self._cleaned[exchange.number] = self._without_others(exchange)
        return self._cleaned[exchange.number]

    def _without_others(self, exchange: Exchange) -> tuple[str, list[Json]]:
        text = exchange.body.decode("utf-8", "replace")
        path = urlsplit(exchange.request.target).path
        if exchange.request.method != "GET" or DISCOVERY & set(path.split("/")):
            return text, []
        body = parse_json(exchange.body)  # not kept with the exchange: there are a thousand of them
        if body is None:
            return (text[:UNREADABLE] if 200 <= exchange.status < 300 else text), []
        others: list[Json] = []
        cleaned = self._clean(body, others)
        return (compact(cleaned), others) if others else (text, [])

    def _clean(self, body: Json, others: list[Json]) -> Json:
        if isinstance(body, list):
            return [self._resource(found, others) for found in body]
        if not isinstance(body, dict):
            return body
        if _is_resource(body):
            return self._resource(body, others)
        # The envelope stays; every list in it may hold resources.
        return {
            key: [self._resource(one, others) for one in found] if isinstance(found, list) else found
            for key, found in body.items()
        }

    def _resource(self, resource: Json, others: list[Json]) -> Json:
        if not isinstance(resource, dict) or self._is_ours(resource):
            return resource
        others.append(resource)
        return LEFT_OUT

    def _is_ours(self, resource: dict[str, Json]) -> bool:
        if str(value_at(resource, "id")) in self.ids:
            return True
        names = (value_at(resource, "userName"), value_at(resource, "displayName"))
        return any(isinstance(name, str) and self.prefix in name.casefold() for name in names)


def _is_resource(body: dict[str, Json]) -> bool:
    return isinstance(value_at(body, "userName"), str) or isinstance(value_at(body, "displayName"), str)


def _names(others: list[Json]) -> Iterator[str]:
    for resource in others:
        emails = value_at(resource, "emails")
        found = [value_at(resource, name) for name in NAMES]
        found += [value_at(entry, "value") for entry in emails] if isinstance(emails, list) else []
        full = value_at(resource, "name")
        found += list(full.values()) if isinstance(full, dict) else []
        yield from sorted(
            {text for text in found if isinstance(text, str) and len(text) > 3}, key=len, reverse=True
        )


def _summary(exchange: Exchange, body: str) -> str:
    """As `Exchange.summary`, of the body that is shown."""
    copy = Exchange(exchange.number, exchange.request, exchange.status, exchange.reason, body=body.encode())
    return exchange.error or copy.summary()


def _ms(exchange: Exchange) -> float:
    return round(exchange.seconds * 1000, 1)
