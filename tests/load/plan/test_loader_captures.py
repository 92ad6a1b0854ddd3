"""Plans made of a capture: what arrives, and what is refused with file and line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.errors import UsageError
from scimproof.load.plan.job import Job
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.plan import Plan
from scimproof.target.options import TargetOptions
from tests.load.recording.recorded import OktaTenant, Recorded

CREATE, DEACTIVATE = "okta.oin.user.create", "okta.oin.user.deactivate"
PLAN = """\
question = "Is the hour survived?"
capture = "hour.jsonl"

[thresholds]
"*" = { errors = 0 }
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def captured(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Ten creates in a second, then one every second; deactivations in between."""
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    for at in (*(1 + number / 10 for number in range(10)), *range(3, 9)):
        tenant.create(at)
    for at in (4.5, 6.5):
        tenant.deactivate(at)
    recorded.send(9, "entra/default/user-disable.http", tenant.someone())
    return recorded.write(tmp_path_factory.mktemp("capture") / "hour.jsonl").read_bytes()


def read(text: str, catalog: Catalog, folder: Path, captured: bytes = b"", profile: str = "") -> Plan:
    if captured:
        (folder / "hour.jsonl").write_bytes(captured)
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, catalog, catalog.profile(profile) if profile else None)


def test_a_plan_plays_what_its_capture_has(catalog: Catalog, captured: bytes, tmp_path: Path) -> None:
    plan = read(PLAN, catalog, tmp_path, captured)
    assert plan.mix == {CREATE: 16, DEACTIVATE: 2}
    assert (plan.seconds, plan.warm_up, plan.model) == (9, 0, "open")
    assert plan.rate == plan.phases[0].rate == 9  # in the second from the first request, a search, on
    assert plan.schedule.expected == 18
    assert [(round(a.due, 3), a.plays) for a in plan.schedule][-2:] == [(6.1, CREATE), (7.1, CREATE)]
    assert Counter(a.plays for a in plan.schedule) == plan.mix
    assert plan.recorded
    assert plan.recorded.requests == 35
    assert plan.recorded.left_out == {"requests of Microsoft Entra ID": 1}
    assert {t.of.partition("/")[0] for t in plan.thresholds if "." in t.of} == {CREATE, DEACTIVATE}


def test_it_reaches_another_process_without_its_capture(
    catalog: Catalog, captured: bytes, tmp_path: Path
) -> None:
    plan = read(PLAN.replace("\n\n", "\nfactor = 2.5\nseed = 7\n\n"), catalog, tmp_path, captured)
    job = Job(plan=plan, access=TargetOptions(url="http://127.0.0.1:1/scim/v2"), prefix="p")
    (tmp_path / "hour.jsonl").unlink()
    there = Job.from_text(job.as_text()).plan
    assert there == plan
    assert list(there.schedule) == list(plan.schedule)
    assert len(list(there.schedule)) == plan.schedule.expected
    shares = [arrival for worker in range(3) for arrival in there.schedule.share(worker, 3)]
    assert sorted(shares) == list(plan.schedule)


def test_a_factor_a_rate_and_the_busiest_part(catalog: Catalog, captured: bytes, tmp_path: Path) -> None:
    plan = read(PLAN.replace("\n\n", "\nfactor = 3\nbusiest = 2\n\n"), catalog, tmp_path, captured)
    assert (plan.seconds, plan.mix) == (2, {CREATE: 10})
    assert [t for t in plan.thresholds if DEACTIVATE in t.of] == []
    assert plan.schedule.expected == 30
    assert plan.multiplied(2).schedule.expected == 20
    assert plan.at_rate(5).rate == pytest.approx(5)
    whole = read(PLAN, catalog, tmp_path)
    assert whole.lasting(2).mix == {CREATE: 10}
    assert whole.at_rate(18).schedule.expected == 36
    only = whole.playing({DEACTIVATE: 1.0})
    assert only.mix == {DEACTIVATE: 2}
    assert only.recorded
    assert sum(only.recorded.left_out.values()) == 33


def test_a_profile_decides_whose_requests_are_played_and_in_which_dialect(
    catalog: Catalog, captured: bytes, tmp_path: Path
) -> None:
    aiw = read(PLAN, catalog, tmp_path, captured, "okta-aiw")
    assert aiw.mix == {"okta.aiw.user.create": 16, "okta.aiw.user.deactivate": 2}
    entra = read(PLAN, catalog, tmp_path, captured, "entra-default")
    assert entra.mix == {"entra.default.user.disable": 1}
    assert entra.recorded
    assert entra.recorded.left_out == {"requests of Okta": 34}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("hour.jsonl", "other.jsonl", 2, "there is no such file or folder"),
        ("hour.jsonl", "", 2, "capture is empty"),
        ("\n\n", "\nfactor = 0\n\n", 3, "factor should be a number from 0.001 to 1000, not 0"),
        ("\n\n", "\nfactor = -2\n\n", 3, "factor should be a number from 0.001 to 1000, not -2"),
        ("\n\n", "\nrate = 5\n\n", 3, "rate is as it was recorded when there is a capture: leave it out"),
        ("\n\n", "\nseconds = 5\n\n", 3, "seconds is as it was recorded"),
        ("\n\n", '\narrivals = "poisson"\n\n', 3, "arrivals is as it was recorded"),
        ("\n\n", f'\n[mix]\n"{CREATE}" = 1\n\n', 3, "mix is as it was recorded"),
        ("\n\n", "\nbusiest = 60\n\n", 3, "the recording lasts 9 s and is played once"),
        ("errors = 0 }", 'errors = 0 }\n"okta.oin.user.update" = { p95_ms = 5 }', 6, "never runs"),
        (
            'capture = "hour.jsonl"',
            f'factor = 2\nrate = 1\nseconds = 1\nmix."{CREATE}" = 1',
            2,
            "factor is for a plan made of a capture",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_and_line(
    old: str, new: str, line: int, says: str, catalog: Catalog, captured: bytes, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        read(PLAN.replace(old, new, 1), catalog, tmp_path, captured)
    assert says in str(refused.value)
    assert f"mine.toml:{line}:" in str(refused.value)


def test_a_capture_with_nothing_to_play_is_refused_where_it_is_named(
    catalog: Catalog, captured: bytes, tmp_path: Path
) -> None:
    first = captured.splitlines(keepends=True)[0]
    for content, says in ((first, "no exchange is in it"), (b"{}\n" * 3, "hour.jsonl")):
        with pytest.raises(UsageError) as refused:
            read(PLAN, catalog, tmp_path, content)
        assert re.search(r"mine\.toml:2: \S*hour\.jsonl: ", str(refused.value))
        assert says in str(refused.value)
    with pytest.raises(UsageError, match="no sequence stands for any of its requests"):
        read(PLAN, catalog, tmp_path, first + captured.splitlines(keepends=True)[1])
