"""The link over Ethernet: the joined hardware against the specifications, and both against Linux."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest

from spikelock.models.link.ethernet import Drop, Station
from spikelock.testbenches.link.ethernet_frames import Peer, frames
from spikelock.testbenches.link.linux_peer import NOT_POSSIBLE
from spikelock.testbenches.link.stations import Simulated, Specified
from spikelock.testbenches.pytest_plugin import Size

STATION = Station()


def test_hardware_answers_as_specified() -> None:
    makers = frames(STATION, np.random.default_rng(8), 200)
    specified, simulated = Specified(STATION), Simulated(STATION)
    answered = 0
    for name, make in makers.items():
        frame = make()
        expected = specified.answer(frame)
        assert simulated.answer(frame) == expected, name
        answered += len(expected)
    assert answered >= 6
    assert simulated.dropped == specified.dropped
    assert len(specified.dropped) == len(Drop)


def test_answers_go_to_whoever_sent_last() -> None:
    station = Simulated(STATION)
    for number in (1, 2, 1):
        peer = Peer(STATION, bytes([2, 0, 0, 0, 0, number]), bytes([10, 0, 0, number]), 1000 + number)
        (answer,) = station.answer(peer.ip(17, peer.datagram(bytes([number, 0]))))
        assert answer[:6] == peer.station
        assert answer[30:34] == peer.address
        assert int.from_bytes(answer[36:38], "big") == peer.port
        assert answer[42:44] == bytes([number, 0])


@pytest.mark.parametrize("kind", ["specified", "simulated"])
def test_linux_speaks_with_it(kind: str, size: Size) -> None:
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("no `unshare` and `ip`: apt install util-linux iproute2")
    count = size.pick(3, 200)
    command = [sys.executable, "-m", "spikelock.testbenches.link.linux_peer", kind, str(count)]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", *command], capture_output=True, text=True, check=False
    )
    if done.returncode == NOT_POSSIBLE or "unshare failed" in done.stderr:
        pytest.skip(f"no network namespace with a TAP device here: {done.stdout}{done.stderr}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "3 echo replies",
        f"{count + 3} datagrams",
        "a neighbour by ARP",
        "fragments and another port were counted",
    ]
