"""What stands in somebody's environment, or above the checkout, has no say in the tests.

Nor does what somebody agreed to, and the tests agree to nothing in their name.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from scimproof.settings.every_setting import SETTINGS
from scimproof.settings.file import NAMED_BY

for name in {each.variable for each in SETTINGS}:
    os.environ.pop(name, None)
os.environ[NAMED_BY] = os.devnull

state = tempfile.mkdtemp(prefix="scimproof-tests-")
atexit.register(shutil.rmtree, state, ignore_errors=True)
os.environ["XDG_STATE_HOME"] = state

# What runs in the background of a shell ignores these two, and so would every process that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected stays until the end: looking through it for garbage took 7 % of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def _own_ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ledger of a test is kept where people keep theirs."""
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(tmp_path / "ledgers"))
