"""Forms that provisioning services send and the RFCs do not define, read as what they mean."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from scim2_models import Path, ScimPolicy

from scimproof.embedded.protocol.characteristics import Container, SchemaAttribute, TypeCharacteristics
from scimproof.embedded.responses import JSON

# RFC 7644 section 3.5.2.2 knows no value beside a remove; as a list of elements it says which to remove.
POLICY = ScimPolicy(remove_value_as_filter=ScimPolicy.RemoveValue.apply)
# Section 3.5.2.3 has a replace fail with noTarget where a filter matches nothing. Of an add section 3.5.2.1
# says no such thing: it makes the element that the filter describes.
MAKES_ELEMENTS = POLICY.model_copy(update={"unmatched_path_filter": ScimPolicy.UnmatchedPathFilter.create})

_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')
_TEXT_FLAG = re.compile(r'(\w+)(\s+eq\s+)"(true|false)"', re.IGNORECASE)
_PATH = re.compile(r"(?P<name>[^\[\]]+?)\[(?P<filter>.*)\](?P<rest>(?:\.[\w$-]+)?)", re.DOTALL)
_FOREIGN = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/"


def read_resource(kind: TypeCharacteristics, body: JSON) -> None:
    """Bring the body of a create or a replacement into the RFCs' form, in place."""
    _forget_foreign_schemas(body)
    _read_stored(kind.core, body)
    for name in [name for name in body if ":" in name]:
        extension = kind.extensions.get(name.lower())
        if extension is not None and isinstance(body[name], dict):
            _read_stored(extension, body[name])


def read_operation(kind: TypeCharacteristics, operation: JSON) -> None:
    """Bring an operation of a PATCH into the RFCs' form, in place."""
    path, value = operation.get("path"), operation.get("value")
    if path is None:
        if isinstance(value, dict):
            _read_pathless(kind, value)
        return
    if not isinstance(path, str):
        return
    found = _PATH.fullmatch(path)
    target = kind.find(found["name"] + found["rest"] if found else path)
    if target is None and (reference := _reference(kind, path)) is not None:
        urn, target = reference
        operation["path"] = f"{urn}:{path}"
    if found is not None:
        attribute = kind.find(found["name"])
        if isinstance(attribute, SchemaAttribute):
            condition = _flags_as_booleans(attribute, found["filter"])
            operation["path"] = f"{found['name']}[{condition}]{found['rest']}"
    if isinstance(target, Container):
        if isinstance(value, dict):
            _read_named(target, value)
    elif target is not None and "value" in operation:
        _read_value(target, operation, removes=str(operation.get("op")).lower() == "remove")


def read_filter(kind: TypeCharacteristics, text: str) -> str:
    """The filter with references to other resources as the RFCs name them: manager eq is manager.value eq."""
    parts = _QUOTED.split(text)  # every second one is quoted
    for urn, attribute in _references(kind):
        name = re.compile(
            rf"(?<![\w:.-])(?:{re.escape(urn)}:)?{re.escape(attribute.name)}(?=\s+(?:eq|ne)\s)", re.IGNORECASE
        )
        full = f"{urn}:{attribute.name}.value"
        parts[::2] = [name.sub(full, part) for part in parts[::2]]
    return "".join(parts)


def apply_one_by_one(current: Any, patch_op: Any, before_each: Callable[[Any], None]) -> bool:
    """Apply the operations in their order, and say whether anything changed."""
    changed = False
    for operation in patch_op.operations or []:
        before_each(operation)
        alone = patch_op.model_copy(update={"operations": [operation]})
        makes = operation.op == "add" and "[" in str(operation.path or "")
        changed |= alone.patch(current, MAKES_ELEMENTS if makes else POLICY)
    return changed


def makes_elements(patch_op: Any) -> bool:
    """Whether an operation may make an element that the filter in its path describes."""
    return any(one.op == "add" and "[" in str(one.path or "") for one in patch_op.operations or [])


def selected(resource: Any, operation: Any) -> Any:
    """What a resource has at the path of an operation."""
    model: Any = Path
    return model[type(resource)](str(operation.path)).get(resource, strict=False)


def _forget_foreign_schemas(body: JSON) -> None:
    """Take out of `schemas` what Entra names beside the schema of a group, and what defines no attribute."""
    key = next((name for name in body if name.lower() == "schemas"), None)
    listed = body.get(key) if key is not None else None
    if key is not None and isinstance(listed, list) and len(listed) > 1:
        body[key] = [urn for urn in listed if not str(urn).startswith(_FOREIGN)]


