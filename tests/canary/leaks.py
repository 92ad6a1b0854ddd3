"""Finds a secret in text, however it is spelled, without the redactor's own list of forms."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, unquote_plus

RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
LONG = 14  # of a secret so long, either half is a leak too


def leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """What of the secrets the text gives away, plainly or after undoing one or two ways of writing them."""
    wanted = {part for secret in secrets for part in _parts(secret)}
    assert wanted
    read = "\n".join(_readings(text))
    return sorted(part for part in wanted if part in read)


def leaks_in(folder: Path, secrets: Iterable[str]) -> dict[str, list[str]]:
    """The same for every file below a folder, and for the files' names."""
    secrets = list(secrets)
    found = {
        path.name: leaks(f"{path.name}\n{path.read_text('utf-8', 'replace')}", secrets)
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {name: parts for name, parts in found.items() if parts}


def _parts(secret: str) -> Iterator[str]:
    yield secret
    if len(secret) >= LONG:
        yield secret[: len(secret) // 2]
        yield secret[len(secret) // 2 :]


def _readings(text: str) -> Iterator[str]:
    once = {text, *_undone(text), _from_base64(text)}
    yield from once
    for read in once - {text}:
        yield from _undone(read)
        yield _from_base64(read)


def _undone(text: str) -> Iterator[str]:
    yield unquote(text)
    yield unquote_plus(text)
    yield html.unescape(text)
    yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    yield re.sub(r"\\(.)", r"\1", text)
    yield re.sub(r"\s+", "", text)  # broken over lines


def _from_base64(text: str) -> str:
    """Whatever is base64 in it, from each of the four places at which that may have begun."""
    return "\n".join(_from_each_place(run) for run in dict.fromkeys(RUN.findall(text)))


# Every reading of a report has nearly the same words: without remembering them, this took most of the time.
@lru_cache(maxsize=100_000)
def _from_each_place(run: str) -> str:
    return "\n".join(_decoded(run[start:]) for start in range(4))


def _decoded(run: str) -> str:
    plain = run.replace("-", "+").replace("_", "/")[: len(run) // 4 * 4]
    try:
        return base64.b64decode(plain).decode("latin-1")
    except binascii.Error:
        return ""
