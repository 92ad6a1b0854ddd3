"""The proof of a reason: the request that caused it, the read that shows it, the command to repeat it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from scimproof.render.diagnosis.root_cause import RootCauses
from scimproof.render.diagnosis.traffic import Conversation
from scimproof.render.diagnosis.values import names
from scimproof.render.http_messages import came, indented
from scimproof.render.sender import default_profile

Row = dict[str, Any]
SHOWN = 700  # characters of a body beside a reason: the conversation below has more
DEFAULT_SEED, DEFAULT_TIMEOUT = 1, 60
AUTH = {"header": "header", "basic": "basic", "oauth2-client-credentials": "oauth"}


@dataclass(frozen=True)
class Sent:
    """A request and its answer, to be shown beside a reason, each body as far as it is about that."""

    number: int
    head: str
    body: str
    came: str
    answer: str

    @property
    def laid_out(self) -> str:
        """The request's body for reading."""
        return _cut(indented(self.body))

    @property
    def answered(self) -> str:
        """The answer's body for reading."""
        return _cut(indented(self.answer))


@dataclass(frozen=True)
class Proof:
    """`request` caused what is wrong, and `read` shows it; "" stands for neither where there is none.

    Where the answer to the request shows it by itself there is no `read`.
    """

    request: Sent | None
    read: Sent | None


def proof(found: RootCauses, finding: Row | None) -> Proof:
    """What to show of a finding."""
    talk = found.traffic.of(finding) if finding else None
    if talk is None or finding is None:
        return Proof(None, None)
    write = found.write_behind(finding)
    about = f"{finding['expected']} {finding['observed']}"
    return Proof(_sent(write or talk, about), _sent(talk, about) if write and write is not talk else None)


def again(report: Row, finding: Row | None) -> str:
    """The command that repeats just the sequence of a finding, with what matters of this run and no secret.

    "" where no sequence stands behind it. Values that the report does not have stand as words in capitals.
    """
    sequence = _sequence(report, finding)
    if not sequence:
        return ""
    target, options = report["target"], report["options"]
    words = ["scimproof", "run", sequence]
    if not target["embedded"]:
        words += ["--target", target["url"]]
    if report["profile"]["id"] != default_profile():
        words += ["--profile", report["profile"]["id"]]
    if kind := AUTH.get(target["auth"]):
        words += ["--auth", kind]
    words += ["--token-url", "URL", "--client-id", "ID"] if kind == "oauth" else []
    words += ["--user", "NAME"] if kind == "basic" else []
    for name in options.get("headers", ()):
        words += ["--header", f"{name}: VALUE"]
    words += ["--ca-bundle", "FILE"] if options.get("ca_bundle") else []
    words += ["--client-cert", "FILE"] if options.get("client_certificate") else []
    words += ["--insecure"] if target["insecure"] else []
    if options.get("timeout") not in (None, DEFAULT_TIMEOUT):
        words += ["--timeout", f"{options['timeout']:g}"]
    words += ["--seed", str(report["seed"])] if report["seed"] != DEFAULT_SEED else []
    if report.get("observer") and _observes(report, sequence):
        words += ["--observer", "NAME"]
    return " ".join(word if word.isupper() else shlex.quote(word) for word in words)


def _sequence(report: Row, finding: Row | None) -> str:
    """The sequence that shows the finding; of a rule of every answer that of its evidence."""
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


def _sent(talk: Conversation, about: str) -> Sent:
    row = talk.row
    request = row["request"]
    head = f"{request['method']} {request['target']}"
    body = _excerpt(talk.sent, request["body"], about)
    answer = _excerpt(talk.came, row["body"], about) if talk.ok else row["body"]
    return Sent(talk.number, head, body, came(row), answer)


def _excerpt(body: Any, whole: str, about: str) -> str:
    """Of a resource the attributes that a text names; all of anything else."""
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
