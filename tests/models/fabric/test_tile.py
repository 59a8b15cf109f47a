"""The tile: engine = reference for any events, exact sums, and what the engine refuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spikelock.models.compare import first_divergence
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.fabric import event_stream
from spikelock.models.engine.fabric import tile as engine
from spikelock.models.engine.neurons.lif import LIF
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import CORE, Kind, Params, inputs, memories, rows_and_synapses
from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.testbenches import strategies
from spikelock.testbenches.pytest_plugin import Size


def agree(params: Params, configuration: Configuration, events: Records) -> Records:
    """Asserts that engine and reference give the same output; returns it."""
    _, expected = run_reference(CORE, params, configuration, {"input": events})
    actual = engine.run(params, configuration, {"input": events})
    assert actual.keys() == {"output"}
    if len(events):
        difference = first_divergence(expected["output"], actual["output"])
        assert difference is None, f"{difference}, {params}"
    assert np.array_equal(expected["output"], actual["output"])
    return actual["output"]


# ---------------------------------------------------------------- engine = reference


@given(st.data(), strategies.tile_params())
def test_engine_equals_reference_on_any_tile(data: st.DataObject, params: Params) -> None:
    configuration = data.draw(strategies.tile_configuration(params), "configuration")
    agree(params, configuration, data.draw(strategies.event_streams(params), "events"))


ROUTES = {
    "matrix": {},
    "gather": {"DENSE_WEIGHTS": 0},
    "gather in small parts": {"DENSE_WEIGHTS": 0, "GATHERED_SYNAPSES": 3},
    "matrix in small parts": {"MULTIPLIED_AT_ONCE": 100},
    "small batches": {"CELLS_AT_ONCE": 50},
}
"""Limits of the engine that send it through all of its code."""


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("recurrent", [False, True], ids=["feed-forward", "recurrent"])
def test_engine_equals_reference_over_long_streams(
    route: str, recurrent: bool, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same at volume; every corner must have been seen."""
    for name, value in ROUTES[route].items():
        monkeypatch.setattr(event_stream if name == "CELLS_AT_ONCE" else engine, name, value)
    seed = 10 * recurrent + list(ROUTES).index(route)
    random = np.random.default_rng(seed)
    reached: Counter[str] = Counter()
    overflows = (Overflow.SATURATE, Overflow.WRAP)
    for modes in list(product(Rounding, overflows, lif.ResetMode)) * size.pick(1, 20):
        params, configuration = random_tile(random, recurrent, *modes)
        events = random_events(params, random, 250)
        reached += corners(params, events, agree(params, configuration, events))
    print(f"seed {seed}: {dict(reached)}")
    assert reached.keys() == CORNERS, f"seed {seed}: never reached {CORNERS - reached.keys()}"


def random_tile(
    random: np.random.Generator,
    recurrent: bool = True,
    rounding: Rounding = Rounding.STOCHASTIC,
    overflow: Overflow = Overflow.SATURATE,
    reset_mode: lif.ResetMode = lif.ResetMode.TO_VALUE,
) -> tuple[Params, Configuration]:
    """A tile whose neurons fire now and then, about half of all possible synapses."""
    neuron = lif.Params(
        width=int(random.choice((10, 16))),
        rounding=rounding,
        overflow=overflow,
        reset_mode=reset_mode,
        rest=int(random.integers(-20, 20)),
        reset=int(random.integers(-20, 20)),
        threshold=int(random.integers(60, 300)),
        gain=int(random.integers(100, 400)),
        refractory_period=int(random.integers(3)),
    )
    neurons, axons = int(random.integers(1, 9)), int(random.integers(1, 9))
    params = Params(neuron, neurons, axons, synapses=200, recurrent=recurrent)
    source, target = np.nonzero(random.random((params.rows, neurons)) < 0.5)
    contents = rows_and_synapses(params, source, target, random.integers(-100, 128, len(source)))
    contents["bias"] = memories(params)["bias"].layout.records(random.integers(-20, 40, neurons))
    return params, CORE.configuration(params, memories=contents)


def random_events(params: Params, random: np.random.Generator, count: int) -> Records:
    """Mostly spikes and ticks; repeated spikes of one source, unknown addresses and marks anywhere."""
    port = inputs(params)["input"]
    kind = random.choice([Kind.SPIKE, Kind.TICK, Kind.RESTART, Kind.FAULT], count, p=[0.7, 0.24, 0.03, 0.03])
    return port.records(kind, random.integers(0, 1 << port.fields["address"].width, count))


