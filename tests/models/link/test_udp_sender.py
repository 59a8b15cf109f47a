"""The UDP sender: engine = reference; its datagrams are what a receiver takes."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import run_reference
from spikelock.models.engine.link import udp_sender as engine
from spikelock.models.errors import BadInput
from spikelock.models.link import udp_receiver
from spikelock.models.link.ethernet import Station
from spikelock.models.link.udp_sender import CORE, Params, datagram
from spikelock.testbenches.link.ethernet_frames import checksum

PARAMS = Params(longest=5)
PEER = {"peer_station": 0x020000000001, "peer_address": 0xC0A80101, "peer_port": 9000, "known": 1}


@given(
    st.lists(st.integers(0, 3), max_size=60),
    st.integers(0, 2**48 - 1),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_engine_equals_reference(data: list[int], station: int, address: int, known: bool) -> None:
    configuration = CORE.configuration(
        PARAMS, {"peer_station": station, "peer_address": address, "peer_port": 7, "known": known}
    )
    inputs = {"input": CORE.inputs(PARAMS)["input"].records(np.array(data, np.int64))}
    _, expected = run_reference(CORE, PARAMS, configuration, inputs)
    assert np.array_equal(engine.run(PARAMS, configuration, inputs)["output"], expected["output"])


def test_bytes_of_a_datagram() -> None:
    sent = datagram(Params(), CORE.configuration(Params(), PEER), b"\1\2\0")
    assert sent.hex(" ", -2) == (
        "0200 0000 0001 0253 5049 4b45 0800"
        " 4500 001f 0000 4000 4011 b718 c0a8 0164 c0a8 0101"
        " 5000 2328 000b 0000 0102 00"
    )
    assert checksum(sent[14:34]) in (0, 0xFFFF)


@given(st.binary(min_size=1, max_size=200))
def test_a_receiver_takes_what_is_sent(payload: bytes) -> None:
    """From one station to another with the same code on both ends: their padding and check added here."""
    other = Station(0x020000000001, 0xC0A80101, 9000)
    frame = datagram(Params(), CORE.configuration(Params(), PEER), payload).ljust(60, b"\0")
    taken, _, peer, _ = udp_receiver.judged(
        udp_receiver.Params(other), frame + crc32(frame).to_bytes(4, "little")
    )
    assert bytes(byte for (byte,) in taken) == payload + b"\0"
    own = Station()
    assert peer == [(own.mac, own.address, own.port)]


def test_payloads_that_fit_no_frame_are_refused() -> None:
    with pytest.raises(BadInput, match="2 … 1472 fit a frame; 256 works"):
        Params(longest=1473)
