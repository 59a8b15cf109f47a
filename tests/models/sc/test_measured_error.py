"""Errors of dot products, measured: sources as they are shared, and how the error falls with the length."""

from __future__ import annotations

import numpy as np
import pytest

from spikelock.models.engine.sc.measured_error import Sources, measured_errors
from spikelock.models.errors import BadInput
from spikelock.models.lfsr import maximal
from spikelock.models.sc.dense import Product
from spikelock.models.sc.precision import DotProduct, Sharing


def rms(dot: DotProduct, length: int, **arguments: int) -> float:
    return float(np.sqrt(np.mean(measured_errors(dot, length, 60, 1, **arguments) ** 2)))


def rows(sharing: Sharing, neurons: int = 1, inputs: int = 11, width: int = 8) -> np.ndarray:
    """Numbers of the inputs, then of the synapses of each neuron: (1 + neurons, inputs, 20)."""
    sources = Sources(DotProduct(inputs, width=width, sharing=sharing), 20, np.random.default_rng(1), neurons)
    every = slice(0, inputs)
    return np.stack([sources.of_inputs(every), *(sources.of_synapses(i, every) for i in range(neurons))])


def test_own_sources_are_registers_with_different_seeds() -> None:
    numbers = rows(Sharing.NONE, neurons=3)
    seeds = numbers[:, :, 0].reshape(-1)
    assert len(set(seeds.tolist())) == len(seeds)
    generator = maximal(8, "fibonacci_left")
    for now, after in zip(numbers[..., :-1].flat, numbers[..., 1:].flat, strict=True):
        assert generator.next(int(now)) == after


def test_neurons_share_sources() -> None:
    numbers = rows(Sharing.NEURONS, neurons=2)
    assert (numbers[1] == numbers[2]).all()
    assert len(set(numbers[:2, :, 0].reshape(-1).tolist())) == 22


def test_rotated_streams_turn_one_number() -> None:
    inputs, _ = rows(Sharing.ROTATED)
    for lane in range(1, 8):
        turned = [int(f"{number:08b}"[lane:] + f"{number:08b}"[:lane], 2) for number in inputs[0].tolist()]
        assert inputs[lane].tolist() == turned
    assert inputs[8].tolist() != inputs[0].tolist()  # another source


@pytest.mark.parametrize("sharing", [Sharing.INPUTS, Sharing.SOBOL])
def test_all_inputs_share_one_source_and_synapses_another(sharing: Sharing) -> None:
    inputs, synapses = rows(sharing)
    assert (inputs == inputs[0]).all()
    assert (synapses == synapses[0]).all()
    assert (inputs[0] != synapses[0]).any()


def test_more_sources_than_seeds_are_refused() -> None:
    with pytest.raises(BadInput, match="8 sources need as many seeds, and there are 7"):
        rows(Sharing.NONE, inputs=4, width=3)
    assert sorted({*rows(Sharing.NONE, inputs=3, width=3)[:, :, 0].flat}) != [0]


@pytest.mark.parametrize("product", Product)
@pytest.mark.parametrize("sharing", Sharing)
def test_the_error_falls_with_the_length(product: Product, sharing: Sharing) -> None:
    dot = DotProduct(12, product, 14, sharing)
    assert rms(dot, 64) > 2.5 * rms(dot, 1024) > 0
    if sharing is not Sharing.SOBOL:
        errors = np.abs(measured_errors(dot, 256, 60, 1))
        assert np.mean(errors >= dot.error(256, 0.9)) <= 0.1


def test_control_one_source_for_input_and_weight_has_an_error_that_stays() -> None:
    numbers = maximal(16, "fibonacci_left").states(0xACE1, 1 << 15)
    half = numbers < 1 << 15
    assert abs(np.mean(half & half) - 0.25) > 0.24


def test_parts_of_a_large_layer_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    dot = DotProduct(37, sharing=Sharing.ROTATED)
    whole = measured_errors(dot, 100, 3, 5, neurons=4, ticks=2)
    monkeypatch.setattr("spikelock.models.engine.sc.measured_error.NUMBERS_AT_ONCE", 2000)
    np.testing.assert_allclose(measured_errors(dot, 100, 3, 5, neurons=4, ticks=2), whole, atol=1e-12)
    assert whole.shape == (3, 2, 4)


def test_the_seed_decides() -> None:
    dot = DotProduct(3)
    assert (measured_errors(dot, 50, 4, 1) == measured_errors(dot, 50, 4, 1)).all()
    assert (measured_errors(dot, 50, 4, 1) != measured_errors(dot, 50, 4, 2)).any()


@pytest.mark.parametrize("name", ["length", "trials", "neurons", "ticks"])
def test_numbers_below_one_are_refused(name: str) -> None:
    arguments = {"length": 10, "trials": 2, "neurons": 1, "ticks": 1, name: 0}
    with pytest.raises(BadInput, match=f"{name} = 0: at least 1"):
        measured_errors(DotProduct(2), arguments.pop("length"), arguments.pop("trials"), **arguments)