CORNERS = {
    "own spike",
    "silent tick",
    "all fire",
    "restart",
    "unknown address",
    "fault passed on",
    "repeated",
}


def corners(params: Params, given: Records, out: Records) -> Counter[str]:
    """How often the corners are in one run."""
    own = (out["kind"] == Kind.SPIKE) & (out["address"] >= params.axons)
    tick = np.flatnonzero(out["kind"] == Kind.TICK)
    fired = np.diff(np.concatenate(([0], np.cumsum(own)[tick])))
    known = (given["kind"] == Kind.SPIKE) & (given["address"] < params.axons)
    twice = known[1:] & known[:-1] & (given["address"][1:] == given["address"][:-1])
    return +Counter(
        {
            "own spike": int(own.sum()),
            "silent tick": int((fired == 0).sum()),
            "all fire": int((fired == params.neurons).sum()),
            "restart": int((given["kind"] == Kind.RESTART).sum()),
            "unknown address": int(((given["kind"] == Kind.SPIKE) & ~known).sum()),
            "fault passed on": int((given["kind"] == Kind.FAULT).sum()),
            "repeated": int(twice.sum()),
        }
    )


def test_streams_without_ticks_or_events() -> None:
    params, configuration = random_tile(np.random.default_rng(0))
    port = inputs(params)["input"]
    for events in ([], [(Kind.SPIKE, 0)], [(Kind.RESTART, 0), (Kind.RESTART, 0)], [(Kind.TICK, 0)]):
        agree(params, configuration, port.from_tuples(events))


def test_marks_carry_address_0() -> None:
    params, configuration = random_tile(np.random.default_rng(0))
    events = inputs(params)["input"].from_tuples([(Kind.TICK, 1), (Kind.RESTART, 1), (Kind.FAULT, 1)])
    out = agree(params, configuration, events)
    assert out[out["kind"] != Kind.SPIKE].tolist() == [(Kind.TICK, 0), (Kind.RESTART, 0), (Kind.FAULT, 1)]


# ---------------------------------------------------------------- the checks can fail


def without_shared_random(*arguments: Any, **named: Any) -> LIF:
    return LIF(*arguments, **(named | {"shared_random": False}))


class Undelayed(engine.Tile):
    def tick(self, events: NDArray[Any]) -> NDArray[np.bool_]:
        fired = super().tick(events)
        return fired | super().tick(np.zeros_like(events))


class Forgetful(engine.Tile):
    def tick(self, events: NDArray[Any]) -> NDArray[np.bool_]:
        self._fed_back = np.zeros_like(self._fed_back)
        return super().tick(events)


BREAKAGES = {
    "each neuron has its own LFSR": ("LIF", without_shared_random),
    "recurrent rows come at the same tick": ("Tile", Undelayed),
    "recurrent rows are lost": ("Tile", Forgetful),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_engine_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, *BREAKAGES[name])
    with pytest.raises(AssertionError, match="was expected"):
        test_engine_equals_reference_over_long_streams("matrix", True, Size.SHORT, monkeypatch)


def test_inexact_sums_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_exact", lambda dtype: 1 << 60)
    with pytest.raises(AssertionError):
        test_sums_are_exact(26)


def test_one_flipped_weight_bit_is_caught() -> None:
    """The first difference is the first spike of the neuron that the weight goes to."""
    neuron = lif.Params(threshold=10, leak=0, gain=1, gain_fraction=0)
    params = Params(neuron, neurons=4, axons=4, synapses=16)
    contents = rows_and_synapses(params, np.arange(4), np.arange(4), np.full(4, 10))
    configuration = CORE.configuration(params, memories=contents)
    events = inputs(params)["input"].from_tuples([*((Kind.SPIKE, axon) for axon in range(4)), (Kind.TICK, 0)])
    expected = agree(params, configuration, events)
    contents["synapses"]["weight"][2] ^= 2
    actual = engine.run(params, CORE.configuration(params, memories=contents), {"input": events})["output"]
    difference = first_divergence(expected, actual)
    assert difference is not None
    assert difference.expected == {"kind": Kind.SPIKE, "address": params.axons + 2}


# ---------------------------------------------------------------- exact sums


def synapses_of(weights: list[list[int]], weight_width: int) -> engine.Synapses:
    """Synapses of a tile: weights by source, then by neuron; none where the weight is 0."""
    axons, neurons = len(weights), len(weights[0])
    neuron = lif.Params(current_width=max(16, weight_width))
    params = Params(neuron, neurons, axons, axons * neurons, weight_width)
    matrix = np.array(weights, np.int64)
    source, target = np.nonzero(matrix)
    contents = rows_and_synapses(params, source, target, matrix[source, target])
    return engine.Synapses(params, CORE.configuration(params, memories=contents), 0, axons)


