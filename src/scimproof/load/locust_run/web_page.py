"""What Locust's page shows and offers beside its own: a tab with limits and result, and the three reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, request
from locust.web import WebUI

from scimproof.load.locust_run.record import LocustRecord
from scimproof.load.locust_run.web_form import KEY
from scimproof.render.formats import DocumentKind, OutputFormat, formats
from scimproof.render.load.live import plain
from scimproof.render.load.summary import audit
from scimproof.render.load.terminal import MARKS, tidied

TYPES = {".json": "application/json", ".html": "text/html", ".xml": "application/xml"}
Record = Callable[[], LocustRecord | None]


def show(web_ui: WebUI, record: Record) -> None:
    """Add the tab and the downloads to the page; `record` gives the test that runs or ran last."""
    files = formats(DocumentKind.LOAD)
    columns = [{"key": "what", "title": "What"}, {"key": "value", "title": "Value"}]
    web_ui.template_args |= {
        "extended_tabs": [{"title": KEY, "key": KEY}],
        "extended_tables": [{"key": KEY, "structure": columns}],
        "extended_csv_files": [
            {"href": f"./{KEY}/{each.file}", "title": f"Download {each.file}"} for each in files
        ],
    }
    for each in files:
        _offer(web_ui, each, record)


def rows(record: LocustRecord | None) -> list[dict[str, str]]:
    """The rows of the tab, for Locust's own answer about its figures."""
    return [{"what": what, "value": value} for what, value in (_rows(record) if record else ())]


def _rows(record: LocustRecord) -> Iterator[tuple[str, str]]:
    if record.refused:
        yield "no test", record.refused
    elif record.document is not None:
        yield from _ended(record.document)
    else:
        row = record.row()
        yield "phase", record.phase or (row["phase"] if row else "getting ready")
        if row:
            yield "figures", plain(row)
            yield from _limits(record.limits(), "so far")
        if record.aborted:
            yield "aborted", record.aborted


def _limits(rows: list[dict[str, Any]], when: str) -> Iterator[tuple[str, str]]:
    """The limits that do not hold, and how many do: a plan may have a hundred."""
    held = sum(row["verdict"] == "held" for row in rows)
    if rows:
        yield "limits", f"{held:,} of {len(rows):,} hold {when}"
    for row in rows:
        if row["verdict"] != "held":
            value = row["why"] or f"it was {row['value']:.4g}"
            yield f"{row['of']}: {row['expected']}", f"{MARKS[row['verdict']][0]}; {value}"


def _ended(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "result", document["result"]
    yield "why", document["why"]
    yield from _limits(document["thresholds"], "at the end")
    yield "audit", audit(document)[1]
    yield "created for the test", tidied(document)


def _offer(web_ui: WebUI, file: OutputFormat, record: Record) -> None:
    """A route that gives that file of the last test; to a page of another site it gives nothing."""

    def download() -> Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return Response("a page of another site asked for this\n", 403, mimetype="text/plain")
        found = record()
        if found is None or found.document is None:
            return Response(f"{_not_there(found, file.file)}\n", 404, mimetype="text/plain")
        answer = Response(file.pieces(found.document), mimetype=TYPES[file.suffix])
        answer.headers["Content-Disposition"] = f"attachment; filename={file.file}"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    app: Any = web_ui.app
    options = web_ui.environment.parsed_options
    base = (getattr(options, "web_base_path", None) or "").rstrip("/")
    view = web_ui.auth_required_if_enabled(download)  # type: ignore[no-untyped-call]
    app.add_url_rule(f"{base}/{KEY}/{file.file}", f"{KEY}.{file.name}", view)


def _not_there(record: LocustRecord | None, name: str) -> str:
    if record is None:
        return f"no test was started yet: {name} is here when one has ended"
    if record.refused:
        return f"there was no test: {record.refused}"
    return f"the test is not over: {name} is here when everything is read back and removed"
