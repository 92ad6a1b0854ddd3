"""Small HAR files in the manner of the tools that write them."""

import json
from pathlib import Path
from typing import Any

CREATE = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"jörg@example.com"}'
BASE = "https://scim.example.com/scim/v2"


def pairs(**headers: str) -> list[dict[str, str]]:
    """Headers as a HAR has them; `_` stands for a dash and a leading `__` for a colon."""
    return [
        {"name": name.replace("__", ":").replace("_", "-"), "value": value} for name, value in headers.items()
    ]


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as Chrome writes one, of a create over HTTP/1.1."""
    answer = CREATE.replace("{", '{"id":"1",', 1)
    whole: dict[str, Any] = {
        "startedDateTime": "2026-11-27T12:00:00.250+02:00",
        "time": 41.5,
        "request": {
            "method": "POST",
            "url": f"{BASE}/Users?a=%20b",
            "httpVersion": "HTTP/1.1",
            "headers": pairs(
                Host="scim.example.com", Content_Type="application/scim+json", Content_Length="89"
            ),
            "queryString": [{"name": "a", "value": " b"}],
            "cookies": [],
            "headersSize": 100,
            "bodySize": 89,
            "postData": {"mimeType": "application/scim+json", "text": CREATE},
        },
        "response": {
            "status": 201,
            "statusText": "Created",
            "httpVersion": "HTTP/1.1",
            "headers": pairs(
                Content_Type="application/scim+json", Content_Encoding="gzip", Content_Length="60"
            ),
            "cookies": [],
            "content": {"size": len(answer.encode()), "mimeType": "application/scim+json", "text": answer},
            "redirectURL": "",
            "headersSize": 80,
            "bodySize": 60,
        },
        "cache": {},
        "timings": {"send": 1, "wait": 40, "receive": 0.5},
        "connection": "443",
    }
    for key, value in changes.items():
        if key in ("request", "response"):
            whole[key] = whole[key] | value
        else:
            whole[key] = value
    return whole


def written(path: Path, *entries: Any, creator: str = "WebInspector", indent: int | None = 2) -> Path:
    """A HAR of these entries."""
    log = {
        "version": "1.2",
        "creator": {"name": creator, "version": "1"},
        "pages": [],
        "entries": list(entries),
    }
    path.write_text(json.dumps({"log": log}, indent=indent), encoding="utf-8")
    return path
