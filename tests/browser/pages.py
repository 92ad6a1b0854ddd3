"""Every page that scimproof writes, from documents of the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scimproof.model import Verdict
from scimproof.render import html
from scimproof.render.load_html import html as load_html
from scimproof.render.matrix import Source, tabulate
from scimproof.render.matrix import html as matrix_html
from scimproof.render.oin import html as oin_html
from tests.load.test_load_render import hostile
from tests.oin.made import Said, pack
from tests.report.make_samples import MADE, NASTY, sample


def report(name: str) -> str:
    return html(sample(name))


OIN: Mapping[str, Said] = {
    "ready": {},
    "not ready": {"okta.oin.user.deactivate/read-back#okta-deactivate-persists": (Verdict.FAIL, NASTY)},
}


def oin_pack(said: Said) -> str:
    return oin_html(pack(said))


def over_time(document: dict[str, Any]) -> dict[str, Any]:
    """The same with a warm-up, lines to draw, and latencies by size of the group."""
    id = document["operations"][0]["id"]
    rising = [None, 1.5, 2.0, 2.5]
    document["series"] |= {"at": [0, 1, 2, 3], "width": 1, "operations": {id: {"p50": rising, "p95": rising}}}
    document["series"] |= {key: [0, 9, 12, 7] for key in ("due", "sent", "answered", "errors")}
    document["plan"]["warm_up"] = 1
    row = {
        "members": 100,
        "batches": 1,
        "errors": 0,
        "first_ms": 4.5,
        "last_ms": 4.5,
        "total_ms": 9,
        "read_ms": 2,
    }
    document["group_sizes"] = {"rows": [row], "ms_per_thousand": 1.5}
    return document


PAGES: Mapping[str, Callable[[], str]] = {
    **{name: partial(report, name) for name in MADE},
    "matrix": lambda: matrix_html(tabulate(Source(name, sample(name), f"{name}.html") for name in MADE)),
    **{f"OIN pack, {name}": partial(oin_pack, said) for name, said in OIN.items()},
    "load, hostile": lambda: load_html(hostile()),
    "load, over time": lambda: load_html(over_time(hostile())),
}
