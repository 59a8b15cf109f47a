"""The format of an event: every bit where the text says, and refusals."""

from __future__ import annotations

import pytest

from spikelock.models.aer.event import Format
from spikelock.models.errors import RangeError
from spikelock.models.fabric import tile
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import to_bits


def test_packing_is_the_stated_one_bit_by_bit() -> None:
    port = Format(address_width=5, payload_width=3, tick_width=2).port()
    events = port.from_tuples(
        [
            (Kind.FAULT, 0, 0, 0),
            (Kind.SPIKE, 0b10001, 0, 0),
            (Kind.TICK, 0, 0b101, 0),
            (Kind.RESTART, 0, 0, 0b11),
        ]
    )
    assert port.width == 12
    assert to_bits(port, events) == [0b11, 0b10001 << 2, 0b101 << 7 | 1, 0b11 << 10 | 2]


def test_without_payload_it_is_the_stream_of_a_tile() -> None:
    assert Format(address_width=4).port() == tile.event(16)


@pytest.mark.parametrize("wrong", [{"address_width": 0}, {"payload_width": 33}, {"tick_width": -1}])
def test_impossible_widths_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(RangeError, match=next(iter(wrong))):
        Format(**wrong)