@pytest.mark.parametrize("bits", [8, 23, 24, 25, 26, 31, 32, 52, 53, 54, 55, 58])
def test_sums_are_exact(bits: int) -> None:
    """Weights near 2^(bits − 1): float32, float64 and int64 sums, and the borders between them."""
    high = 2 ** (bits - 1) - 1
    weights = [[high, -high - 1, 1, 0], [1, 1, high, 0], [-high, high, -high - 1, 0], [high, high, high, 1]]
    synapses = synapses_of(weights, bits)
    sent = np.array([*product((0, 1), repeat=4), (3, 0, 2, 1), (0, 0, 0, 7)])
    expected = [
        [sum(n * row[i] for n, row in zip(times, weights, strict=True)) for i in range(4)]
        for times in sent.tolist()
    ]
    assert synapses.deliver(sent).tolist() == expected
    assert synapses.deliver(sent[:16].astype(bool)).tolist() == expected[:16]


def test_sums_beyond_int64_are_refused() -> None:
    for weights in ([[2**62], [2**62]], [[0], [2**62], [2**62]], [[0], [-(2**62)], [-(2**62)]]):
        with pytest.raises(RangeError, match="sum of all weights of a neuron"):
            synapses_of(weights, 64)
    synapses = synapses_of([[2**61]], 64)
    assert synapses.deliver(np.array([[3]])).tolist() == [[3 * 2**61]]
    with pytest.raises(RangeError, match="sum of weights"):
        synapses.deliver(np.array([[4]]))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_and_bias_beyond_int64_are_refused(sign: int) -> None:
    params = Params(lif.Params(current_width=64, gain=0), neurons=1, axons=1, synapses=1, weight_width=64)
    contents = rows_and_synapses(params, np.array([0]), np.array([0]), np.array([2**61]))
    contents["bias"] = memories(params)["bias"].layout.records([sign * 2**62])
    tile = engine.Tile(params, CORE.configuration(params, memories=contents), 1)
    tile.tick(np.array([[1]]))
    with pytest.raises(RangeError, match=r"accumulator \+ bias"):
        tile.tick(np.array([[3]]))
    contents["bias"]["bias"] += sign * (2**61 + 1)
    with pytest.raises(RangeError, match=r"accumulator \+ bias"):
        engine.Tile(params, CORE.configuration(params, memories=contents), 1)


# ---------------------------------------------------------------- what the engine refuses


def test_an_accumulator_that_does_not_fit_is_refused() -> None:
    neuron = lif.Params(current_width=8)
    params = Params(neuron, neurons=1, axons=1, synapses=1, weight_width=8)
    contents = rows_and_synapses(params, np.array([0]), np.array([0]), np.array([64]))
    configuration = CORE.configuration(params, memories=contents)
    once = [(Kind.SPIKE, 0), (Kind.TICK, 0)]
    agree(params, configuration, inputs(params)["input"].from_tuples(once))
    twice = {"input": inputs(params)["input"].from_tuples([once[0], *once])}
    with pytest.raises(RangeError, match="current_width"):
        run_reference(CORE, params, configuration, twice)
    with pytest.raises(RangeError, match=r"current = 128 .* current_width"):
        engine.run(params, configuration, twice)


def test_memories_that_do_not_fit_the_tile_are_refused() -> None:
    params = Params(neurons=3, axons=2, synapses=5)
    layouts = memories(params)
    events = {"input": inputs(params)["input"].from_tuples([(Kind.TICK, 0)])}

    rows = layouts["rows"].layout.records([0, 3], [3, 3])
    with pytest.raises(BadInput, match="row 1 ends beyond the synapse memory of 5"):
        engine.run(params, CORE.configuration(params, memories={"rows": rows}), events)

    synapses = layouts["synapses"].layout.records([0, 3], [1, 1])
    with pytest.raises(BadInput, match=r"synapse target 3: .* neurons 0 … 2"):
        engine.run(params, CORE.configuration(params, memories={"synapses": synapses}), events)

    short = CORE.configuration(params)
    short.memories["bias"].resize(1, refcheck=False)
    with pytest.raises(BadInput, match="memory bias has 1 records, the tile 3"):
        engine.run(params, short, events)


def test_wide_neurons_are_refused_as_the_neuron_alone_is() -> None:
    params = replace(Params(), neuron=lif.Params(width=64))
    with pytest.raises(RangeError, match="rest − v"):
        engine.Tile(params, CORE.configuration(params), 1)
