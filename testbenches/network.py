"""A whole network at every level: input spikes in, trace out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import twin
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput
from spikelock.models.fabric.chain import CORE, TileParams
from spikelock.models.fabric.tile import Params as ExactParams
from spikelock.models.network import reference
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, concatenate, events_of_raster
from spikelock.models.ports import load_records
from spikelock.models.sc.tile import Params as StochasticParams

from . import levels
from .lockstep import LIGHT, Built, Job, Model, Response, Stall, build, in_processes
from .netlist import build_netlist
from .problem import Problem

Spikes = NDArray[np.bool_]
"""Input spikes: shape (samples, ticks, inputs)."""

Progress = Callable[[int], None]
"""Is told the number of samples done."""

SAMPLES_AT_ONCE = 24
"""Samples of one job: few enough that progress is seen, many enough that starting a model does not count."""


LONGEST_WAVE = 1 << 21
"""Products of bits in a wave of stochastic layers: about 250 megabytes."""


@dataclass(frozen=True)
class LevelRun:
    """What a level made of the input.

    problems: what went wrong besides the trace, one sentence each: a hang, a broken stream protocol.
    cycles: of hardware; None for software. seconds: of the run, without building the model. notes: what is
    worth to be told and not wrong. A trace of fewer samples than were asked for says that the others are
    lost.
    """

    level: str
    trace: Trace
    problems: tuple[Problem, ...]
    cycles: int | None
    seconds: float
    notes: tuple[str, ...] = ()


class Level(Protocol):
    """Something that runs a network."""

    name: str

    def run(self, spikes: Spikes, progress: Progress) -> LevelRun:
        """The trace that input spikes leave. Raises BadInput for spikes of another shape than needed."""
        ...

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """The same with membrane potentials of a population, and waves (VCD); None where there are none."""
        ...


def ignore_progress(samples: int) -> None:
    """For callers who do not care."""


class Software:
    """The level `engine` or `reference`."""

    def __init__(self, name: str, program: Program) -> None:
        self.name = name
        self._program = program

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        """See `Level`."""
        start = time.perf_counter()
        trace = (
            engine.run(self._program, spikes, progress=progress)
            if self.name == "engine"
            else reference.run(self._program, spikes)
        )
        progress(len(spikes))
        return LevelRun(self.name, trace, (), None, time.perf_counter() - start)

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """Membrane potentials, from the engine; software has no waves."""
        return engine.run(self._program, spikes, probe=[population]) if self.name == "engine" else None


class RTL:
    """The level `rtl`: the chain of tiles in Verilator, over the samples in parallel processes.

    component: a chain of one's own with the same ports, such as one that was broken on purpose.
    seed, stalls: of the stall patterns on both streams, which must not change the trace.
    """

    name: str = "rtl"

    def __init__(
        self,
        program: Program,
        *,
        component: Any = None,
        seed: int = 0,
        stalls: Stall = LIGHT,
        processes: int = 2,
    ) -> None:
        self._program = program
        self._component = component or twin(CORE.name, "rtl").component(program.params)
        self._seed = seed
        self._stalls = stalls
        self._processes = processes

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        """See `Level`. Each job starts a model of its own and loads the program first."""
        check_input(self._program, spikes)
        built = self._built
        start = time.perf_counter()
        firsts = range(0, len(spikes), SAMPLES_AT_ONCE)
        parts = [
            self._part(spikes[first : first + SAMPLES_AT_ONCE], number) for number, first in enumerate(firsts)
        ]
        traces, responses = [], []
        for trace, response in in_processes(partial(run_part, built), parts, self._processes):
            traces.append(trace)
            responses.append(response)
            progress(sum(trace.samples for trace in traces))
        problems = tuple(
            problem.within(f"samples from {number * SAMPLES_AT_ONCE} on")
            for number, response in enumerate(responses)
            for problem in response.problems
        )
        cycles = sum(response.cycles for response in responses)
        return LevelRun(self.name, concatenate(traces), problems, cycles, time.perf_counter() - start)

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """See `Level`. The model is built once more, with probes; with waves unless they would be huge."""
        draws = spikes.shape[1] * _products(self._program) <= LONGEST_WAVE
        built = self._build(
            probes=probes_of(self._program, population), **({"waves": "vcd"} if draws else {})
        )
        return run_part(built, self._part(spikes, 0), wave if draws else None)[0]

    def _part(self, spikes: Spikes, number: int) -> Part:
        return Part(self._program, spikes, self._seed + number, self._stalls)

    @cached_property
    def _built(self) -> Built:
        return self._build()

    def _build(self, **options: Any) -> Built:
        pins, outputs = CORE.pins(self._program.params), CORE.outputs(self._program.params)
        return build(self._component, pins, outputs, **options)


class Netlist(RTL):
    """The levels `netlist-…`: as `rtl`, with the chain synthesised to the cells of an FPGA family."""

    def __init__(self, name: str, program: Program, **options: Any) -> None:
        super().__init__(program, **options)
        self.name = name

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """Waves alone: what membrane potentials become in synthesis has no names."""
        run_part(self._build(waves="vcd"), self._part(spikes, 0), wave)
        return None

    def _build(self, **options: Any) -> Built:
        pins, outputs = CORE.pins(self._program.params), CORE.outputs(self._program.params)
        return build_netlist(self._component, pins, outputs, levels.NETLISTS[self.name], **options)


class Cocotb:
    """The level `cocotb` or `icarus`: the chain of tiles under cocotb and pyuvm. For a few samples."""

    def __init__(self, name: str, program: Program, *, seed: int = 0, **options: Any) -> None:
        self.name = name
        self._program = program
        self._seed = seed

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        """See `Level`."""
        samples, ticks = check_input(self._program, spikes)
        params = self._program.params
        job = Job(
            {"input": events_of_raster(spikes, CORE.inputs(params)["input"])},
            stalls=LIGHT,
            seed=self._seed,
            drain=longest_silence(self._program),
            patience=10_000 + longest_silence(self._program),
        )
        start = time.perf_counter()
        done = levels.run(self.name, CORE, params, self._program.configuration, job)
        progress(samples)
        events = done.outputs.get("output", np.zeros(0, CORE.outputs(params)["output"].dtype))
        trace = Trace(events, samples, ticks, self._program.addresses)
        return LevelRun(self.name, trace, done.problems, done.cycles, time.perf_counter() - start)

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """The level `rtl` shows the same hardware, and more of it."""
        return None


@dataclass(frozen=True)
class Part:
    """Some samples, and the seed of the stalls they are run with. The program is loaded before them."""

    program: Program
    spikes: Spikes
    seed: int
    stalls: Stall


def run_part(built: Built, part: Part, wave: Path | None = None) -> tuple[Trace, Response]:
    """Runs a part on an instance of its own, from power-up on.

    wave: a file for the waves of the run, for a model built with them. Where the model was built with
    `probes_of` a population, the trace holds its membrane potentials.
    """
    program = part.program
    samples, ticks, _ = part.spikes.shape
    contents = load_records(CORE.memories(program.params), program.configuration.memories)
    probed = PROBES.keys() <= built.outputs.keys()
    job = Job(
        {"input": events_of_raster(part.spikes, built.inputs["input"])},
        stalls=part.stalls,
        seed=part.seed,
        drain=longest_silence(program),
        patience=10_000 + longest_silence(program),
        watch=probed,
    )
    with Model(built, seed=part.seed) as model:
        if wave:
            model.start_wave(wave)
        registers = program.configuration.registers
        model.run(Job({"load": contents}, levels={"registers": registers} if registers else {}))
        response = model.run(job)
        if wave:
            model.stop_wave()
    membranes = _membranes(program, response, samples, ticks) if probed else {}
    return Trace(response.outputs["output"], samples, ticks, program.addresses, membranes), response


def longest_silence(program: Program) -> int:
    """Cycles in which no event needs to pass: every tile sweeps its neurons, and delivers recurrent rows or
    counts bit streams."""
    return 100 + sum(_sweep(p.params) for p in program.populations)


def _sweep(params: TileParams) -> int:
    """Cycles in which a tile sends nothing, at most."""
    if isinstance(params, ExactParams):
        return 8 * params.neurons + params.synapses
    return 8 * params.neurons + params.layer.cycles


def _products(program: Program) -> int:
    """Bits that all lanes of stochastic layers multiply in a tick."""
    layers = [p.params.layer for p in program.populations if isinstance(p.params, StochasticParams)]
    return sum(layer.cycles * layer.lanes * layer.parallel for layer in layers)


PROBES = {"stepping": "stepping", "membrane": "step.next_membrane"}
"""Probes that show the membrane potentials of a tile, and where they are in it, or in its layer."""


def probes_of(program: Program, population: str) -> dict[str, str]:
    """Probes, for `build`, that make a run record the membrane potentials of one population."""
    number = [p.name for p in program.populations].index(population)
    inner = "" if isinstance(program.populations[number].params, ExactParams) else "layer."
    paths = {name: f"tile{number}.{inner}{path}" for name, path in PROBES.items()}
    return paths | {f"tile{number}": paths["stepping"]}


def _membranes(
    program: Program, response: Response, samples: int, ticks: int
) -> Mapping[str, NDArray[np.int64]]:
    """Membrane potentials of the probed population, (samples, ticks, neurons); none where steps lack."""
    population = next(p for number, p in enumerate(program.populations) if f"tile{number}" in response.levels)
    stepping = response.levels["stepping"]["value"] == 1
    membrane = response.levels["membrane"]["value"][stepping]
    shape = (samples, ticks, population.params.neurons)
    return {population.name: membrane.reshape(shape)} if len(membrane) == np.prod(shape) else {}


LEVELS: Mapping[str, Callable[..., Level]] = {
    "reference": lambda program, **options: Software("reference", program),
    "engine": lambda program, **options: Software("engine", program),
    "rtl": RTL,
    "cocotb": partial(Cocotb, "cocotb"),
    "icarus": partial(Cocotb, "icarus"),
    **{name: partial(Netlist, name) for name in levels.NETLISTS},
}
"""How to make a level of a program: options are `seed` and `processes`."""


def make_levels(
    program: Program,
    names: list[str],
    more: Mapping[str, Callable[..., Level]] | None = None,
    **options: Any,
) -> list[Level]:
    """Levels by name, those of `more` besides. Raises BadInput for a name that is unknown or repeated."""
    known = {**LEVELS, **(more or {})}
    for name in names:
        if name not in known:
            raise BadInput(f"no level is called {name!r}; a network runs at {', '.join(known)}")
    if len(set(names)) < len(names):
        raise BadInput(f"levels {','.join(names)}: name each level once")
    return [known[name](program, **options) for name in names]
