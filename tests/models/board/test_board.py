"""What a board says of itself, and the words that channels carry."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.board import channels
from spikelock.models.board.capability import capability, decode, encode, is_whole, register_hash
from spikelock.models.board.description import BoardParams
from spikelock.models.board.registers import CONTROL, REGISTERS, STATUS
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import chain, tile
from spikelock.models.fixed import signed, unsigned
from spikelock.models.neurons import lif
from spikelock.models.ports import Layout
from spikelock.testbenches import strategies

LAYOUT = Layout({"kind": unsigned(2), "weight": signed(7), "wide": unsigned(40)})
SMALL = chain.Params((tile.Params(lif.COMPACT, 3, 4, 12),))


@given(strategies.records(LAYOUT))
def test_words_come_back(records: Any) -> None:
    data = channels.to_bytes(LAYOUT, records)
    assert len(data) == 7 * len(records)
    assert np.array_equal(channels.from_bytes(LAYOUT, data), records)


def test_a_word_is_its_bits_low_byte_first() -> None:
    assert channels.to_bytes(LAYOUT, LAYOUT.records([1], [-1], [2])) == bytes([0xFD, 0x05, 0, 0, 0, 0, 0])
    with pytest.raises(BadInput, match="8 bytes are no whole number of words of 7"):
        channels.from_bytes(LAYOUT, bytes(8))


@given(st.integers(0, 1), st.integers(0, 255), st.integers(0, 2**24 - 1), st.integers(0, 2**16 - 1))
def test_a_memory_request_is_as_the_rules_say(operation: int, memory: int, first: int, count: int) -> None:
    packed = channels.memory_request(operation, memory, first, count)
    assert len(packed) == channels.MEMORY_REQUEST_BYTES
    assert int.from_bytes(packed, "little") == operation | memory << 8 | first << 16 | count << 40


def test_a_capability_record_comes_back_from_its_first_bytes() -> None:
    record = capability(BoardParams("one", SMALL), "today")
    data = encode(record)
    assert decode(data + bytes(50)) == record
    assert is_whole(data + b"\xff")
    assert not is_whole(data[:-1])
    assert is_whole(b"rubbish")


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    plain = json.loads(zlib.decompress(encode(capability(BoardParams("one", SMALL), "today"))))
    change(plain)
    return zlib.compress(json.dumps(plain).encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"rubbish", "cannot be read"),
        (encode(capability(BoardParams(), "x"))[:50], "cannot be read"),
        (zlib.compress(b"[]"), "cannot be read"),
        (changed(lambda plain: plain.update(version=9)), "has version 9"),
        (
            changed(lambda plain: plain.update(registers="0" * 16)),
            "register map has the hash 0000000000000000",
        ),
        (changed(lambda plain: plain["board"].update(clock="fast")), "clock"),
        (changed(lambda plain: plain["board"].update(colour="red")), "colour"),
        (zlib.compress(b" " * 100_000), "cannot be read"),
    ],
)
def test_a_record_that_is_not_known_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        decode(data)


def test_the_hash_knows_the_registers_of_the_chain() -> None:
    other = chain.Params((tile.Params(lif.Params(threshold=99), 3, 4, 12),))
    hashes = {register_hash(BoardParams(chain=sizes)) for sizes in (SMALL, other, chain.Params())}
    assert len(hashes) == 3


def test_control_comes_before_status() -> None:
    assert list(REGISTERS) == [*CONTROL, *STATUS]
    assert all(register.q.width <= 32 for register in REGISTERS.values())


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"name": ""}, "1 … 40 printable"),
        ({"clock": 0}, "clock = 0 Hz"),
        ({"baud": 4_000_000}, "at least 4 clock cycles"),
        ({"window": 3}, "window = 3: a power of two"),
        ({"event_buffer": 8}, "event_buffer = 8: a power of two from 16"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(sizes: dict[str, Any], says: str) -> None:
    with pytest.raises((BadInput, RangeError), match=says):
        BoardParams(**sizes)
