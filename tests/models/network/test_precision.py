"""Plans of layers and of networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine.margins import Margins, margins
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.network.precision import Layer, layers_of, plan, plan_spikes
from spikelock.models.network.program import Program
from spikelock.models.sc.precision import DotProduct, Sharing

LAYER = Layer("layer", 12, 3)


@pytest.mark.parametrize("sharing", Sharing)
def test_a_plan_meets_its_error_by_guarantee_and_by_measurement(sharing: Sharing) -> None:
    found = plan(LAYER, sharing, 0.9, error=0.6, trials=50)
    assert found.length is not None
    assert found.measured is not None
    assert found.measured.quantile <= 0.6
    assert found.measured.rms < found.measured.quantile
    assert found.measured.trials == 50
    if sharing is Sharing.SOBOL:
        assert found.guaranteed is None
        assert found.length == found.measured_length
    else:
        assert found.length == DotProduct(12, sharing=sharing).length(0.6, 0.9, events=3)
        assert found.guaranteed == DotProduct(12, sharing=sharing).error(found.length, 0.9, events=3) <= 0.6
        assert found.measured_length is None or found.measured_length < found.length


def test_a_plan_of_a_length_says_its_error_in_the_unit_of_the_layer() -> None:
    one = plan(LAYER, Sharing.NONE, 0.9, length=200, trials=20)
    half = plan(replace(LAYER, unit=2.0), Sharing.NONE, 0.9, length=200, trials=20)
    assert one.guaranteed is not None
    assert one.measured is not None
    assert half.guaranteed == one.guaranteed / 2
    assert half.measured is not None
    assert half.measured.quantile == one.measured.quantile / 2


def test_what_one_sharing_cannot_do_is_said() -> None:
    found = plan(LAYER, Sharing.INPUTS, 0.9, error=0.05, trials=20)
    assert found.length is None
    assert "use a width of" in found.refused
    assert plan(LAYER, Sharing.NONE, 0.9, error=0.05, trials=20).refused == ""


@pytest.mark.parametrize("arguments", [{}, {"error": 0.1, "length": 10}])
def test_one_of_error_and_length_is_needed(arguments: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="give one of them"):
        plan(LAYER, Sharing.NONE, 0.9, **arguments)  # type: ignore[arg-type]


def test_few_trials_say_nothing() -> None:
    with pytest.raises(BadInput, match="4 trials: at least 5 say anything"):
        plan(LAYER, Sharing.NONE, 0.9, length=10, trials=4)


def test_streams_too_long_to_be_measured_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spikelock.models.network.precision.BITS_MEASURED", 12 * 3 * 100 * 7)
    measured = plan(LAYER, Sharing.NONE, 0.9, length=100).measured
    assert measured is not None
    assert measured.trials == 7
    assert plan(LAYER, Sharing.NONE, 0.9, length=200).measured is None
    refused = plan(LAYER, Sharing.SOBOL, 0.9, error=1e-9)
    assert "short enough to be measured" in refused.refused


def test_layers_are_those_of_the_program(program: Program) -> None:
    hidden, output = layers_of(program, ticks=3)
    for layer, population in ((hidden, program.populations[0]), (output, program.populations[1])):
        memories = population.configuration.memories
        weights = np.zeros((population.params.neurons, len(memories["rows"])), np.int64)
        for source, (start, length) in enumerate(memories["rows"].tolist()):
            for target, weight in memories["synapses"][start : start + length].tolist():
                weights[target, source] = weight
        assert layer.inputs == (weights != 0).sum(axis=1).max()
        assert (layer.neurons, layer.ticks) == (population.params.neurons, 3)
        assert layer.unit == 256 / 128  # threshold 256, gain 1; full scale of 8-bit weights is 128


def test_streams_of_the_planned_length_are_long_enough_for_every_sample(
    program: Program, spikes: NDArray[np.bool_]
) -> None:
    rounded_down = margins(program, spikes)
    with pytest.raises(BadInput, match="population hidden: some currents may not be off at all"):
        plan_spikes(rounded_down, 0.9)
    found = [replace(one, free=0.5) for one in rounded_down]
    planned = plan_spikes(found, 0.9)
    assert len(planned.lengths) == len(spikes)
    assert planned.kept is None
    assert planned.lengths.max() < 1 << planned.width
    with pytest.raises(RangeError):
        plan_spikes(found, 0.9, width=planned.width - 1)
    median = int(np.median(planned.lengths))
    assert plan_spikes(found, 0.9, length=median).kept == (planned.lengths <= median).sum()


def test_impossible_confidences_are_refused() -> None:
    one = Margins("one", np.array([[3]]), np.array([[[2]]]), 8, 100.0)
    with pytest.raises(RangeError, match="confidence 1"):
        plan_spikes([one], 1.0)
