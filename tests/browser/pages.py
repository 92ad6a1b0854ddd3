"""Every page that scimproof writes, from documents of the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from scimproof.core.results import Verdict
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.thresholds import PROVISION, Threshold
from scimproof.render.comparison.html import html as comparison_html
from scimproof.render.conformance.html import html
from scimproof.render.load.html import html as load_html
from scimproof.render.matrix import (
    REST,
    STATES,
    MatrixCell,
    MatrixRow,
    Source,
    Table,
    known_columns,
    tabulate,
)
from scimproof.render.matrix import html as matrix_html
from scimproof.render.side_by_side import html as side_by_side_html
from scimproof.render.side_by_side import side_by_side
from scimproof.render.submission.html import html as submission_html
from scimproof.render.trend.html import html as trend_html
from scimproof.report import summary
from scimproof.report.comparison import compare
from scimproof.report.document import Report
from scimproof.report.load_comparison import baseline, compare_load
from scimproof.report.trend import trend
from tests.load.loaded import OIN as SEQUENCE
from tests.load.loaded import loaded
from tests.render.load.test_terminal import hostile
from tests.render.submission.made import Said, pack
from tests.render.test_side_by_side import acmes
from tests.report import test_trend as history
from tests.report.make_samples import MADE, NASTY, sample
from tests.report.many import many
from tests.report.test_reader_earlier import LOADS


def _load(made: Callable[[], dict[str, Any]]) -> str:
    return load_html(made())


def report(name: str) -> str:
    return html(sample(name))


OIN: Mapping[str, Said] = {
    "ready": {},
    "not ready": {"okta.oin.user.deactivate/read-back#okta-deactivate-persists": (Verdict.FAIL, NASTY)},
}


def oin_pack(said: Said) -> str:
    return submission_html(pack(said))


def gallery_pack() -> str:
    return submission_html(pack(id="gallery"))


def over_time(document: dict[str, Any]) -> dict[str, Any]:
    """The same with a warm-up, lines to draw, and latencies by size of the group."""
    id = document["operations"][0]["id"]
    rising = [None, 1.5, 2.0, 2.5]
    line = {"p50": rising, "p95": rising, "p99": rising}
    document["series"] |= {"at": [0, 1, 2, 3], "width": 1, "operations": {id: line}, "overall": line}
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


def thirty_reasons(reasons: int = 30) -> Report:
    """A run with so many reasons in long sentences, and with everything that a header may have to say."""
    document = many(reasons, 1, 1)
    (rule,) = document["requirements"].values()
    document["requirements"] = {}
    for place, finding in enumerate(document["findings"]):  # each of a rule of its own, none is refused
        name, said = f"rule-{place}", "What was written is not read back as it was. " * (1 + place % 9)
        told = f"Rule {place}. {said}"
        document["requirements"][name] = rule | {"id": name, "statement": said, "broken": told}
        finding |= {"id": finding["id"].replace("rule-0", name), "requirement": name}
        finding |= {"verdict": "fail", "observed": "something else"}
    for exchange in document["exchanges"]:
        exchange |= {"status": 201, "reason": "Created"}
    document["summary"] = summary.summary(document["findings"], document["sequences"], reasons, 0)
    document["result"] = summary.result(document["findings"])
    document["target"]["insecure"] = document["target"]["embedded"] = True
    document["target"]["url"] = (
        "https://provisioning.department.corporation.example:8443/tenants/4711/scim/v2"
    )
    return document


def all_that_can_be_asked() -> Table:
    """A table with every column that one sender has, long names, and hundreds of findings in most cells."""
    others = ("ENTRA-", "VALIDATOR-", "GALLERY-", "RFC-")  # whose reports have tables of their own
    columns = [
        one.title for one in known_columns() if any(not id.startswith(others) for id in one.operations)
    ]
    columns.append(REST)
    states = [state for state in STATES if state != "not played"]
    lines = []
    for place in range(10):
        source = Source(
            f"an-implementation-with-a-long-name-{place}.0.0", sample("waived"), "there/report.html"
        )
        cells = [
            MatrixCell({states[(place + at) % 5]: 100 * place + at}, dict.fromkeys(states, "a/b#c"))
            for at in range(len(columns))
        ]
        lines.append(MatrixRow(source, tuple(cells)))
    return Table(tuple(columns), tuple(lines))


def beside() -> str:
    """Four reports of two senders side by side, with everything that such a page may have to say."""
    reports = {name: sample(name) for name in ("failing", "hostile")} | {"acme": acmes("failing")}
    reports["failing"] |= {"stop": "the run's budget of time (--budget) is used up", "partial": True}
    sources = [Source(name, report, f"{name}/report.html") for name, report in reports.items()]
    return side_by_side_html(side_by_side(sources, ["Not run: rfc, since the run of acme ended early."]))


def earlier_load() -> dict[str, Any]:
    """The document of a load run as an earlier version wrote it."""
    return dict(json.loads(LOADS[0].read_text(encoding="utf-8")))


def since() -> dict[str, Any]:
    """A load run 30 % slower than its baseline."""
    old, new = loaded(*LIMITS), loaded(*LIMITS, slower=1.3, wrong=1)
    return new | {"baseline": baseline(compare_load(old, new, paths=("old.json", "this run")), old, new)}


def compared(*, load: bool) -> str:
    """Two reports of one kind compared, the later one worse."""
    if load:
        return comparison_html(compare_load(loaded(*LIMITS), loaded(*LIMITS, slower=9, wrong=2)))
    return comparison_html(compare(sample("honest"), sample("failing")))


def releases() -> str:
    """Load runs and capacities of a few releases, with one of each result."""
    results = ("pass", "fail", "invalid", "pass")
    runs = [
        history.run(place, f"1.{place}", result=result, why=NASTY) for place, result in enumerate(results)
    ]
    runs += [history.capacity(place, rate, f"1.{place}") for place, rate in enumerate((40.0, None, 30.0))]
    return trend_html(trend(runs, folder="history", left_out=[f"Left out: {NASTY}"]))


LIMITS = (
    Threshold(f"{SEQUENCE}/create", "p95_ms", 1000),
    Threshold(f"{SEQUENCE}/search", "p95_ms", 500),
    Threshold(f"{SEQUENCE}/create", "p99_ms", 3000),
    Threshold(f"{SEQUENCE}/create", "errors", 0.001),
    Threshold(PROVISION, "p95_ms", 2000),
)
LOAD: Mapping[str, Callable[[], dict[str, Any]]] = {
    "load, held": lambda: loaded(*LIMITS),
    "load, broken": lambda: loaded(*LIMITS, slower=30, wrong=2),
    "load, no limits": loaded,
    "load, invalid": lambda: loaded(*LIMITS, shares=(0.99,)),
    "load, ended early": lambda: loaded(
        *LIMITS, seconds=4.0, stop="interrupted (Ctrl-C)", timeline=TimeSeries(20)
    ),
    "load, hostile": hostile,
    "load, baseline": since,
    "load, over time": lambda: over_time(hostile()),
    "load, earlier": earlier_load,
}
_MADE: Mapping[str, Callable[[], str]] = {
    **{name: partial(report, name) for name in MADE},
    "matrix": lambda: matrix_html(tabulate(Source(name, sample(name), f"{name}.html") for name in MADE)),
    **{f"OIN pack, {name}": partial(oin_pack, said) for name, said in OIN.items()},
    "gallery pack": gallery_pack,
    "load runs compared": partial(compared, load=True),
    "runs compared": partial(compared, load=False),
    "trend": releases,
    "ten reasons": lambda: html(
        thirty_reasons(10)
    ),  # more than are named at the top; axe takes its time for each
    "side by side": beside,
    "matrix, all columns": lambda: matrix_html(all_that_can_be_asked()),
    **{name: partial(_load, made) for name, made in LOAD.items()},
}
# Each is made when it is first asked for, and once.
PAGES: Mapping[str, Callable[[], str]] = {name: cache(made) for name, made in _MADE.items()}
