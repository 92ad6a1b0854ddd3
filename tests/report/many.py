"""Reports of any size: the small catalogue's answers under many sequences."""

from __future__ import annotations

from typing import Any

from scimproof.report import summary
from scimproof.report.document import Report
from tests.report.make_samples import failing


def many(sequences: int, exchanges: int, findings: int = 10) -> Report:
    """So many sequences of one step, each with so many exchanges and findings; every tenth fails."""
    document = failing()
    talk = next(exchange for exchange in document["exchanges"] if exchange["body"])
    rule = document["requirements"]["okta-create-201"]
    rules = {f"rule-{n}": rule | {"id": f"rule-{n}"} for n in range(findings)}
    rows: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for n in range(sequences):
        name = f"okta.{('oin', 'aiw')[n % 2]}.user.number-{n}"
        rows.append(document["sequences"][0] | {"id": name, "steps": [_step()], "dialect": name[:8]})
        first = len(said) + 1
        said += [_talk(talk, name, first + k, failed=n % 10 == 9) for k in range(exchanges)]
        told += [_finding(document["findings"][0], name, id, first, failed=n % 10 == 9) for id in rules]
    document |= {"sequences": rows, "findings": told, "exchanges": said, "requirements": rules}
    document["summary"] = summary.summary(told, rows, len(said), 0)
    return document | {"result": summary.result(told)}


def _step() -> dict[str, Any]:
    step = {"id": "create", "about": "", "request": "okta/oin/user-create.http", "operation": "OKTA-07"}
    return step | {"grade": "A", "given": False, "method": "POST", "path": "/Users"}


def _talk(talk: dict[str, Any], sequence: str, number: int, *, failed: bool) -> dict[str, Any]:
    came = (
        {"status": 500, "reason": "Internal Server Error"} if failed else {"status": 201, "reason": "Created"}
    )
    body = talk["body"].replace("u-1", f"u-{number}") + " " * (number % 7)
    return talk | came | {"sequence": sequence, "step": "create", "number": number, "body": body}


def _finding(
    finding: dict[str, Any], sequence: str, rule: str, exchange: int, *, failed: bool
) -> dict[str, Any]:
    id = f"{sequence}/create#{rule}"
    told = {"verdict": "fail", "observed": "500 Internal Server Error"} if failed else {"verdict": "pass"}
    place = {"id": id, "sequence": sequence, "step": "create", "requirement": rule, "exchange": exchange}
    return finding | place | told
