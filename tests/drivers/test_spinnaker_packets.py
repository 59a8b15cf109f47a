"""SpiNNaker's packets: published bytes, both ways; what is malformed, named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.drivers.wire import eieio, sdp
from spikelock.models.errors import RangeError


def test_published_bytes_of_a_read() -> None:
    """16 bytes, as words, at 0x60000000, with sequence 7."""
    command = sdp.encode_command(2, 7, (0x60000000, 16, 2))
    packet = sdp.Packet(sdp.Core(), data=command)
    wire = bytes.fromhex("87ff00ff0000000002000700000000601000000002000000")
    assert sdp.encode(packet) == wire
    assert sdp.decode(wire) == packet


@given(
    st.builds(
        sdp.Packet,
        *[
            st.builds(
                sdp.Core, st.integers(0, 255), st.integers(0, 255), st.integers(0, 31), st.integers(0, 7)
            )
        ]
        * 2,
        st.binary(max_size=290),
        st.booleans(),
        st.integers(0, 255),
        st.booleans(),
    )
)
def test_packets_come_back(packet: sdp.Packet) -> None:
    assert sdp.decode(sdp.encode(packet)) == packet


def test_a_reply_is_read() -> None:
    assert sdp.decode_reply(bytes.fromhex("80000700aabb")) == (0x80, 7, b"\xaa\xbb")
    assert sdp.decode_reply(b"\x80\0\7") is sdp.Refusal.SHORT


def test_malformed_packets_are_named() -> None:
    assert sdp.decode(bytes(7)) is sdp.Refusal.SHORT
    assert sdp.decode(b"\x07" + bytes(298)) is sdp.Refusal.LONG
    assert sdp.decode(bytes(8)) is sdp.Refusal.FLAGS


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(RangeError, match="cpu = 32 does not fit its field: 0 … 31"):
        sdp.Core(cpu=32)
    with pytest.raises(RangeError, match="at most 290 fit"):
        sdp.encode(sdp.Packet(sdp.ROOT, data=bytes(291)))
    with pytest.raises(RangeError, match="at most 256"):
        sdp.encode_command(3, 0, data=bytes(257))
    with pytest.raises(RangeError, match="an argument 32"):
        sdp.encode_command(3, 0, (1 << 32, 0, 0))
    with pytest.raises(RangeError, match="tag = 256"):
        sdp.encode(sdp.Packet(sdp.ROOT, tag=256))


def test_published_bytes_of_events() -> None:
    keys = np.array([0x12345678, 0xDEADBEEF], np.uint32)
    wire = bytes.fromhex("020878563412efbeadde")
    assert eieio.encode(eieio.Message(keys)) == wire
    message = eieio.decode(wire)
    assert isinstance(message, eieio.Message)
    assert message.keys.tolist() == keys.tolist()
    assert message.payloads is None


@pytest.mark.parametrize(
    ("wire", "keys", "payloads"),
    [
        ("0200 0100 0200", [1, 2], None),
        ("0104 0100 0900", [1], [9]),
        ("010c 01000000 09000080", [1], [0x80000009]),
        ("0180 3412 0100", [0x1235], None),
        ("01c0 3412 0100", [0x12340001], None),
        ("0120 0010 0100", [1], [0x1000]),
        ("0138 00000100 01000000", [1], [0x10000]),
        ("01e4 3412 0010 0100 0200", [0x12340001], [0x1002]),
        ("0000", [], None),
    ],
)
def test_every_kind_of_message_is_read(wire: str, keys: list[int], payloads: list[int] | None) -> None:
    message = eieio.decode(bytes.fromhex(wire))
    assert isinstance(message, eieio.Message)
    assert message.keys.tolist() == keys
    assert (None if message.payloads is None else message.payloads.tolist()) == payloads


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=31), st.booleans())
def test_events_come_back(events: list[tuple[int, int]], times: bool) -> None:
    keys, payloads = np.array(events, np.uint32).reshape(-1, 2).T
    message = eieio.decode(eieio.encode(eieio.Message(keys, payloads, times, 2)))
    assert isinstance(message, eieio.Message)
    assert message.payloads is not None
    assert np.array_equal(message.keys, keys)
    assert np.array_equal(message.payloads, payloads)
    assert (message.times, message.tag) == (times, 2)


@given(st.binary(max_size=40))
def test_no_rubbish_gives_a_traceback(data: bytes) -> None:
    assert isinstance(eieio.decode(data), eieio.Message | eieio.Refusal)
    assert isinstance(sdp.decode(data), sdp.Packet | sdp.Refusal)


def test_malformed_messages_are_named() -> None:
    assert eieio.decode(b"\1") is eieio.Refusal.SHORT
    assert eieio.decode(b"\1\x80\0") is eieio.Refusal.SHORT
    assert eieio.decode(b"\1\x40\0") is eieio.Refusal.COMMAND
    assert eieio.decode(b"\1\0\0") is eieio.Refusal.LENGTH
    assert eieio.decode(b"\1\0\0\0\0") is eieio.Refusal.LENGTH


def test_events_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RangeError, match="at most 63 fit"):
        eieio.encode(eieio.Message(np.zeros(64, np.uint32)))
    with pytest.raises(RangeError, match="at most 31 fit"):
        eieio.encode(eieio.Message(np.zeros(32, np.uint32), np.zeros(32, np.uint32)))
    with pytest.raises(RangeError, match="tag = 4"):
        eieio.encode(eieio.Message(np.zeros(1, np.uint32), tag=4))
