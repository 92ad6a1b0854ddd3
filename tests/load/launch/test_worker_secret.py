"""Master and workers are nothing without a secret that cannot be guessed, and it is an option nowhere."""

from __future__ import annotations

import pytest

from scimproof.core.errors import UsageError
from scimproof.core.redaction import remembered
from scimproof.load.launch.worker_secret import for_one_run, worker_secret
from scimproof.settings.table import TABLE

NAME = "SCIMPROOF_WORKER_SECRET"


@pytest.mark.parametrize(
    ("given", "says"),
    [({}, "set SCIMPROOF_WORKER_SECRET to the same secret"), ({NAME: "hunter2"}, "has 7 characters")],
)
def test_none_and_a_short_one_are_refused_and_the_text_does_not_repeat_it(
    given: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        worker_secret(given)
    assert "hunter2" not in str(refused.value)


def test_what_is_taken_is_in_no_output_and_a_run_of_one_machine_has_its_own_each_time() -> None:
    first, second = worker_secret(for_one_run()), worker_secret(for_one_run())
    assert first != second
    assert first not in remembered().text(f"wrong: {first}")
    assert not [one.name for one in TABLE if "secret" in one.name]
