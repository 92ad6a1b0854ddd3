"""Legal behaviour is never flagged: a false alarm is as bad as a miss."""

from __future__ import annotations

import pytest

from scimproof.core.results import Finding, Verdict
from scimproof.embedded.app import Application
from tests.matrix.field_varieties import FIELD, NOTED, TOGETHER
from tests.matrix.inprocess import TIMED, TOKEN, catalog, play_against, play_few
from tests.matrix.reach import PLAYED_HONESTLY, fewest
from tests.matrix.varieties import VARIETIES

KNOWN = {variety.name: variety for variety in (*VARIETIES, *FIELD)}
ALONE = tuple((name,) for name in KNOWN if not any(name in some for some in TOGETHER))


def flagged(findings: list[Finding], names: tuple[str, ...]) -> list[Finding]:
    """What neither passes nor does not apply; what has to be documented is a warning and no more."""
    quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    noted = {NOTED[name] for name in names if name in NOTED}
    told = [f for f in findings if f.verdict not in quiet and f.requirement not in TIMED]
    assert noted <= {f.requirement for f in told}
    return [f for f in told if f.verdict is not Verdict.WARNING or f.requirement not in noted]


@PLAYED_HONESTLY
@pytest.mark.parametrize("names", [*ALONE, *TOGETHER], ids=" ".join)
def test_nothing_is_flagged(names: tuple[str, ...]) -> None:
    """Everything passes or does not apply: what is asked of it, by every form of request that it touches."""
    varieties = [KNOWN[name] for name in names]
    reached = set().union(*(fewest(variety) for variety in varieties))
    assert flagged(play_few(Application(TOKEN, varieties, 0.0), reached), names) == []


@pytest.mark.nightly
@pytest.mark.parametrize("names", [*ALONE, *TOGETHER], ids=" ".join)
def test_nothing_is_flagged_with_all_the_users_of_the_profile(names: tuple[str, ...]) -> None:
    """The same in every sequence, touched or not."""
    assert flagged(play_against(Application(TOKEN, [KNOWN[name] for name in names], 0.0)), names) == []


@pytest.mark.parametrize("part", ["okta-oin", "okta-aiw"])
def test_what_is_quiet_under_the_whole_profile_is_quiet_under_its_parts(part: str) -> None:
    """The dialects' profiles ask nothing that the profile okta, which is played above, does not ask."""
    whole, profile = catalog().profile("okta"), catalog().profile(part)
    asked = {sequence.id for sequence in catalog().select(whole.sequences, inferred=True)}
    assert {sequence.id for sequence in catalog().select(profile.sequences, inferred=True)} < asked
    assert set(profile.watches) <= set(whole.watches)
    assert set(profile.gates) <= set(whole.gates)
