"""Web page of Locust: what its form may start is limited to what the command line's options allow.

Whoever reaches the page may send a form, with fields that the page does not show, to any of Locust's options.
Until everything is removed after a stop, the page goes on asking how it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, jsonify, request
from locust.argument_parser import ui_extra_args_dict
from locust.runners import STATE_CLEANUP, STATE_RUNNING, STATE_STOPPING
from locust.web import WebUI

from scimproof.core.escaping import line

logger = logging.getLogger(__name__)
OF_LOCUST = {"host", "user_count", "spawn_rate", "run_time", "user_classes", "shape_class", "profile"}
LONG = 200  # characters of what somebody sent that are shown
Refusal = Callable[[Mapping[str, str]], str]
Rows = Callable[[], list[dict[str, str]]]
KEY = "scimproof"  # of the tab, in what the page is told


def hold(web_ui: WebUI, user: str, shape: str, refusal: Refusal, rows: Rows) -> None:
    """Let the page start a test only where `refusal` of its fields is empty, and say what it is otherwise.

    The users of the class called `user` are not started without their `shape`, where Locust lets people
    choose; nor does the page set attributes of that class, which Locust allows for any. `rows` are those of
    the page's own tab, told with Locust's figures.
    """

    def start() -> str:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return "a page of another site asked for this: start it on Locust's own page"
        strange = sorted(set(request.form) - OF_LOCUST - set(ui_extra_args_dict()))
        if strange:
            return f"the web form cannot change {line(', '.join(strange), LONG)}"
        chosen = request.form.getlist("user_classes")
        shapeless = web_ui.userclass_picker_is_active and request.form.get("shape_class") != shape
        if shapeless and (user in chosen or not chosen):
            return f"{user} keeps a schedule: choose {shape} as its shape"
        return refusal(request.form.to_dict())

    def change() -> str:
        told = request.get_json(force=True, silent=True)
        named = told.get("user_class_name") if isinstance(told, dict) else user
        return f"{user} is what scimproof needs it to be, and is not changed here" if named == user else ""

    _wrap(web_ui, "swarm", start)
    _wrap(web_ui, "update_user", change)
    _keep_asking(web_ui, rows)


def _keep_asking(web_ui: WebUI, rows: Rows) -> None:
    """Show a test that is being stopped as one that runs, and the rows of the tab with it.

    The page asks for the figures while a test runs, every two seconds. Once it has heard `cleanup` or
    `stopping` it never asks again, and shows that until it is loaded anew. Locust's own users stop at once;
    ours remove what they created, which takes longer.
    """
    name = "locust.request_stats"
    app: Any = web_ui.app
    views: dict[str, Any] = app.view_functions
    figures = views[name]

    def told() -> Response | Any:
        answer = figures()
        found = answer.get_json(silent=True) if isinstance(answer, Response) else None
        if not isinstance(found, dict):
            return answer
        if found.get("state") in (STATE_CLEANUP, STATE_STOPPING):
            found["state"] = STATE_RUNNING
        return jsonify(found | {"extended_stats": [{"key": KEY, "data": rows()}]})

    views[name] = told


def _wrap(web_ui: WebUI, view: str, refusal: Callable[[], str]) -> None:
    """Ask `refusal` first, once whoever asks is let in."""
    app: Any = web_ui.app
    name = f"locust.{view}"
    allowed = app.view_functions[name]

    def held() -> Response | Any:
        why = refusal()
        if not why:
            return allowed()
        logger.error("scimproof: %s", why)
        return jsonify({"success": False, "message": f"scimproof: {why}", "host": web_ui.environment.host})

    app.view_functions[name] = web_ui.auth_required_if_enabled(held)  # type: ignore[no-untyped-call]
