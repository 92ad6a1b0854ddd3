"""Whether a filter names an attribute that nobody may read."""

from collections.abc import Iterable

from scim2_models.path import AttrPath, Comparison, FilterNode, LogicalExpr, Not, Present, ValuePath

from scimproof.embedded.protocol.characteristics import Attribute, TypeCharacteristics


def names_secret(node: FilterNode, kinds: Iterable[TypeCharacteristics]) -> bool:
    """Whether an attribute in the filter is writeOnly or never returned."""
    known = tuple(kinds)
    return any(_is_secret(path, kind) for path in _paths(node) for kind in known)


def _paths(node: FilterNode) -> Iterable[AttrPath]:
    if isinstance(node, Comparison | Present | ValuePath):
        yield node.attr_path
    elif isinstance(node, Not):
        yield from _paths(node.expr)
    elif isinstance(node, LogicalExpr):
        for term in node.terms:
            yield from _paths(term)


def _is_secret(path: AttrPath, kind: TypeCharacteristics) -> bool:
    found = kind.find(str(path))
    return isinstance(found, Attribute) and (found.mutability == "writeOnly" or found.returned == "never")
