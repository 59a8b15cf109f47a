"""Quantisation: what the integers stand for, what is refused, and what the report says."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.engine.network import run
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import required_current_width
from spikelock.models.fixed import Rounding
from spikelock.models.network.compile import Options, compile_nir
from spikelock.models.network.discretise import Discretisation, Fires, Spike, Step, Stepped
from spikelock.models.network.float_simulation import simulate
from spikelock.models.network.formats import membrane_fraction, potential_range
from spikelock.models.network.lower import INPUT
from spikelock.models.network.program import Population
from spikelock.models.network.quantise import Quantisation, quantise
from spikelock.models.neurons.lif import ResetMode

DATA = Path(__file__).parents[2] / "data" / "nir"


def step(weights: Any, name: str = "x", source: str = INPUT, **changes: Any) -> Step:
    weights = np.array(weights, np.float64)
    return replace(Step(name, 0.1, 0.0, np.zeros(len(weights)), {source: weights}), **changes)


def network(*steps: Step, **choices: Any) -> Stepped:
    inputs = next(iter(steps[0].weights.values())).shape[1]
    return Stepped(inputs, steps, steps[-1].name, (), Discretisation(**choices))


def weights_of(population: Population) -> Any:
    """The dense matrix of raw weights, shape (neurons, rows)."""
    memories, params = population.configuration.memories, population.exact
    dense = np.zeros((params.neurons, params.rows), np.int64)
    for row, (start, length) in enumerate(memories["rows"].tolist()):
        part = memories["synapses"][start : start + length]
        dense[part["target"], row] = part["weight"]
    return dense


# ---------------------------------------------------------------- what the integers stand for


@given(
    weights=st.lists(st.lists(st.floats(-8, 8), min_size=3, max_size=3), min_size=1, max_size=4),
    bias=st.floats(-1, 1),
    leak=st.sampled_from([0.0, 0.004, 0.1, 0.5, 1.0]),
    rest=st.sampled_from([0.0, -0.7, 1.2]),
    weight_width=st.integers(2, 12),
    membrane_width=st.integers(12, 24),
    reset=st.sampled_from(ResetMode),
)
@settings(max_examples=200, deadline=None)
def test_errors_are_within_half_a_unit_and_reported(
    weights: Any,
    bias: float,
    leak: float,
    rest: float,
    weight_width: int,
    membrane_width: int,
    reset: ResetMode,
) -> None:
    real = step(weights, bias=np.full(len(weights), bias), leak=leak, rest=rest)
    choices = Quantisation(weight_width=weight_width, membrane_width=membrane_width)
    try:
        program, report = quantise(network(real, reset=reset), choices)
    except RangeError:  # weights of next to nothing: all would be 0, or biases beyond 32 bits beside them
        assert np.abs(weights).max() < 1e-3
        return
    (population,) = program.populations
    neuron = population.params.neuron
    lsb = Fraction(neuron.gain, 1 << (neuron.gain_fraction + neuron.fraction))
    rows = {p.name: p for p in report.parameters}
    assert rows["weight"].lsb == float(lsb)
    for name, used, wanted in (
        ("weight", weights_of(population), real.weights[INPUT]),
        ("bias", population.configuration.memories["bias"]["bias"], real.bias),
    ):
        errors = [abs(int(u) * lsb - Fraction(w)) for u, w in zip(used.ravel(), wanted.ravel(), strict=True)]
        assert max(errors) <= lsb / 2
        assert float(max(errors)) == pytest.approx(rows[name].worst_error, abs=1e-12)
        assert float(sum(errors) / len(errors)) == pytest.approx(rows[name].mean_error, abs=1e-12)
        assert (rows[name].minimum, rows[name].maximum) == (wanted.min(), wanted.max())
        assert (rows[name].saturated, rows[name].count) == (0, wanted.size)
    assert abs(Fraction(neuron.leak, 1 << neuron.leak_fraction) - Fraction(leak)) <= Fraction(1, 1 << 15)
    assert abs(Fraction(neuron.rest, 1 << neuron.fraction) - Fraction(rest)) <= Fraction(
        1, 1 << neuron.fraction
    )
    assert required_current_width(population.exact, population.configuration) <= neuron.current_width


@pytest.mark.parametrize("reset", ResetMode)
@pytest.mark.parametrize("recurrent", [False, True])
def test_a_fine_program_fires_as_the_real_numbers_do(reset: ResetMode, recurrent: bool) -> None:
    random = np.random.default_rng(5)
    first = step(random.normal(0.1, 0.4, (12, 8)), name="a", rest=-0.3, bias=random.normal(0, 0.05, 12))
    if recurrent:
        first = replace(first, weights={**first.weights, "a": random.normal(-0.05, 0.2, (12, 12))})
    second = Step(
        "b",
        0.25,
        0.0,
        np.zeros(5),
        {"a": random.normal(0.1, 0.4, (5, 12)), INPUT: random.normal(0, 0.2, (5, 8))},
    )
    real = network(first, second, reset=reset)
    fine = Quantisation(membrane_width=32, weight_width=16, coefficient_width=24)
    spikes = random.random((4, 100, 8)) < 0.3
    wanted = simulate(real, spikes)
    raster = run(quantise(real, fine)[0], spikes).raster()
    assert wanted[:, :, 8:].mean() > 0.05
    # The same dynamics: a potential at the very threshold may still fall on either side, and what follows
    # with it.
    assert (raster != wanted).mean() < 0.01
    coarse = run(quantise(real, Quantisation(weight_width=3))[0], spikes).raster()
    assert (coarse != wanted).mean() > (raster != wanted).mean()


@pytest.mark.parametrize(("fires", "every"), [(Fires.AT_THRESHOLD, 1), (Fires.ABOVE_THRESHOLD, 2)])
def test_a_potential_of_exactly_the_threshold(fires: Fires, every: int) -> None:
    real = network(step([[1.0]], leak=0.0), fires=fires)
    exact = Quantisation(weight_lsb=1 / 64)
    raster = run(quantise(real, exact)[0], np.ones((1, 10, 1), np.bool_)).raster()
    assert np.flatnonzero(raster[0, :, 1]).tolist() == list(range(every - 1, 10, every))


def test_files_of_other_platforms_fire_as_their_real_numbers_do() -> None:
    program, report = compile_nir(DATA / "two_lif_neurons.nir")
    assert any("lif2: never fires" in note and "impulse" in note for note in report.notes)
    program, report = compile_nir(DATA / "two_lif_neurons.nir", Options(Discretisation(spike=Spike.IMPULSE)))
    assert not any("never" in note for note in report.notes)
    raster = run(program, np.zeros((1, 400, 1), np.bool_)).raster()[0]
    first = np.flatnonzero(raster[:, 1])
    # v_leak = 1.2 is above the threshold of 1: fires at once, then every tau·ln(1.2 / 0.2) = 17.9 ms of 0.1
    # ms each.
    assert first.tolist() == [0, 179, 358]
    assert (raster[:, 2] == raster[:, 1]).all(), "every spike of the first makes the second fire"


# ---------------------------------------------------------------- formats


def test_the_range_is_reached_and_never_left() -> None:
    real = step([[0.5, -0.25], [-1.0, 0.3]], leak=0.125)
    assert potential_range(real, ResetMode.TO_VALUE) == (-8.0, 1.0)
    low, high = potential_range(real, ResetMode.SUBTRACT)
    assert (low, high) == (-8.0, 4.0)
    program, report = quantise(network(real), Quantisation(membrane_width=16))
    assert program.populations[0].params.neuron.fraction == 11, "Q5.11: −16 … 16"
    assert not any("saturate" in note for note in report.notes)
    on = np.tile([True, False], (1, 200, 1))
    membranes = run(program, on, probe=["x"]).membranes["x"][0, :, 1] / 2**11
    assert membranes.min() == pytest.approx(-8.0, abs=0.1)


def test_a_narrow_potential_says_that_it_saturates() -> None:
    real = step([[0.5, -0.25], [-30.0, 0.3]], leak=0.01)
    _, report = quantise(network(real), Quantisation(membrane_width=12))
    assert any("saturate at -32; the weights could bring them to -3" in note for note in report.notes)


def test_no_leak_bounds_nothing() -> None:
    assert potential_range(step([[-1.0]], leak=0.0), ResetMode.TO_VALUE) == (-np.inf, 1.0)
    assert membrane_fraction(16, -np.inf, 1.0, 0.0) == 8


@pytest.mark.parametrize("width", [4, 8, 16, 32])
def test_the_threshold_always_fits(width: int) -> None:
    for low in (0.0, -1.0, -1e9):
        fraction = membrane_fraction(width, low, 1.0, 0.5)
        assert (1 << fraction) + 1 <= (1 << (width - 1)) - 1


# ---------------------------------------------------------------- what does not fit


def test_a_weight_that_does_not_fit_is_refused_unless_saturation_is_asked_for() -> None:
    real = network(step([[0.5, 2.5], [-0.25, -3.0]]))
    choices = Quantisation(weight_lsb=1 / 64)
    with pytest.raises(
        RangeError,
        match=r"x: weight\[1, 1\] = -3 does not fit 8 bits .*, which are -2 … 1.984; .* saturate works",
    ):
        quantise(real, choices)
    program, report = quantise(real, replace(choices, saturate=True))
    assert weights_of(program.populations[0]).tolist() == [[32, 127], [-16, -128]]
    weight = next(p for p in report.parameters if p.name == "weight")
    assert (weight.saturated, weight.count) == (2, 4)
    assert weight.worst_error == pytest.approx(1.0)
    assert any("2 of 4" in line for line in report.lines())


def test_other_numbers_that_do_not_fit() -> None:
    with pytest.raises(
        RangeError, match=r"x: leak = 1e-06 a tick rounds to 0 in 16 bits; .*coefficient_width = 24"
    ):
        quantise(network(step([[1.0]], leak=1e-6)), Quantisation())
    quantise(network(step([[1.0]], leak=1e-6)), Quantisation(coefficient_width=24))
    with pytest.raises(RangeError, match="x: rest = 300 does not fit"):
        quantise(network(step([[1.0]], rest=300.0)), Quantisation())
    with pytest.raises(RangeError, match=r"x: bias = 1e\+06 does not fit 32 bits"):
        quantise(network(step([[1e-5]], bias=np.array([1e6]))), Quantisation())
    with pytest.raises(RangeError, match=r"x: every weight rounds to 0: the largest is 0.1, one bit 1"):
        quantise(network(step([[0.1]])), Quantisation(weight_lsb=1.0))
    with pytest.raises(RangeError, match=r"x: one unit of a weight .* gain of 16 bits"):
        quantise(network(step([[1e9]])), Quantisation())


@pytest.mark.parametrize(
    "changes",
    [
        {"membrane_width": 3},
        {"membrane_width": 33},
        {"weight_width": 1},
        {"coefficient_width": 1},
        {"membrane_fraction": 15},
        {"membrane_fraction": 0},
        {"weight_lsb": 0.0},
        {"weight_lsb": float("nan")},
    ],
)
def test_bad_choices(changes: dict[str, Any]) -> None:
    (name,) = changes
    with pytest.raises(BadInput, match=name):
        Quantisation(**changes)


def test_weights_of_zero() -> None:
    program, report = quantise(network(step([[0.0, 0.0]], bias=np.array([0.3]))), Quantisation())
    assert program.populations[0].exact.synapses == 1
    assert {p.name: p.worst_error for p in report.parameters}["bias"] < 0.3 / 127
    quantise(network(step([[0.0]])), Quantisation())


# ---------------------------------------------------------------- the report


def test_report_and_about_are_json_and_say_how() -> None:
    options = Options(Discretisation(dt=2e-4), Quantisation(weight_width=5, rounding=Rounding.FLOOR))
    program, report = compile_nir(DATA / "lif_norse.nir", options)
    about = json.loads(json.dumps(program.about))
    assert about["source"]["file"] == "lif_norse.nir"
    assert len(about["source"]["sha256"]) == 64
    assert about["discretisation"] == {
        "dt": 2e-4,
        "method": "forward_euler",
        "reset": "to_value",
        "fires": "above_threshold",
        "spike": "unit_current",
    }
    assert (about["quantisation"]["weight_width"], about["quantisation"]["rounding"]) == (5, "floor")
    assert about["report"] == json.loads(json.dumps(report.as_json()))
    assert [p["name"] for p in about["report"]["parameters"]] == [
        "weight",
        "bias",
        "leak",
        "rest",
        "threshold",
    ]
    assert all(line.isprintable() for line in report.lines())


def test_the_dead_band_of_a_slow_leak_is_noted() -> None:
    _, report = quantise(network(step([[0.1, -9.0]], leak=0.002)), Quantisation())
    assert any("of rest stays there" in note for note in report.notes)
    _, report = quantise(network(step([[0.1, -9.0]], leak=0.002)), Quantisation(membrane_width=32))
    assert not any("of rest stays there" in note for note in report.notes)
