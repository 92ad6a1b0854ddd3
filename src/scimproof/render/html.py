"""Writes the report as one HTML file that needs no scripts and no network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from scimproof.catalog import knowledge_root
from scimproof.model import Verdict
from scimproof.render.causes import SEVERITIES, causes, severity_of
from scimproof.render.visible import visible
from scimproof.render.words import LABELS, RESULTS, SEVERITY, WORKS, count, dialects, reason, requests

Row = dict[str, Any]
LONG, SHORT = 16_384, 4_096  # characters of a body that are shown: where something is wrong, and elsewhere
OPENS, CLOSES, DEEP = ("{", "["), ("}", "]"), 24
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def html(report: Row) -> str:
    """The whole page."""
    found = causes(report)
    return _template().render(
        report=report,
        result=RESULTS[report["result"]],
        reason=reason(report, found),
        causes=found,
        dialects=dialects(report),
        groups=_groups(report),
        requests=requests(report),
        labels=LABELS,
        verdicts=[verdict for verdict in Verdict if report["summary"]["verdicts"][verdict]],
    )


def anchor(finding: str) -> str:
    """The finding's place in the page: its id, whose `#` a link could not hold, with a colon instead."""
    return finding.replace("#", ":")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(knowledge_root() / "reports" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.globals |= {"SEVERITY": SEVERITY, "WORKS": WORKS, "count": count, "severity": severity_of}
    environment.filters |= {"anchor": anchor, "link": lambda text: "#" + quote(anchor(text), safe="/:")}
    return environment.get_template("report.html.j2")


def _groups(report: Row) -> list[Row]:
    """The sequences under their dialects, each step with its findings and its conversation."""
    findings = _by_step(report["findings"])
    exchanges = _by_step(report["exchanges"])
    names = {
        key: (name, about)
        for key, (name, about, _) in zip(report["summary"]["dialects"], dialects(report), strict=True)
    }
    groups: dict[str, Row] = {}
    for sequence in report["sequences"]:
        name, about = names.get(
            sequence["dialect"], ("All answers", "") if sequence["watch"] else ("Others", "")
        )
        group = groups.setdefault(name, {"name": name, "about": about, "sequences": []})
        group["sequences"].append(_sequence(sequence, findings, exchanges))
    return list(groups.values())


def _by_step(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["sequence"], row["step"]), []).append(row)
    return found


def _sequence(
    sequence: Row, findings: dict[tuple[str, str], list[Row]], exchanges: dict[tuple[str, str], list[Row]]
) -> Row:
    steps = []
    counts: dict[str, int] = {}
    for step in sequence["steps"]:
        key = (sequence["id"], step["id"])
        told = findings.get(key, [])
        for finding in told:
            counts[finding["verdict"]] = counts.get(finding["verdict"], 0) + 1
        worst = _worst(told)
        talk = [_conversation(exchange, LONG if worst else SHORT) for exchange in exchanges.get(key, [])]
        steps.append({"row": step, "findings": told, "conversation": talk, "worst": worst})
    worst = min((step["worst"] for step in steps if step["worst"]), key=SEVERITIES.index, default="")
    ordered = [(str(verdict), counts[verdict]) for verdict in reversed(Verdict) if verdict in counts]
    return {"row": sequence, "steps": steps, "worst": worst, "counts": ordered}


def _worst(findings: list[Row]) -> str:
    return min(filter(None, map(severity_of, findings)), key=SEVERITIES.index, default="")


def _conversation(exchange: Row, room: int) -> Row:
    request = exchange["request"]
    answer = exchange["error"] or f"HTTP/1.1 {exchange['status']} {exchange['reason']}"
    return {
        "number": exchange["number"],
        "title": f"{request['method']} {request['target']}",
        "came": exchange["error"] or f"{exchange['status']} {exchange['reason']}",
        "ms": exchange["ms"],
        "request": _message(f"{request['method']} {request['target']} HTTP/1.1", request, room),
        "answer": _message(answer, exchange, room, indented),
        "left_out": exchange.get("left_out", 0),
    }


def _message(head: str, part: Row, room: int, laid_out: Callable[[str], str] = str) -> str:
    """A message as it went over the wire, but for what `laid_out` does to a body that is shown whole."""
    lines = [head, *(f"{name}: {value}" for name, value in part["headers"])]
    body = part["body"]
    shown = laid_out(body) if len(body) <= room else body
    if len(shown) > room:
        shown = shown[:room]
    if len(body) > room or part.get("truncated"):
        shown += (
            f"\n[the first {room:,} of {part.get('length', len(body)):,} characters; report.json has more]"
        )
    return "\n".join(lines) + (f"\n\n{shown}" if shown else "")


def indented(text: str) -> str:
    """JSON laid out for reading, every token as it was sent; anything else untouched."""
    if not text.startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    parts: list[str] = []
    depth, before = 0, ""
    for token in TOKEN.findall(text):
        depth += (before in OPENS) - (token in CLOSES)
        if before == "," or (before in OPENS) != (token in CLOSES):
            parts.append("\n" + "  " * min(depth, DEEP))
        parts.append(": " if token == ":" else token)
        before = token
    return "".join(parts)
