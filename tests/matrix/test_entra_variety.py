"""Legal behaviour is never flagged under Entra's profiles."""

from __future__ import annotations

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.app import Application, build
from tests.matrix.entra import FLAGGED, few, honest, play, sequences
from tests.matrix.entra_varieties import ENTRA
from tests.matrix.field_varieties import FIELD, TOGETHER
from tests.matrix.inprocess import TOKEN
from tests.matrix.varieties import VARIETIES

# What Entra tolerates and the RFC does not, what has to be documented, and what is recommended only.
NOTED = {
    "leavers-leave": "entra-disabled-stay-members",
    "group-patch-200": "entra-group-patch-no-body",
    "role-text-declined": "entra-role-answered",
    "wrong-token-403": "rfc7644-3.12-unauthorized",
    "create-200": "rfc7644-3.3-create-201",
    "delete-200": "rfc7644-3.6-delete-204",
    "delete-202": "rfc7644-3.6-delete-204",
}
KNOWN = {variety.name: variety for variety in (*VARIETIES, *FIELD, *ENTRA)}
ALONE = tuple((name,) for name in KNOWN if not any(name in some for some in TOGETHER))
WRONG = (Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)


@pytest.mark.parametrize("profile", ["entra", "entra-validator", "entra-gallery"])
def test_the_honest_target_passes(profile: str) -> None:
    """Everything holds; only what the target gives no occasion for is not applicable."""
    played = honest(profile).played
    assert len(played.findings) > 100
    assert played.told(*WRONG) == []


@pytest.mark.nightly
@pytest.mark.parametrize("profile", ["entra", "entra-default", "entra-flag"])
def test_it_does_with_all_the_users_and_the_flag_in_the_url(profile: str) -> None:
    """As many users as the profile wants, at a tenant URL with aadOptscim062020."""
    played = play(build(token=TOKEN), sequences(profile), profile=profile, base=FLAGGED)
    assert played.told(*WRONG) == []


@pytest.mark.parametrize("names", [*ALONE, *TOGETHER], ids=" ".join)
def test_nothing_is_flagged(names: tuple[str, ...]) -> None:
    """Everything passes or does not apply, in the sequences that the variety touches."""
    varieties = [KNOWN[name] for name in names]
    touched = {name for variety in varieties for name in honest().touched(variety)}
    some = [one for one in few(sequences()) if one.id in touched]
    played = play(Application(TOKEN, varieties, 0.0), some)
    quiet = {NOTED[name] for name in names if name in NOTED}
    assert [line for line in played.told(*WRONG) if not any(rule in line for rule in quiet)] == []
