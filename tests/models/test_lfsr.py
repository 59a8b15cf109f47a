"""LFSRs: published sequences, full periods, and the vectorised sequence against the step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.errors import RangeError
from spikelock.models.lfsr import LFSR, LFSRS

LEFT, RIGHT = LFSRS["fibonacci16_left"], LFSRS["fibonacci16_right"]
SMALL = [
    LFSR("left4", 4, (3, 2), "fibonacci_left"),
    LFSR("right5", 5, (0, 2), "fibonacci_right"),
    LFSR("rotates", 2, (1,), "fibonacci_left"),
    LFSR("wide", 62, (61, 60, 5, 4), "fibonacci_left"),
]
each = pytest.mark.parametrize("lfsr", [*LFSRS.values(), *SMALL], ids=lambda lfsr: lfsr.name)


def walk(lfsr: LFSR, state: int) -> list[int]:
    """States from `state` on, by single steps, until it comes back or there are more than can differ."""
    cycle = [state]
    while (state := lfsr.next(state)) != cycle[0] and len(cycle) <= lfsr.period:
        cycle.append(state)
    return cycle


@pytest.mark.parametrize(
    ("lfsr", "sequence"),
    [
        (RIGHT, [0xACE1, 0x5670, 0xAB38, 0x559C]),
        (LEFT, [0xACE1, 0x59C3, 0xB387, 0x670F, 0xCE1E]),  # worked by hand: feedback bits 1, 1, 1, 0
    ],
    ids=["right", "left"],
)
def test_published_sequence(lfsr: LFSR, sequence: list[int]) -> None:
    assert walk(lfsr, sequence[0])[: len(sequence)] == sequence
    assert lfsr.states(sequence[0], len(sequence)).tolist() == sequence


@pytest.mark.parametrize("lfsr", [LEFT, RIGHT, *SMALL[:2]], ids=lambda lfsr: lfsr.name)
def test_full_period(lfsr: LFSR) -> None:
    cycle = walk(lfsr, 1)
    assert sorted(cycle) == list(range(1, lfsr.period + 1))
    assert lfsr.states(1, lfsr.period + 2).tolist() == [*cycle, *cycle[:2]]


def test_the_period_check_rejects_other_taps() -> None:
    for taps in ((15, 13, 12, 11), (15, 0), (15, 14)):
        assert len(walk(replace(LEFT, taps=taps), 1)) < LEFT.period


def test_the_two_conventions_mirror_each_other() -> None:
    def mirror(state: int) -> int:
        return int(f"{state:016b}"[::-1], 2)

    for state in walk(LEFT, 0xACE1)[:1000]:
        assert mirror(LEFT.next(state)) == RIGHT.next(mirror(state))
    assert LEFT.states(0xACE1, 100).tolist() != RIGHT.states(0xACE1, 100).tolist()


@each
@settings(deadline=None)
@given(st.data())
def test_states_are_repeated_steps(lfsr: LFSR, data: st.DataObject) -> None:
    seeds = data.draw(st.lists(st.integers(1, lfsr.period), min_size=1, max_size=4))
    count = data.draw(st.integers(0, 300))
    expected = []
    for state in seeds:
        row = []
        for _ in range(count):
            row.append(state)
            state = lfsr.next(state)
        expected.append(row)
    assert lfsr.states(np.array(seeds), count).tolist() == expected
    assert lfsr.states(seeds[0], count).tolist() == expected[0]


def test_states_of_many_seeds_keep_their_shape() -> None:
    seeds = np.arange(1, 7).reshape(2, 3)
    assert LEFT.states(seeds, 5).shape == (2, 3, 5)
    assert LEFT.states(seeds, 5)[1, 2].tolist() == LEFT.states(6, 5).tolist()
    assert LEFT.states(seeds, 5).dtype == np.int64


def take(lfsr: LFSR, state: int, bits: int) -> list[int]:
    """Random numbers of endless single roundings."""
    numbers = []
    for _ in range(40):
        number, state = lfsr.take(state, bits)
        numbers.append(number)
    return numbers


@each
def test_random_numbers_are_the_low_bits_of_fresh_states(lfsr: LFSR) -> None:
    for bits in {0, 1, lfsr.width - 1, lfsr.width}:
        seed = 3 % lfsr.period + 1
        assert take(lfsr, seed, bits) == [state % 2**bits for state in lfsr.states(seed, 40).tolist()]


def test_an_lfsr_gives_no_more_bits_than_it_has() -> None:
    with pytest.raises(RangeError, match="17 bits from LFSR fibonacci16_left: it gives 0 to 16 bits"):
        LEFT.take(1, 17)
    with pytest.raises(RangeError, match="-1 bits"):
        LEFT.require_bits(-1)


@pytest.mark.parametrize("seed", [0, -1, 65536, np.array([1, 0]), np.array([1.0])], ids=str)
def test_seeds_outside_the_cycle_are_refused(seed: int) -> None:
    with pytest.raises(RangeError, match="it must be an integer, 1 … 65535"):
        LEFT.states(seed, 5)


def test_a_negative_number_of_states_is_refused() -> None:
    with pytest.raises(RangeError, match="-1 states; it must be 0 or more"):
        LEFT.states(1, -1)


@pytest.mark.parametrize(
    ("width", "taps"), [(1, (0,)), (65, (64, 61)), (16, (13, 12)), (16, (15, 16)), (16, (15, -1))], ids=str
)
def test_impossible_registers_are_refused(width: int, taps: tuple[int, ...]) -> None:
    with pytest.raises(
        RangeError, match=r"LFSR odd has (.* bits; 2 to 64|taps .*; all must be 0 … 15, and bit 15)"
    ):
        LFSR("odd", width, taps, "fibonacci_left")


def test_names() -> None:
    assert {name: lfsr.name for name, lfsr in LFSRS.items()} == {name: name for name in LFSRS}
    assert set(LFSRS) == {"fibonacci16_left", "fibonacci16_right"}
