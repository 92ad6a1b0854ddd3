"""PATCH bodies, before the library reads them: what it refuses with other words, or reads otherwise."""

import re
from typing import Any

from scim2_models import InvalidFilterException, InvalidSyntaxException, ScimFilter

from scimproof.embedded.protocol.characteristics import SchemaAttribute, TypeCharacteristics
from scimproof.embedded.protocol.json_types import check_operation
from scimproof.embedded.protocol.sender_forms import read_operation
from scimproof.embedded.responses import JSON

_FILTERED = re.compile(r"[^\[\]]+\[(.*)\](?:\.[\w$-]+)?", re.DOTALL)


def prepare(kind: TypeCharacteristics, body: JSON) -> None:
    """Check the operations of a PatchOp, and complete those that replace whole elements, in place."""
    operations = _operations(body)
    if not isinstance(operations, list) or not operations:
        raise InvalidSyntaxException(detail="A PATCH has a list of Operations, with one at least.")
    for index, given in enumerate(operations):
        if not isinstance(given, dict):
            raise InvalidSyntaxException(detail="An operation of a PATCH is an object.")
        operation = operations[index] = {str(key).lower(): value for key, value in given.items()}
        if operation.get("op") is None:
            raise InvalidSyntaxException(detail="An operation of a PATCH has an op: add, remove or replace.")
        _check_filter(operation.get("path"))
        read_operation(kind, operation)
        check_operation(kind, operation)
        _complete_element(kind, operation)


def _operations(body: JSON) -> Any:
    return next((value for key, value in body.items() if key.lower() == "operations"), None)


def _check_filter(path: Any) -> None:
    """A wrong filter inside a path is no wrong path."""
    found = _FILTERED.fullmatch(path) if isinstance(path, str) else None
    if found is None or not re.search(r"\s", found[1].strip()):
        return  # not even the shape of a filter
    try:
        ScimFilter(found[1])
    except ValueError as problem:
        raise InvalidFilterException(detail=f"The filter of the path {path!r}: {problem}") from problem
    except InvalidFilterException as problem:
        raise InvalidFilterException(detail=f"The filter of the path {path!r}: {problem}") from problem


def _complete_element(kind: TypeCharacteristics, operation: JSON) -> None:
    """An element is replaced by the value as a whole: what the value does not name goes.

    Not where it has sub-attributes that cannot change, such as a member's: there the library decides.
    """
    path, value = operation.get("path"), operation.get("value")
    if str(operation["op"]).lower() != "replace" or not isinstance(path, str) or not path.endswith("]"):
        return
    target = kind.find(path.partition("[")[0])
    if not isinstance(target, SchemaAttribute) or not isinstance(value, dict):
        return
    if any(sub.mutability != "readWrite" for sub in target.subs.values()):
        return
    named = {name.lower() for name in value}
    operation["value"] = {
        **value,
        **{sub.name: None for key, sub in target.subs.items() if key not in named},
    }
