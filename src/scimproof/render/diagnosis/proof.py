"""Proof of a reason: the request that caused it, the read that shows it, and a command to repeat it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from scimproof.core.auth_modes import BEARER, MODES
from scimproof.render.diagnosis.root_cause import RootCauses
from scimproof.render.diagnosis.traffic import Conversation
from scimproof.render.diagnosis.values import names
from scimproof.render.http_messages import came, indented
from scimproof.render.sender import default_profile

Row = dict[str, Any]
SHOWN = 700  # characters of a body beside a reason; the exchange itself has more
DEFAULT_SEED, DEFAULT_TIMEOUT = 1, 60


@dataclass(frozen=True)
class ShownExchange:
    """A request and its answer beside a reason, each body reduced to the relevant part."""

    number: int
    head: str
    body: str
    came: str
    answer: str

    @property
    def laid_out(self) -> str:
        """The request's body, indented."""
        return _cut(indented(self.body))

    @property
    def answered(self) -> str:
        """The answer's body, indented."""
        return _cut(indented(self.answer))


@dataclass(frozen=True)
class Proof:
    """The exchanges that prove a reason: `request` caused it, `read` shows it.

    Both are None where there is none; `read` is, too, where the answer to the request shows it.
    """

    request: ShownExchange | None
    read: ShownExchange | None


def proof(found: RootCauses, finding: Row | None) -> Proof:
    """The proof of a finding."""
    talk = found.traffic.of(finding) if finding else None
    if talk is None or finding is None:
        return Proof(None, None)
    write = found.write_behind(finding)
    about = f"{finding['expected']} {finding['observed']}"
    return Proof(_sent(write or talk, about), _sent(talk, about) if write and write is not talk else None)


def repeat_command(report: Row, finding: Row | None) -> str:
    """The command that repeats the sequence of a finding, with this run's options and without secrets.

    Values that the report lacks are words in capitals. "" for a finding of no sequence.
    """
    sequence = _sequence(report, finding)
    if not sequence:
        return ""
    target, options = report["target"], report["options"]
    explored = sequence.endswith(".explore")  # histories, not a sequence of that id
    words = ["scimproof", "explore"] if explored else ["scimproof", "run", sequence]
    words += ["--seed", str(report["seed"])] if explored else []
    if replayed := options.get("replay"):
        words = ["scimproof", "replay", replayed["capture"]]
        words += ["--fixed", ",".join(map(str, replayed["fixed"]))] if replayed["fixed"] else []
    if not target["embedded"]:
        words += ["--target", target["url"]]
    if report["profile"]["id"] != default_profile() and not replayed:
        words += ["--profile", report["profile"]["id"]]
    mode = next((mode for mode in MODES.values() if mode.reported == target["auth"]), BEARER)
    words += ["--auth", mode.name, *mode.again] if mode is not BEARER else []
    for name in options.get("headers", ()):
        words += ["--header", f"{name}: VALUE"]
    words += ["--ca-bundle", "FILE"] if options.get("ca_bundle") else []
    words += ["--client-cert", "FILE"] if options.get("client_certificate") else []
    words += ["--insecure"] if target["insecure"] else []
    if options.get("timeout") not in (None, DEFAULT_TIMEOUT):
        words += ["--timeout", f"{options['timeout']:g}"]
    if report["seed"] != DEFAULT_SEED and not explored:
        words += ["--seed", str(report["seed"])]
    if report.get("observer") and _observes(report, sequence):
        words += ["--observer", "NAME"]
    return " ".join(word if word.isupper() else shlex.quote(word) for word in words)


def _sequence(report: Row, finding: Row | None) -> str:
    """The sequence that shows the finding; for a global check that of its evidence."""
    played = {row["id"]: row for row in report["sequences"] if not row["watch"]}
    if finding is None:
        return ""
    if finding["sequence"] in played:
        return str(finding["sequence"])
    evidence = next((row for row in report["exchanges"] if row["number"] == finding["exchange"]), None)
    return str(evidence["sequence"]) if evidence and evidence["sequence"] in played else ""


def _observes(report: Row, sequence: str) -> bool:
    row = next(row for row in report["sequences"] if row["id"] == sequence)
    return any(step.get("observe") for step in row["steps"])


def _sent(talk: Conversation, about: str) -> ShownExchange:
    row = talk.row
    request = row["request"]
    head = f"{request['method']} {request['target']}"
    body = _excerpt(talk.sent, request["body"], about)
    answer = _excerpt(talk.came, row["body"], about) if talk.ok else row["body"]
    return ShownExchange(talk.number, head, body, came(row), answer)


def _excerpt(body: Any, whole: str, about: str) -> str:
    """The attributes of a resource that a text names; any other body whole."""
    if not isinstance(body, dict) or "schemas" not in body or "Operations" in body:
        return whole
    named = {
        key: value for key, value in body.items() if any(names(about, leaf) for leaf in _leaves(key, value))
    }
    if not named or len(named) == len(body):
        return whole
    return f"{json.dumps(named, ensure_ascii=False)[:-1]}, …}}"


def _leaves(key: str, value: Any) -> list[str]:
    return [key, *(f"{key}.{part}" for part in value)] if isinstance(value, dict) else [key]


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
