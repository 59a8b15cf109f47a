"""Reports of divergences: one changed event or one changed weight, and the place that is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine import network as engine
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.explain import Explanation, explain
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace
from spikelock.models.ports import Records
from spikelock.models.shrink import shrink

Spikes = NDArray[np.bool_]
Change = Callable[[Records, int], Records]


def report(program: Program, spikes: Spikes, expected: Trace, events: Records) -> Explanation:
    found = explain(program, spikes, expected, replace(expected, events=events))
    assert found is not None
    json.dumps(found.to_dict())
    return found


def neuron_spikes(program: Program, trace: Trace) -> NDArray[np.int64]:
    """Indices of the events that are spikes of neurons."""
    kind, address = trace.events["kind"], trace.events["address"]
    return np.flatnonzero((kind == Kind.SPIKE) & (address >= program.inputs))


def test_traces_that_agree_need_no_explanation(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes)
    assert explain(program, spikes, trace, engine.run(program, spikes)) is None


def test_every_lost_spike_is_found_at_its_place(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes[:3])
    sample, tick = trace.positions()
    indices = neuron_spikes(program, trace)
    assert len(indices) > 20
    for index in indices.tolist():
        found = report(program, spikes[:3], trace, np.delete(trace.events, index))
        assert (found.sample, found.tick) == (sample[index], tick[index])
        assert (found.population, found.index) == program.locate(int(trace.events["address"][index]))
        assert found.what == "spike missing"
        assert (found.expected.spikes, found.actual.spikes) == (1, 0)
        assert found.expected.after == 0  # the reset value
        assert found.divergence.index == index


def test_every_spike_too_many_is_found_at_its_place(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes[:1])
    raster = trace.raster()
    places = [place for place in np.argwhere(~raster).tolist() if place[2] >= program.inputs]
    assert len(places) > 20
    for sample, tick, address in places:
        raster[sample, tick, address] = True
        found = report(program, spikes[:1], trace, Trace.of_raster(raster).events)
        raster[sample, tick, address] = False
        assert (found.sample, found.tick) == (sample, tick)
        assert (found.population, found.index) == program.locate(address)
        assert found.what == "spike too many"
        assert (found.expected.spikes, found.actual.spikes) == (0, 1)


def delete(events: Records, index: int) -> Records:
    return np.delete(events, index)


def insert_tick(events: Records, index: int) -> Records:
    tick = events[events["kind"] == Kind.TICK][0]
    return np.insert(events, index, tick)


def repeat(events: Records, index: int) -> Records:
    return np.insert(events, index, events[index])


def swap(events: Records, index: int) -> Records:
    events[[index, index + 1]] = events[[index + 1, index]]
    return events


def to_fault(events: Records, index: int) -> Records:
    events["kind"][index] = Kind.FAULT
    return events


def stop(events: Records, index: int) -> Records:
    return events[:index]


def go_on(events: Records, index: int) -> Records:
    return np.append(events, events[index])


@pytest.mark.parametrize(
    ("change", "offset", "what", "place"),
    [
        (delete, 3, "spike missing", (0, "input", 2)),
        (delete, 9, "TICK lost", (0, None, None)),
        (insert_tick, 10, "TICK too many", (1, None, None)),
        (swap, 7, "spike out of order", (0, "hidden", 1)),
        (swap, 8, "spike missing", (0, "hidden", 3)),  # it comes a tick late
        (swap, 9, "spike too many", (0, "input", 0)),  # it comes a tick early
        (repeat, 7, "spike too many", (0, "hidden", 1)),
        (to_fault, 7, "FAULT for address 7", (0, "hidden", 1)),
        (stop, 7, "the stream ends early", (0, "hidden", 1)),
        (stop, 9, "the stream ends early", (0, None, None)),
    ],
)
def test_other_faults_of_a_stream(
    change: Change, offset: int, what: str, place: tuple[int, str | None, int | None], program: Program
) -> None:
    raster = np.zeros((2, 3, program.addresses), np.bool_)
    raster[1, 0, :6] = raster[1, 0, [7, 9]] = True  # RESTART, 0 1 2 3 4 5 7 9 TICK
    raster[1, 1, [0, 10]] = True  # 0 10 TICK
    trace = Trace.of_raster(raster)
    restart = int(np.flatnonzero(trace.events["kind"] == Kind.RESTART)[1])
    found = report(program, raster[:, :, :6], trace, change(trace.events.copy(), restart + offset))
    assert found.what == what
    assert (found.sample, found.tick, found.population, found.index) == (1, *place)
    assert f"sample 1, tick {place[0]}" in found.lines()[0]


def test_a_lost_restart(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes[:3])
    second = int(np.flatnonzero(trace.events["kind"] == Kind.RESTART)[1])
    found = report(program, spikes[:3], trace, delete(trace.events, second))
    assert (found.sample, found.tick, found.what) == (0, 15, "RESTART lost")


def test_a_stream_that_goes_on(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes[:1])
    found = report(program, spikes[:1], trace, go_on(trace.events, 1))
    assert found.what == "the stream goes on after its end"


def flipped(program: Program, population: int, synapse: int, bit: int) -> Program:
    """The program with one bit of one weight flipped."""
    part = program.populations[population]
    memories = dict(part.configuration.memories)
    memories["synapses"] = memories["synapses"].copy()
    memories["synapses"]["weight"][synapse] ^= 1 << bit
    changed = replace(part, configuration=replace(part.configuration, memories=memories))
    populations = list(program.populations)
    populations[population] = changed
    return replace(program, populations=tuple(populations))


def test_a_flipped_weight_bit_is_explained_and_shrunk(program: Program, spikes: Spikes) -> None:
    broken = flipped(program, 0, 7, 6)
    target = int(program.populations[0].configuration.memories["synapses"]["target"][7])

    def fails(given: Spikes) -> bool:
        return explain(program, given, engine.run(program, given), engine.run(broken, given)) is not None

    expected, actual = engine.run(program, spikes), engine.run(broken, spikes, probe=["hidden"])
    found = explain(program, spikes, expected, actual)
    assert found is not None
    shrunk = shrink(fails, spikes, at=(found.sample, found.tick))
    assert shrunk.samples == (found.sample,)
    found = explain(
        program, spikes, expected, actual, network="toy.nir", levels=("engine", "rtl"), smallest=shrunk
    )
    assert found is not None
    assert (found.population, found.index) == ("hidden", target)
    assert found.membrane_since is not None
    assert found.membrane_since <= found.tick
    lines = found.lines()
    place = f"sample {found.sample}, tick {found.tick}, hidden[{target}]"
    assert lines[0].startswith(f"toy.nir: rtl differs from engine at {place}: spike")
    assert f"  membrane differs since tick {found.membrane_since}" in lines
    assert any(line.startswith("  inputs this tick: ") for line in lines)
    assert any(line.startswith("  smallest stimulus that still fails: 1 sample, ") for line in lines)
    assert json.loads(json.dumps(found.to_dict()))["smallest"]["samples"] == 1


def test_what_the_neuron_was_given_is_right(program: Program, spikes: Spikes) -> None:
    """Potential before, inputs and potential after fit the equation of the neuron, for every lost spike."""
    trace = engine.run(program, spikes[:3])
    for index in neuron_spikes(program, trace).tolist():
        found = report(program, spikes[:3], trace, np.delete(trace.events, index))
        part = next(p for p in program.populations if p.name == found.population)
        value, neuron = part.configuration.registers, part.params.neuron
        assert found.given is not None
        assert found.expected.before is not None
        assert found.given.refractory == 0
        current = found.given.sum + found.given.bias
        leak = ((value["rest"] - found.expected.before) * value["leak"]) >> neuron.leak_fraction
        driven = (current * value["gain"]) >> neuron.gain_fraction
        assert found.expected.before + leak + driven >= value["threshold"]


def test_a_refractory_neuron_is_said_to_be_refractory(program: Program, spikes: Spikes) -> None:
    trace = engine.run(program, spikes[:1])
    raster = trace.raster()
    tick, address = next(
        (t + 1, a)
        for _, t, a in np.argwhere(raster).tolist()
        if a >= program.inputs and t + 1 < raster.shape[1]
    )
    raster[0, tick, address] = True
    found = report(program, spikes[:1], trace, Trace.of_raster(raster).events)
    assert found.given is not None
    assert found.given.refractory == 1
    assert "refractory for 1 more" in "\n".join(found.lines())
