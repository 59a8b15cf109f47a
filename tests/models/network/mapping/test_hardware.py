"""A mapped network on the mesh's engine is the network, spike for spike, on any machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spikelock.models.compare import first_divergence
from spikelock.models.engine import network as engine
from spikelock.models.engine.fabric import mesh as mesh_engine
from spikelock.models.fabric import mesh
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.mapping.hardware import hardware
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.mapped import map_network
from spikelock.models.ports import Records
from spikelock.testbenches.mesh import Marks, host_events, trace_of

from .networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

MACHINES = {
    "row": Machine(4, 1, neurons=16),
    "mesh": Machine(3, 3, neurons=8, host=4),
    "torus": Machine(4, 3, neurons=8, torus=True),
    "dead links": Machine(3, 3, neurons=8, dead=frozenset({(0, Port.EAST), (4, Port.NORTH)})),
}


def merged(outputs: dict[str, Records]) -> Records:
    """What the host would receive: step after step, tile after tile, and one mark."""
    step = {n: np.cumsum(r["kind"] == Kind.TICK) - (r["kind"] == Kind.TICK) for n, r in outputs.items()}
    number = np.concatenate(list(step.values()))
    events = np.concatenate(list(outputs.values()))
    marks = events["kind"] == Kind.TICK
    order = np.lexsort((marks, number))
    first = ~marks | (np.arange(len(events)) >= len(events) - len(next(reversed(outputs.values()))))
    received: Records = events[order[first[order]]]
    return received


@pytest.mark.parametrize("name", MACHINES)
def test_a_mapped_network_is_the_network(name: str) -> None:
    network = program(threshold=12)
    spikes = np.random.default_rng(3).random((3, 10, network.inputs)) < 0.3
    mapped = map_network(network, MACHINES[name])
    params, configuration = hardware(mapped)
    marks = Marks.of(mapped, spikes)
    inputs = {"input": host_events(mapped, spikes, marks)}
    outputs = mesh_engine.run(replace(params, split=True), configuration, inputs)
    assert list(outputs) == list(mesh.outputs(replace(params, split=True)))
    counted = outputs.pop("counted")["value"]
    assert counted.size
    assert not counted.any(), "something was lost"
    trace, problems = trace_of(mapped, spikes, marks, merged(outputs))
    assert problems == []
    golden = engine.run(network, spikes)
    assert first_divergence(golden.events, trace.events) is None
    assert np.count_nonzero(trace.events["address"] >= network.inputs) > 30
