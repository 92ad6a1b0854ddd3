from __future__ import annotations

import struct
import sys
import time

import pytest

from scimproof.load.client.receive_stamp import waited
from scimproof.load.client.response import Response
from scimproof.load.greenlets import at_once, sleep
from tests.load.client.test_client import GET, talking
from tests.load.scripted import OK, Talk, filled

BUSY = 0.3  # seconds in which the process does something else


def stamp(moment: float) -> bytes:
    return struct.pack("@qq", int(moment), int(moment % 1 * 1e9))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's stamps are asked for on Linux only")
def test_an_answer_that_waited_for_this_process_came_when_the_kernel_had_it() -> None:
    """The generator is busy while it comes: that is its own delay, told apart from the latency."""
    found: list[Response] = []

    def slow(talk: Talk) -> None:
        while talk.request():
            time.sleep(0.05)
            talk.answer(OK)

    def busy() -> None:
        sleep(0.001)  # until the request is out
        time.sleep(BUSY)  # the whole process, as a burst of other answers would

    with talking(slow) as (slot, _, _):
        slot.exchange(filled(GET), time.monotonic())
        at_once([lambda: found.append(slot.exchange(filled(GET), time.monotonic())), busy])
    (answer,) = found
    assert answer.read - answer.sent >= BUSY
    assert answer.first <= answer.done
    assert answer.done - answer.sent < BUSY / 2
    assert answer.service == answer.done - answer.sent


@pytest.mark.parametrize("off", [3600.0, -3600.0, -1.0])
def test_a_clock_that_was_set_meanwhile_tells_nothing(off: float) -> None:
    assert waited(stamp(time.time() - off)) == 0.0


def test_a_stamp_tells_how_long_ago_it_was() -> None:
    assert waited(stamp(time.time() - 2.0)) == pytest.approx(2.0, abs=0.5)
