"""Bulk jobs: their operations, the results that belong to them, and the bodies of jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, grave, held
from scimproof.core.scim import CORE_GROUP, CORE_USER, value_at

from ..asks import is_error
from ..people import PATCH_OP, fitted

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
NOBODY = "/Users/{{prefix}}-nobody"
DONE = {"POST": (201,), "PUT": (200,), "PATCH": (200, 204), "DELETE": (204,)}
Want = Callable[[Json, "Result"], str]


class Result(NamedTuple):
    """What a job's answer tells of one operation: None where it tells nothing."""

    told: Json

    @property
    def status(self) -> int:
        """The status, as a text or {"code": ...}; 0 for none."""
        found = value_at(self.told, "status")
        code = value_at(found, "code") if isinstance(found, Mapping) else found
        text = str(code)
        return int(text) if text.isdecimal() else 0

    @property
    def done(self) -> bool:
        """Whether it says that the operation was done."""
        return 200 <= self.status < 300


# Operations, as texts with template variables.


def user(role: str, **more: Json) -> dict[str, Json]:
    """The data of a user in that role."""
    return {"schemas": [CORE_USER], "userName": f"{{{{{role}.userName}}}}", **more}


def group(role: str, *members: str, **kind: str) -> dict[str, Json]:
    """The data of a group in that role, whose members are these values."""
    rows = [{"value": value, **kind} for value in members]
    data: dict[str, Json] = {"schemas": [CORE_GROUP], "displayName": f"{{{{{role}.displayName}}}}"}
    return {**data, "members": rows} if rows else data


def post(role: str, data: Json, endpoint: str = "/Users", *, bulk_id: str = "") -> dict[str, Json]:
    """An operation that creates; its bulkId is the role."""
    return {"method": "POST", "path": endpoint, "bulkId": bulk_id or role, "data": data}


def put(role: str, data: Json, **more: Json) -> dict[str, Json]:
    """An operation that replaces a user."""
    return {"method": "PUT", "path": f"/Users/{{{{{role}.id}}}}", **more, "data": data}


def patch(path: str, *operations: Json) -> dict[str, Json]:
    """An operation that changes; its data is the whole message of a PATCH."""
    return {
        "method": "PATCH",
        "path": path,
        "data": {"schemas": [PATCH_OP], "Operations": list(operations)},
    }


def delete(path: str) -> dict[str, Json]:
    """An operation that removes."""
    return {"method": "DELETE", "path": path}


def job(*operations: Json, **more: Json) -> dict[str, Json]:
    """A job of these operations."""
    return {"schemas": [REQUEST], **more, "Operations": list(operations)}


def send(id: str, content: Json, **more: Json) -> Step:
    """A step that sends this job."""
    return Step(id=id, request="rfc/bulk.http", blanks={"job": json.dumps(content)}, **more)


def fitted_job(scene: ExecutionContext) -> Json:
    """The job of a step, the data of its users and groups fitted to the schemas of the target.

    A PATCH is left out where the target says that it does not support it.
    """
    content = json.loads(scene.blanks["job"])
    rows, found = value_at(content, "Operations"), scene.discovery
    if found is None or not isinstance(rows, list):
        return content
    without = found.flag("patch") is False
    kept = [row for row in rows if not (without and value_at(row, "method") == "PATCH")]
    for row in kept:
        type = found.type_at(str(row.get("path", "")))
        if row.get("method") in ("POST", "PUT") and type and isinstance(row.get("data"), Mapping):
            row["data"] = fitted(row["data"], type, found, scene.blanks["prefix"])
    return {**content, "Operations": kept}


# What the answer tells.


def results(exchange: Exchange) -> list[tuple[Json, Result]]:
    """Each operation of the job with its result; the order of results has no meaning.

    That of a POST has its bulkId, another one its method and the path in its location; else it is the next
    that may be its own.
    """
    left = [row for row in _rows(exchange.json) if isinstance(row, Mapping)]
    operations = _rows(exchange.request.json)
    found: dict[int, Json] = {}
    for same in (_same_bulk_id, _same_place, _same_method, _nameless):
        for place, operation in enumerate(operations):
            hit = next((row for row in left if place not in found and same(operation, row)), None)
            if hit is not None:
                found[place] = hit
                left.remove(hit)
    return [(operation, Result(found.get(place))) for place, operation in enumerate(operations)]


def _rows(body: Json) -> list[Json]:
    found = value_at(body, "Operations")
    return found if isinstance(found, list) else []


