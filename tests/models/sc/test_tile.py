"""The stochastic tile: engine = reference for any events, what a spike is worth, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.sc import dense as dense_engine
from spikelock.models.engine.sc import tile as engine
from spikelock.models.errors import RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.neurons import lif
from spikelock.models.sc import dense
from spikelock.models.sc.tile import CORE, Params
from spikelock.testbenches import strategies

SPIKE, TICK, RESTART, FAULT = (int(kind) for kind in Kind)
LAYER = dense.Params(inputs=2, neurons=2, width=8, length=64, gain=4, neuron=lif.Params(leak=0))
PARAMS = Params(LAYER, axons=4, first=1)


def loaded(params: Params, weights: Any, bias: Any = 0) -> Configuration:
    """A configuration with those weights."""
    return CORE.configuration(params, {}, dense.contents(params.layer, np.array(weights), np.array(bias)))


def both(
    params: Params, configuration: Configuration, events: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Output events of the reference, which are those of the engine."""
    records = {"input": CORE.inputs(params)["input"].from_tuples(events)}
    _, expected = run_reference(CORE, params, configuration, records)
    actual = engine.run(params, configuration, records)["output"]
    assert expected["output"].tolist() == actual.tolist()
    return list(map(tuple, actual.tolist()))


@settings(deadline=None, max_examples=60)
@given(st.data(), strategies.stochastic_tile_params())
def test_engine_equals_reference_on_any_tile(data: st.DataObject, params: Params) -> None:
    configuration = data.draw(strategies.stochastic_tile_configuration(params), "configuration")
    events = data.draw(strategies.event_streams(params), "events")
    _, expected = run_reference(CORE, params, configuration, {"input": events})
    assert np.array_equal(expected["output"], engine.run(params, configuration, {"input": events})["output"])


def test_a_spike_is_full_scale_however_often_it_comes() -> None:
    configuration = loaded(PARAMS, [[256, 0], [0, 256]])  # 64 ones, times 4: the threshold
    assert both(PARAMS, configuration, [(SPIKE, 1), (TICK, 0)]) == [(SPIKE, 1), (SPIKE, 4), (TICK, 0)]
    twice = [(SPIKE, 2), (SPIKE, 2), (TICK, 0), (TICK, 0)]
    assert both(PARAMS, configuration, twice) == [*twice[:2], (SPIKE, 5), (TICK, 0), (TICK, 0)]


def test_sources_before_and_behind_the_inputs_are_not_heard() -> None:
    configuration = loaded(PARAMS, [[256, 256], [256, 256]])
    events = [(SPIKE, 0), (SPIKE, 3), (TICK, 0)]
    assert both(PARAMS, configuration, events) == events


def test_a_source_that_is_not_upstream_is_a_fault() -> None:
    params = replace(PARAMS, axons=5)
    events = [(SPIKE, 5), (FAULT, 2), (TICK, 0)]
    assert both(params, loaded(params, [[256] * 2] * 2), events) == [(FAULT, 5), (FAULT, 2), (TICK, 0)]


def test_a_restart_forgets_spikes_and_potentials() -> None:
    half = loaded(PARAMS, [[160, 0], [0, 0]])  # twice as much reaches the threshold, if nothing is forgotten
    once = [(SPIKE, 1), (TICK, 0)]
    assert both(PARAMS, half, [*once, *once]) == [*once, (SPIKE, 1), (SPIKE, 4), (TICK, 0)]
    apart = [*once, (RESTART, 0), *once]
    assert both(PARAMS, half, apart) == apart

    full = loaded(PARAMS, [[256, 0], [0, 256]])
    apart = [(SPIKE, 1), (RESTART, 3), (SPIKE, 2), (TICK, 0)]
    assert both(PARAMS, full, apart) == [(SPIKE, 1), (RESTART, 0), (SPIKE, 2), (SPIKE, 5), (TICK, 0)]


@pytest.mark.parametrize("product", dense.Product)
def test_currents_by_table_are_those_of_the_streams(product: dense.Product) -> None:
    """The engine adds up what each input brings; the layer's engine multiplies the streams of every tick."""
    params = Params(replace(LAYER, inputs=5, product=product), axons=6, first=1)
    random = np.random.default_rng(3)
    weights = random.integers(-params.full_scale, params.full_scale, (2, 5), endpoint=True)
    configuration = loaded(params, weights, [3, -5])
    spikes = random.random((40, 6)) < 0.5
    values = np.where(spikes[:, 1:], params.full_scale, 0).astype(np.int64)
    expected = dense_engine.Dense(params.layer, configuration).currents(values)
    assert len(np.unique(expected)) > 10
    assert np.array_equal(engine.Tile(params, configuration, 40).currents(spikes), expected)


@pytest.mark.parametrize("first", [-1, 3])
def test_inputs_beyond_the_axons_are_refused(first: int) -> None:
    with pytest.raises(RangeError, match=f"first = {first}: the 2 inputs .* 4 axons; 0 … 2 are possible"):
        Params(LAYER, axons=4, first=first)