def _read_stored(container: Container, held: JSON) -> None:
    """Read the attributes of a resource as a whole: there a reference is an object, or empty."""
    for name in list(held):
        attribute = container.attributes.get(name.lower())
        if attribute is None or attribute.kind != "complex" or (isinstance(held[name], str) and held[name]):
            continue
        _read_value(attribute, held, name)
        if held[name] is None:
            del held[name]


def _read_named(container: Container, held: JSON) -> None:
    """Read the attributes in the value of a PATCH: what is null there is taken away."""
    for name in list(held):
        attribute = container.attributes.get(name.lower())
        if attribute is not None:
            _read_value(attribute, held, name)


def _read_pathless(kind: TypeCharacteristics, value: JSON) -> None:
    """The keys of a value without path are attributes, paths with a dot, or begin with a schema's URN."""
    for key in list(value):
        name = key
        target = kind.find(key)
        if target is None and (reference := _reference(kind, key)) is not None:
            urn, target = reference
            name = f"{urn}:{key}"
            value[name] = value.pop(key)
        if isinstance(target, Container):
            if isinstance(value[name], dict):
                _read_named(target, value[name])
        elif target is not None:
            _read_value(target, value, name)


def _read_value(
    attribute: SchemaAttribute, holder: JSON, key: str = "value", *, removes: bool = False
) -> None:
    """Read what stands for an attribute in `holder[key]`."""
    if attribute.kind != "complex":
        return
    if attribute.many:
        value = holder[key]
        for element in value if isinstance(value, list) else [value]:
            if isinstance(element, dict):
                _read_element(attribute, element, removes=removes)
    elif "value" in attribute.subs:
        holder[key] = _as_reference(holder[key])
        if holder[key] is None and str(holder.get("op")).lower() == "add":
            holder["op"] = "replace"  # an add cannot take away
    if isinstance(holder[key], dict):
        _forget_unknown(attribute, holder[key])


def _as_reference(value: Any) -> Any:
    """What names another resource, as an object; None if it names nobody."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and value.keys() <= {"value", "$ref"} and not value.get("value", True):
        return None
    if isinstance(value, str):
        return {"value": value} if value else None
    return value


def _read_element(attribute: SchemaAttribute, element: JSON, *, removes: bool) -> None:
    if removes:
        _keep_what_identifies(element)
        return
    text = element.get("value")
    if isinstance(text, str) and text.startswith("{") and attribute.name == "roles":
        element.update(_unpacked(text))
    for name in [name for name, held in element.items() if held is None and name == "$ref"]:
        del element[name]
    _forget_unknown(attribute, element)


def _unpacked(text: str) -> JSON:
    """A role that comes as a JSON document inside a string; as it is, if it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict) or not isinstance(found.get("value"), str):
        return {}
    display = found.get("displayName") or found.get("display")
    return {"value": found["value"], **({"display": display} if isinstance(display, str) else {})}


def _keep_what_identifies(element: JSON) -> None:
    """Of an element to remove its value is enough; what is null says nothing."""
    value = next((held for name, held in element.items() if name.lower() == "value"), None)
    kept = {name: held for name, held in element.items() if held is not None}
    element.clear()
    element.update({"value": value} if value is not None else kept)


def _forget_unknown(attribute: SchemaAttribute, value: JSON) -> None:
    """What a schema does not have inside an attribute is not kept (RFC 7644 section 3.3)."""
    for name in [name for name in value if name.lower() not in attribute.subs]:
        del value[name]


def _references(kind: TypeCharacteristics) -> Iterator[tuple[str, SchemaAttribute]]:
    """The attributes of extensions that name another resource, such as the manager."""
    for container in kind.extensions.values():
        for attribute in container.attributes.values():
            if attribute.kind == "complex" and not attribute.many and "value" in attribute.subs:
                yield container.urn, attribute


def _reference(kind: TypeCharacteristics, name: str) -> tuple[str, SchemaAttribute] | None:
    """The reference that a name without URN means."""
    return next(((urn, each) for urn, each in _references(kind) if each.name.lower() == name.lower()), None)


def _flags_as_booleans(attribute: SchemaAttribute, condition: str) -> str:
    """A condition in which "True" is true where the schema says boolean."""

    def read(found: re.Match[str]) -> str:
        sub = attribute.subs.get(found[1].lower())
        if sub is None or sub.kind != "boolean":
            return found[0]
        return f"{found[1]}{found[2]}{found[3].lower()}"

    return _TEXT_FLAG.sub(read, condition)
