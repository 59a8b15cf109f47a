"""Stall patterns do what their two probabilities say."""

from __future__ import annotations

from itertools import groupby, islice

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.testbenches.lockstep.stalls import (
    BURSTS,
    HEAVY,
    LIGHT,
    NONE,
    Stall,
    exactly,
    pattern,
    port_seed,
    splitmix64,
)


def runs(stall: Stall, held: bool, seed: int = 1, cycles: int = 100_000) -> list[int]:
    """Lengths of the stretches in which the port is held, or free."""
    return [
        len(list(group)) for state, group in groupby(islice(pattern(stall, seed), cycles)) if state is held
    ]


def test_splitmix64_gives_its_published_numbers() -> None:
    assert list(islice(splitmix64(1234567), 5)) == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@pytest.mark.parametrize("stall", [LIGHT, HEAVY, BURSTS])
def test_mean_lengths_are_those_of_a_markov_chain(stall: Stall) -> None:
    assert np.mean(runs(stall, True)) == pytest.approx(1 / stall.end, rel=0.1)
    assert np.mean(runs(stall, False)) == pytest.approx(1 / stall.begin, rel=0.1)


def test_none_never_stalls() -> None:
    assert not any(islice(pattern(NONE, 5), 10_000))


def test_listed_cycles_come_besides_the_chain() -> None:
    listed = list(islice(pattern(exactly([7, 0, 3]), 5), 10))
    assert [cycle for cycle, stalls in enumerate(listed) if stalls] == [0, 3, 7]
    both = list(islice(pattern(Stall(0.1, 0.7, cycles=(0, 3, 7)), 5), 1_000))
    chain = list(islice(pattern(LIGHT, 5), 1_000))
    assert both == [stalls or cycle in (0, 3, 7) for cycle, stalls in enumerate(chain)]


@pytest.mark.parametrize("cycles", [(3, 2), (1, 1), (-1,)])
def test_cycles_that_do_not_ascend_are_refused(cycles: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="cycles ascend from 0"):
        Stall(0.0, 1.0, cycles=cycles)


def test_ports_and_seeds_differ() -> None:
    seeds = {port_seed(seed, port) for seed in range(50) for port in ("input", "output", "load")}
    assert len(seeds) == 150
    patterns = {tuple(islice(pattern(HEAVY, seed), 100)) for seed in seeds}
    assert len(patterns) == 150


@pytest.mark.parametrize(("begin", "end"), [(-0.1, 0.5), (1.1, 0.5), (0.5, 2), (0.5, 0)])
def test_impossible_probabilities_are_refused(begin: float, end: float) -> None:
    with pytest.raises(BadInput, match="Stall"):
        Stall(begin, end)
