"""Sets attributes of resources without validating them, for values that are known to be right."""

from typing import Any


def assign(resource: Any, name: str, value: Any) -> None:
    """Set an attribute; validating the whole resource again would cost as much as reading it."""
    resource.__dict__[name] = value
    resource.__pydantic_fields_set__.add(name)
