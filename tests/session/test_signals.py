"""A child that is started does not get Ctrl-C; a Ctrl-C of that moment is not lost."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# What a shell starts in the background ignores Ctrl-C; here nobody does.
HEARS = "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
CHILD = f"{HEARS}; os.kill(os.getpid(), signal.SIGINT); print('the child is there', flush=True)"
SCRIPT = f"""
{HEARS}
import subprocess, sys
from scimproof.session.signals import child_ignores_interrupts

try:
    with child_ignores_interrupts():
        os.kill(os.getpid(), signal.SIGINT)
        subprocess.run([sys.executable, "-c", {CHILD!r}], check=True)
except KeyboardInterrupt:
    print("interrupted after it")
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be held back here")
def test_ctrl_c_while_a_child_starts_is_this_process_s_and_comes_after_it() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["the child is there", "interrupted after it"]