def _same_bulk_id(operation: Json, row: Json) -> bool:
    wanted = value_at(operation, "bulkId")
    return wanted is not None and value_at(row, "bulkId") == wanted


def _same_place(operation: Json, row: Json) -> bool:
    location = str(value_at(row, "location") or "").rstrip("/")
    return _same_method(operation, row) and location.endswith(str(value_at(operation, "path")))


def _same_method(operation: Json, row: Json) -> bool:
    if value_at(operation, "bulkId") is not None and value_at(row, "bulkId") is not None:
        return False
    return str(value_at(operation, "method")).upper() == str(value_at(row, "method")).upper()


def _nameless(_: Json, row: Json) -> bool:
    """Whether a result does not say what it is of, as that of an operation without a usable method."""
    return value_at(row, "bulkId") is None and value_at(row, "method") is None


def worked_off(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A job that was worked off: 200 with a BulkResponse."""
    expected = "200 with a BulkResponse"
    schemas = value_at(exchange.json, "schemas")
    right = (
        exchange.status == 200 and not exchange.error and isinstance(schemas, list) and RESPONSE in schemas
    )
    return held(expected) if right else broken(expected, exchange.summary())


def each(expected: str, wrong: Want, *, mild: Want = lambda *_: "") -> Ask:
    """Every operation has the result that is wanted: `wrong` says what is not; `mild` what is a warning."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok:
            return cannot_tell(expected, f"the job was not worked off: {exchange.summary()}")
        pairs = results(exchange)
        for judge, judged in ((wrong, broken), (mild, declined)):
            if told := [why for operation, result in pairs if (why := judge(operation, result))]:
                return judged(expected, "; ".join(told[:3]))
        return held(expected)

    return ask


def called(operation: Json) -> str:
    """An operation as it is spoken of."""
    name = value_at(operation, "bulkId") or value_at(operation, "path")
    return f"{value_at(operation, 'method')} {name}"


def no_result(operation: Json, result: Result) -> str:
    """It has no result."""
    return f"{called(operation)} has none" if result.told is None else ""


def no_location(operation: Json, result: Result) -> str:
    """It has no location, which only the result of a failed POST may lack."""
    location = value_at(result.told, "location")
    if (isinstance(location, str) and location) or result.told is None:
        return ""
    failed_post = value_at(operation, "method") == "POST" and not result.done
    return "" if failed_post else f"{called(operation)}: location = {show(location)}"


def no_bulk_id(operation: Json, result: Result) -> str:
    """The result of a POST lacks its bulkId."""
    found = value_at(result.told, "bulkId")
    wrong = value_at(operation, "method") == "POST" and found != value_at(operation, "bulkId")
    return f"{called(operation)}: bulkId = {show(found)}" if wrong else ""


def other_status(operation: Json, result: Result) -> str:
    """Its status is not that of a request that is done."""
    right = result.status in DONE[value_at(operation, "method")]
    return "" if right else f"{called(operation)}: status = {show(value_at(result.told, 'status'))}"


def number_as_status(operation: Json, result: Result) -> str:
    """Its status is a number, where both forms of the RFC have a text."""
    found = value_at(result.told, "status")
    return f"{called(operation)}: status = {found}, a number" if isinstance(found, int) else ""


def statuses(*wanted: tuple[int, ...], optional: bool = False) -> Ask:
    """The operations, in the order of the job, have one of these statuses each; () for any."""
    expected = "statuses " + ", ".join("/".join(map(str, some)) or "any" for some in wanted)

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = [result.status for _, result in results(exchange)]
        told = f"statuses {', '.join(str(one) if one else 'none' for one in found)}"
        if not exchange.ok:
            return (grave if exchange.status >= 500 else broken)(expected, exchange.summary())
        right = [not some or one in some for some, one in zip(wanted, found, strict=True)]
        if all(right):
            return held(expected, told)
        if optional and all(fits or one in range(400, 500) for fits, one in zip(right, found, strict=True)):
            return declined(expected, told)
        return broken(expected, told)

    return ask


def error_in_response(operation: Json, result: Result) -> str:
    """A failed operation has no Error with words in response."""
    if result.told is None or result.done:
        return ""
    response = value_at(result.told, "response")
    detail = value_at(response, "detail")
    right = is_error(response) and isinstance(detail, str) and detail.strip()
    return "" if right else f"{called(operation)}: response = {show(response)}"


RULES = {"rfc-bulk": fitted_job}
