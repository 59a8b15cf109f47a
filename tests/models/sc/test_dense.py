"""`sc.dense` without a simulator: engine against reference, seeds, and what sums of streams stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.sc import dense as engine
from spikelock.models.errors import SpikelockError
from spikelock.models.fixed import Rounding
from spikelock.models.neurons import lif
from spikelock.models.sc import seeds
from spikelock.models.sc.dense import CORE, Params, Product, contents, total
from spikelock.models.sc.quantise import bipolar, unipolar
from spikelock.testbenches.random_records import random_records

ROUNDINGS = (Rounding.FLOOR, Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY)


def both(
    params: Params, configuration: Configuration, values: list[int], restarts: list[int]
) -> tuple[list[Any], list[Any]]:
    """Spikes of the reference and of the engine."""
    inputs = {"input": CORE.inputs(params)["input"].records(values, restarts)}
    _, expected = run_reference(CORE, params, configuration, inputs)
    return expected["output"].tolist(), engine.run(params, configuration, inputs)["output"].tolist()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_engine_equals_reference(data: st.DataObject) -> None:
    inputs, neurons = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    params = Params(
        inputs,
        neurons,
        data.draw(st.sampled_from(Product)),
        width=data.draw(st.integers(6, 16)),
        length=data.draw(st.integers(1, 150)),
        lanes=data.draw(st.integers(1, inputs)),
        parallel=data.draw(st.integers(1, neurons)),
        gain=data.draw(st.integers(-300, 300)),
        shift=data.draw(st.integers(0, 9)),
        rounding=data.draw(st.sampled_from(ROUNDINGS)),
        neuron=lif.Params(
            current_width=data.draw(st.integers(4, 16)),
            rounding=data.draw(st.sampled_from([Rounding.FLOOR, Rounding.STOCHASTIC])),
            refractory_period=data.draw(st.integers(0, 2)),
            rest=data.draw(st.integers(-50, 50)),
        ),
        kind=data.draw(st.sampled_from(["fibonacci_left", "fibonacci_right", "galois"])),
    )
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    records = {
        name: random_records(memory.layout, memory.depth, random)
        for name, memory in CORE.memories(params).items()
    }
    some = random_records(CORE.inputs(params)["input"], data.draw(st.integers(0, 5 * inputs)), random)
    some["restart"] &= random.integers(0, 2, len(some))
    configuration = CORE.configuration(params, {}, records)
    expected, got = both(params, configuration, some["value"].tolist(), some["restart"].tolist())
    assert expected == got


@pytest.mark.parametrize("product", Product)
def test_folding_changes_nothing(product: Product) -> None:
    random = np.random.default_rng(4)
    params = Params(7, 5, product, width=10, length=70, neuron=lif.Params(threshold=60))
    weights = random.integers(-512, 513, (5, 7))
    values, restarts = random.integers(0, 513, 7 * 6), random.integers(0, 20, 7 * 6) == 0
    runs = []
    for lanes, parallel in ((1, 1), (2, 3), (7, 5), (4, 2)):
        folded = replace(params, lanes=lanes, parallel=parallel)
        configuration = CORE.configuration(folded, {}, contents(folded, weights, 11))
        expected, got = both(folded, configuration, values.tolist(), restarts.astype(int).tolist())
        assert expected == got
        runs.append(expected)
    assert runs == [runs[0]] * 4
    assert 0 < sum(spike for spike, _ in runs[0]) < len(runs[0])


@pytest.mark.parametrize("product", Product)
def test_sums_approach_the_products(product: Product) -> None:
    """For values and weights of full scale they are exact; else within a few standard deviations."""
    random = np.random.default_rng(5)
    params = Params(16, 3, product, length=4096)
    quantise = unipolar if product is Product.AND else bipolar
    low = 0.0 if product is Product.AND else -1.0
    real, values = random.uniform(-1, 1, (3, 16)), random.uniform(low, 1, (1, 16))
    real[0], real[1] = 1.0, -1.0
    magnitudes = quantise(np.abs(real), 16) if product is Product.AND else quantise(real, 16)
    weights = np.where(real < 0, -magnitudes, magnitudes) if product is Product.AND else magnitudes
    layer = engine.Dense(params, CORE.configuration(params, {}, contents(params, weights)))
    assert layer.sums(quantise(values, 16))[0] / 4096 == pytest.approx((values @ real.T)[0], abs=0.15)
    ends = np.full((1, 16), quantise(1.0, 16))
    assert layer.sums(ends)[0, :2].tolist() == [16 * 4096, -16 * 4096]


def test_many_samples_at_once() -> None:
    random = np.random.default_rng(6)
    params = Params(5, 4, length=33, neuron=lif.Params(threshold=40, rounding=Rounding.STOCHASTIC))
    configuration = CORE.configuration(params, {}, contents(params, random.integers(-65536, 65537, (4, 5))))
    values = random.integers(0, 65537, (3, 6, 5))
    layer = engine.Dense(params, configuration)
    together = layer.spikes(values)
    for sample, spikes in zip(values, together, strict=True):
        restarts = [1] + [0] * (sample.size - 1)
        _, got = both(params, configuration, sample.reshape(-1).tolist(), restarts)
        assert [spike for spike, _ in got] == spikes.reshape(-1).tolist()
        assert np.array_equal(layer.spikes(sample[np.newaxis])[0], spikes)


def test_the_published_sources_and_products() -> None:
    """SC-NeuroCore 3.16.0: seeds 0xACE1 + 7·j and 0xBEEF + 13·k, bit = (LFSR < x), convention A, AND."""
    params = Params(2, 1, length=200)
    configuration = CORE.configuration(params, {}, contents(params, [[30000, 50000]]))

    def bits(state: int, threshold: int) -> list[bool]:
        found = []
        for _ in range(200):
            found.append(state < threshold)
            feedback = (state >> 15 ^ state >> 13 ^ state >> 12 ^ state >> 10) & 1
            state = (state << 1 | feedback) & 0xFFFF
        return found

    counted = [
        sum(a and b for a, b in zip(bits(0xACE1 + 7 * j, x), bits(0xBEEF + 13 * j, w), strict=True))
        for j, (x, w) in enumerate([(20000, 30000), (60000, 50000)])
    ]
    assert total(params, configuration, 0, (20000, 60000)) == sum(counted)


# ---------------------------------------------------------------- seeds
@pytest.mark.parametrize(
    ("width", "inputs", "neurons"), [(16, 64, 32), (16, 15, 4368), (4, 3, 4), (3, 1, 6), (24, 300, 200)]
)
def test_all_seeds_differ(width: int, inputs: int, neurons: int) -> None:
    found = seeds.published(width, inputs, neurons)
    every = np.concatenate([found.inputs, found.synapses.reshape(-1)])
    assert (found.inputs.shape, found.synapses.shape) == ((inputs,), (neurons, inputs))
    assert len(np.unique(every)) == inputs + inputs * neurons
    assert every.min() >= 1
    assert every.max() < 1 << width


def test_seeds_without_a_clash_are_the_published_ones() -> None:
    found = seeds.published(16, 5, 3)
    assert found.inputs.tolist() == [0xACE1 + 7 * j for j in range(5)]
    assert found.synapses.reshape(-1).tolist() == [0xBEEF + 13 * k for k in range(15)]


def test_a_clash_moves_on() -> None:
    """Of 4 bits: 0xACE1 + 7·j gives 1, 8, 15, and 0xBEEF + 13·k gives 15, 12, 9, 6, 3, 0: taken are 15, 0."""
    found = seeds.published(4, 3, 2)
    assert found.inputs.tolist() == [1, 8, 15]
    assert found.synapses.tolist() == [[2, 12, 9], [6, 3, 4]]


def test_chosen_seeds_are_used() -> None:
    params = Params(2, 1, width=8, length=20, seeds=(9, 8, 7, 6))
    assert (params.sources.inputs.tolist(), params.sources.synapses.tolist()) == ([9, 8], [[7, 6]])


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"inputs": 0}, "inputs = 0: 1 … "),
        ({"length": 0}, "length = 0: 1 … "),
        ({"length": -5}, "length = -5"),
        ({"width": 2}, "width = 2: a source has 3 … 62 bits"),
        ({"lanes": 9}, "lanes = 9: of 8 inputs, 1 … 8 are computed at a time"),
        (
            {"inputs": 4000, "lanes": 4000},
            "4000 weights of 18 bits at a time; hardware can read 3640 of them",
        ),
        ({"parallel": 0}, "parallel = 0: of 4 neurons"),
        ({"shift": 64}, "shift = 64"),
        ({"gain": 1 << 31}, "gain = 2147483648"),
        ({"rounding": Rounding.STOCHASTIC}, "rounding = stochastic"),
        ({"neuron": lif.PUBLISHED}, "neuron.noise = True"),
        ({"width": 5}, "40 different seeds, and there are 31; a width of 6 has enough"),
        ({"inputs": 1024, "neurons": 1024}, "a width of 21 has enough"),
        ({"seeds": (1, 2, 3)}, "3 seeds: 8 inputs and 4 neurons need 40"),
        ({"inputs": 1, "neurons": 2, "seeds": (3, 4, 3)}, "seed 3 occurs twice"),
        ({"inputs": 1, "neurons": 1, "seeds": (0, 4)}, "seed 0: a register of 16 bits starts with"),
    ],
)
def test_impossible_parameters_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(SpikelockError, match=says):
        Params(**arguments)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (np.zeros((3, 2), int), "weights of shape \\(3, 2\\): the layer has .* \\(2, 3\\)"),
        (np.zeros((2, 3)), "weights of dtype float64: integers are needed"),
        (np.full((2, 3), 65537), "weight 65537: −65536 … 65536 are possible"),
        (np.full((2, 3), -65537), "weight -65537"),
    ],
)
def test_impossible_weights_are_refused(weights: NDArray[Any], says: str) -> None:
    with pytest.raises(SpikelockError, match=says):
        contents(Params(3, 2), weights)


def test_impossible_biases_are_refused() -> None:
    with pytest.raises(SpikelockError, match="bias = 40000 does not fit"):
        contents(Params(3, 2), np.zeros((2, 3), int), 40000)
    with pytest.raises(SpikelockError, match="biases of shape"):
        contents(Params(3, 2), np.zeros((2, 3), int), [1, 2, 3])


def test_a_sum_beyond_int64_is_refused_by_the_engine() -> None:
    params = Params(1 << 10, 1, length=1 << 24, gain=1 << 30, width=16)
    with pytest.raises(SpikelockError, match="sum · gain"):
        engine.Dense(params, CORE.configuration(params))
