"""Flipped bits: sums from their distribution are those of bits that are really flipped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine import network
from spikelock.models.engine.sc.bit_flips import FlippedStreams, FlippedWords, ones_of_products, run_chain
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import tile
from spikelock.models.network.program import Population, Program
from spikelock.models.network.stochastic import Stochastic, exact_weights, stochastic
from spikelock.models.sc.dense import Product

LENGTH = 64


@pytest.fixture
def forward(program: Program) -> Program:
    """The program without its loop: the hidden population hears the inputs only."""
    populations = []
    for population in program.populations:
        params = replace(population.exact, recurrent=False)
        rows = population.configuration.memories["rows"][: params.rows]
        memories = {**population.configuration.memories, "rows": rows}
        populations.append(
            Population(population.name, params, tile.CORE.configuration(params, memories=memories))
        )
    return Program(program.inputs, tuple(populations), program.output)


def flipped(program: Program, rate: float, samples: int, seed: int = 0) -> list[FlippedStreams]:
    made, _ = stochastic(program, Stochastic(LENGTH))
    random = np.random.default_rng(seed)
    pairs = zip(program.populations, made.populations, strict=True)
    return [FlippedStreams(exact, streams, rate, random, samples) for exact, streams in pairs]


def words(program: Program, rate: float, samples: int, seed: int = 0) -> list[FlippedWords]:
    random = np.random.default_rng(seed)
    return [FlippedWords(exact, rate, random, samples) for exact in program.populations]


def test_without_flips_spikes_are_those_of_the_engine(forward: Program, spikes: NDArray[np.bool_]) -> None:
    made, _ = stochastic(forward, Stochastic(LENGTH))
    expected = network.run(made, spikes).raster()[:, :, -4:]
    assert expected.any()
    assert (run_chain(flipped(forward, 0.0, len(spikes)), spikes) == expected).all()
    exact = network.run(forward, spikes).raster()[:, :, -4:]
    assert (run_chain(words(forward, 0.0, len(spikes)), spikes) == exact).all()


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5])
def test_products_have_the_distribution_of_real_flips(rate: float) -> None:
    random, trials = np.random.default_rng(1), 20_000
    a = np.repeat([1, 1, 0, 0], [9, 5, 7, 11])
    b = np.repeat([1, 0, 1, 0], [9, 5, 7, 11])
    noise = random.random((2, trials, len(a))) < rate
    real = ((a ^ noise[0]) & (b ^ noise[1])).sum(axis=1)
    drawn = ones_of_products(np.full(trials, 9), np.full(trials, 12), np.full(trials, 11), rate, random)
    for moment in (np.mean, np.var):
        assert moment(drawn) == pytest.approx(moment(real), rel=0.06)


class Recorded:
    """Neurons that keep the currents they are given."""

    def __init__(self) -> None:
        self.current: Any = None

    def step(self, current: Any) -> Any:
        self.current = current
        return current > 0


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_currents_of_words_have_the_distribution_of_real_flips(forward: Program, rate: float) -> None:
    trials, random = 20_000, np.random.default_rng(2)
    events = np.broadcast_to(np.array([1, 0, 1, 1, 0, 1], bool), (trials, 6))
    (hidden, _) = words(forward, rate, trials)
    hidden.neurons = recorded = Recorded()  # type: ignore[assignment]
    hidden.tick(events)
    population = forward.populations[0]
    weights = exact_weights(population)[:, :6]
    noise = (random.random((trials, 8, *weights.shape)) < rate) << np.arange(8).reshape(8, 1, 1)
    lossy = ((weights & 255) ^ noise.sum(axis=1)).astype(np.uint8).astype(np.int8).astype(np.int64)
    heard = events ^ (random.random(events.shape) < rate)
    real = (lossy * heard[:, np.newaxis]).sum(axis=2) + population.configuration.memories["bias"]["bias"]
    np.testing.assert_allclose(recorded.current.mean(axis=0), real.mean(axis=0), atol=4)
    np.testing.assert_allclose(recorded.current.std(axis=0), real.std(axis=0), rtol=0.05)


def test_flips_change_spikes_more_where_there_are_more(forward: Program, spikes: NDArray[np.bool_]) -> None:
    for make in (flipped, words):
        right = run_chain(make(forward, 0.0, len(spikes)), spikes)
        wrong = [
            np.mean(run_chain(make(forward, rate, len(spikes)), spikes) != right) for rate in (0.001, 0.3)
        ]
        assert wrong[0] < wrong[1]
        assert wrong[1] > 0.05


def test_what_is_not_known_is_refused(forward: Program) -> None:
    made, _ = stochastic(forward, Stochastic(LENGTH, Product.XNOR))
    random = np.random.default_rng(0)
    with pytest.raises(BadInput, match="multiplied by AND"):
        FlippedStreams(forward.populations[0], made.populations[0], 0.1, random, 1)
    with pytest.raises(RangeError, match=r"a rate of 1\.5"):
        words(forward, 1.5, 1)
    with pytest.raises(RangeError, match="a rate of nan"):
        flipped(forward, float("nan"), 1)
    with pytest.raises(BadInput, match="without a tile"):
        run_chain([], np.zeros((1, 1, 1), np.bool_))
