"""Page of a load run that goes on: charts that move, for browsers that the dashboard server has told."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from scimproof.render.page import data_block, inlined, page_environment


def dashboard_page(run: dict[str, Any]) -> tuple[str, str]:
    """The HTML, and the content security policy to serve it with.

    `run` has `plan` (its name), `question`, `url` and `embedded` of the target, `seconds` and `warm_up` of
    the plan, and the `version` of scimproof.
    """
    data = {"name": run["plan"], "seconds": run["seconds"], "warm_up": run["warm_up"]}
    environment = _environment()
    page = environment.get_template("dashboard.html.j2").render(run=run, data=data_block(data))
    return page, str(environment.globals["policy"])


@cache
def _environment() -> Environment:
    environment = page_environment()
    styles = ("report.css", "charts.css", "load.css", "dashboard.css")
    environment.globals |= inlined(*styles, scripts=("charts.js", "dashboard.js"), asks_its_server=True)
    return environment
