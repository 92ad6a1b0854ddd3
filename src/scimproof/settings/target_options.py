"""What settings describe together: how a target is reached, who is asked beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scimproof.core.errors import UsageError
from scimproof.observer.factory import Choice, choice
from scimproof.settings.resolve import headers
from scimproof.target.options import TargetOptions


def access(target: str | None, given: dict[str, Any], environment: Mapping[str, str]) -> TargetOptions | None:
    """The access that these settings describe, None without a target; takes them out of `given`."""
    fields = {name: given.pop(name) for name in TargetOptions.__dataclass_fields__ if name in given}
    if not target:
        return None
    fields["headers"] = headers(fields.get("headers", ()), environment)
    said: dict[str, Any] = {name: value for name, value in fields.items() if value or value is False}
    return TargetOptions(url=target, **said)


def observer(given: dict[str, Any], root: Path) -> Choice | None:
    """Who is to be asked beside SCIM, None for nobody; takes what says so out of `given`."""
    text, words, token_url, url, seconds = (
        given.pop(f"observer{part}") for part in ("", "_command", "_token_url", "_url", "_seconds")
    )
    if text and words:
        raise UsageError("[observer] has a name and a command, or --observer was given too: leave one out")
    if not text and not words:
        return None
    chosen = choice(text, root) if text else Choice(command=tuple(words))
    return replace(chosen, token_url=token_url, url=url, seconds=seconds)
