"""Escaping of text that a server sent: control and invisible characters are spelled out."""

from __future__ import annotations

import re

# Control characters, marks that turn the writing direction or cannot be seen, and what XML forbids.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
MARKS = re.compile(r"([\\`*_\[\]<>|~])")
MENTION = re.compile(r"(?<![\w.])([@#])(?=\w)")


def visible(text: str) -> str:
    r"""The text with line ends and tabs kept and every other invisible character as `\x1b` or `\u202e`."""
    return UNSEEN.sub(_spelled, text.replace("\r\n", "\n"))


def line(text: str, width: int = 0) -> str:
    """The text on one line, cut to `width` characters when that is given."""
    flat = " ".join(visible(text[: 4 * width] if width else text).split())
    return flat[: width - 1] + "…" if width and len(flat) > width else flat


def code(text: str, width: int = 300) -> str:
    """The text as Markdown code on one line, with enough backticks around those in it."""
    flat = line(text, width).replace("|", "¦") or " "
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}" if longest or flat == " " else f"`{flat}`"


def prose(text: str) -> str:
    """The text on one line as plain Markdown: nothing in it is a link, an emphasis or a mention."""
    return MENTION.sub(r"\1<!-- -->", MARKS.sub(r"\\\1", line(text)))


def _spelled(match: re.Match[str]) -> str:
    point = ord(match[0])
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"
