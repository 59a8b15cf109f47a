"""Bench of `fabric.mesh`, split by tiles: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.fabric import tile
from spikelock.models.fabric.mesh import CORE, Params, arrivals, prefix
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.neurons import lif
from spikelock.models.ports import Records, RegisterMap
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.fabric import meshes
from spikelock.testbenches.fabric.mesh_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values

NEURON = lif.Params(width=10, current_width=12, threshold=60, constants=True, refractory_period=1)


def case(name: str, params: Params, steps: int, seed: int) -> Case:
    """Events from the host, over tables and synapses of a seed."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        return {"input": meshes.host_events(params, random, size)}

    return Case(
        name,
        params,
        stimulus,
        meshes.registers(params, steps),
        meshes.memories(params, np.random.default_rng(seed), loose=True),
        partial(meshes.memories, params, loose=True),
    )


def mesh(machine: Machine, *there: bool) -> Params:
    keys = meshes.BLOCK * (1 + machine.nodes) + 1
    sizes = tile.Params(NEURON, 2, keys, 2 * keys)
    return Params(machine, meshes.tiles(sizes, *there), queue=2, step_width=2, split=True)


ROW = mesh(Machine(2, 1, torus=True, host=1, entries=5, key_width=4), True, True)
SQUARE = mesh(Machine(2, 2, torus=True, host=1, entries=5, key_width=5), True, False, False, True)

CASES = [case("row", ROW, 2, 6), case("square", SQUARE, 2, 3)]


def settings(registers: RegisterMap, random: np.random.Generator) -> Mapping[str, int]:
    """Of the mesh that has these registers."""
    params = next(case.params for case in CASES if CORE.registers(case.params).keys() == registers.keys())
    return meshes.random_registers(params, random)


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a step and a tile: its spikes, which tiles hear it, whether there was a restart."""
    events = inputs["input"]
    marks = np.flatnonzero(events["kind"] == Kind.TICK)
    restarts = np.cumsum(events["kind"] == Kind.RESTART)[marks]
    rows = []
    for number in params.placed:
        ends = np.flatnonzero(outputs[f"output{number}"]["kind"] == Kind.TICK)
        key = configuration.registers[prefix(number) + "base"]
        heard = {
            place
            for place, port in arrivals(params, configuration, number, Port.LOCAL, key)
            if port == Port.LOCAL
        }
        spikes = np.diff(ends) - 1
        restart = np.diff(restarts, prepend=0) > 0
        by_others, by_itself = bool(heard - {number}), number in heard
        rows += [(int(s), by_others, by_itself, bool(r)) for s, r in zip(spikes, restart, strict=True)]
    columns = np.array(rows).T
    return dict(zip(("spikes", "others", "itself", "restart"), columns, strict=True))


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    spikes = Point(
        "spikes", {n: lambda t, v=v: t["spikes"] == v for n, v in (("none", 0), ("one", 1), ("all", 2))}
    )
    return CoverGroup(
        "fabric.mesh",
        [
            cross(spikes, values("heard by others", "others", 0, 1)),
            cross(spikes, values("heard by itself", "itself", 0, 1)),
            values("restart", "restart", 0, 1),
        ],
    )


BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    silence=600,
    between_resets=60,
    settings=settings,
    bugs=BUGS,
    only_long=["netlist-ice40"],
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
