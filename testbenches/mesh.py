"""A network on a mesh of tiles: the level `mesh`, in Verilator, with a host at the port of one router."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.core import twin
from spikelock.models.errors import BadInput
from spikelock.models.fabric import mesh
from spikelock.models.fabric.tile import Kind, event
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.hardware import hardware
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.mapping.partition import partition, steps
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, concatenate
from spikelock.models.ports import Records, load_records

from .lockstep import LIGHT, Built, Clock, Job, Model, Response, Stall, build, in_processes
from .network import SAMPLES_AT_ONCE, Level, LevelRun, Progress, Spikes, ignore_progress
from .problem import Detector, Problem

MOST_NODES = 64
"""Of a mesh that is simulated: more would take hours to build."""

RESET = 4
"""Cycles of each clock: the queues between two clocks need some."""

NAMED = 3
"""Of the events that are wrong, so many are named."""


def machine_for(
    program: Program, width: int, height: int, *, torus: bool = False, dies: tuple[int, int] = (1, 1)
) -> Machine:
    """A mesh of tiles that are as small as they can be for the network to fit: so it is spread over all.

    Raises BadInput for a mesh that has fewer nodes than the network has populations, for one that cannot be
    cut into so many dies, and for sums of bit streams.
    """
    nodes = width * height
    if not 1 <= nodes <= MOST_NODES:
        raise BadInput(f"a mesh of {width}x{height} has {nodes} tiles; 1 … {MOST_NODES} can be simulated")
    return fitted(program, Machine(width, height, torus, dies))


def fitted(program: Program, machine: Machine) -> Machine:
    """The same machine with tiles as small as they can be, and with tables and keys that are large enough.

    Raises BadInput for one that has fewer nodes than the network has populations, or too many to simulate,
    and for sums of bit streams.
    """
    neurons = [population.exact.neurons for population in program.populations]
    synapses = sum(population.exact.synapses for population in program.populations)
    nodes, size = machine.nodes, f"{machine.width}x{machine.height}"
    if nodes > MOST_NODES:
        raise BadInput(f"a mesh of {size} has {nodes} tiles; 1 … {MOST_NODES} can be simulated")
    if len(neurons) > nodes:
        raise BadInput(f"a mesh of {size} has {nodes} tiles for {len(neurons)} populations; each needs one")
    key_width = (2 * program.addresses + 1).bit_length()
    for most in range(-(-sum(neurons) // nodes), max(neurons) + 1):
        tried = replace(
            machine, neurons=most, synapses=max(1, synapses), entries=nodes + 2, key_width=key_width
        )
        if sum(-(-count // most) for count in neurons) <= nodes and _fits(program, tried):
            return tried
    raise BadInput(f"the network fits no mesh of {size}")  # pragma: no cover


def _fits(program: Program, machine: Machine) -> bool:
    try:
        partition(program, machine)
    except BadInput:
        return False
    return True


class OnMesh:
    """The level `mesh`: a network mapped on a machine, over the samples in parallel processes.

    component: a mesh of one's own with the same ports, such as one that was broken on purpose.
    seed, stalls: of the stall patterns on the host's port, which must not change the trace.
    """

    name: str = "mesh"

    def __init__(
        self,
        program: Program,
        machine: Machine,
        *,
        component: Any = None,
        seed: int = 0,
        stalls: Stall = LIGHT,
        processes: int = 2,
    ) -> None:
        self.mapped = map_network(program, machine)
        self.params, self.configuration = hardware(self.mapped)
        self._component = component
        self._seed = seed
        self._stalls = stalls
        self._processes = processes

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        """See `Level`. Each job starts a model of its own and loads the network first."""
        check_input(self.mapped.program, spikes)
        built = self._built
        start = time.perf_counter()
        firsts = range(0, len(spikes), SAMPLES_AT_ONCE)
        parts = [self._part(spikes[first : first + SAMPLES_AT_ONCE], n) for n, first in enumerate(firsts)]
        traces, problems, cycles = [], [], 0
        for number, (trace, response, found) in enumerate(
            in_processes(partial(run_part, built), parts, self._processes)
        ):
            traces.append(trace)
            cycles += response.cycles
            where = f"samples from {number * SAMPLES_AT_ONCE} on"
            problems += [problem.within(where) for problem in (*response.problems, *found)]
            progress(sum(trace.samples for trace in traces))
        return LevelRun(self.name, concatenate(traces), tuple(problems), cycles, time.perf_counter() - start)

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """Waves alone."""
        run_part(self._build(waves="vcd"), self._part(spikes, 0), wave)
        return None

    def _part(self, spikes: Spikes, number: int) -> Part:
        return Part(self.mapped, self._setup, spikes, self._seed + number, self._stalls)

    @cached_property
    def _built(self) -> Built:
        return self._build()

    @property
    def _setup(self) -> Setup:
        contents = load_records(mesh.CORE.memories(self.params), self.configuration.memories)
        return Setup({"load": contents}, {"registers": self.configuration.registers})

    def _build(self, **options: Any) -> Built:
        core = mesh.CORE
        component = self._component or twin(core.name, "rtl").component(self.params)
        return build(component, core.pins(self.params), core.outputs(self.params), **options)


def mesh_levels(size: tuple[int, int] | None, *, torus: bool = False) -> Mapping[str, Callable[..., Level]]:
    """How to make the level `mesh` of a program, on so many nodes across and up."""

    def level(program: Program, **options: Any) -> Level:
        if size is None:
            raise BadInput("the level mesh needs to know how large: --mesh 2x2")
        return OnMesh(program, machine_for(program, *size, torus=torus), **options)

    return {"mesh": level}


@dataclass(frozen=True, eq=False)
class Setup:
    """What hardware is given before the host sends anything.

    loads, levels: by port. clocks: of each domain. slower: times that a clock is as slow as the host's.
    settles: cycles of the host's clock in which nothing comes any more before it begins to send.
    """

    loads: Mapping[str, Records]
    levels: Mapping[str, Mapping[str, int]]
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    slower: int = 1
    settles: int = 64


@dataclass(frozen=True, eq=False)
class Part:
    """Some samples, and the seed of the stalls they are run with. The network is loaded before them."""

    mapped: Mapped
    setup: Setup
    spikes: Spikes
    seed: int
    stalls: Stall

    @cached_property
    def marks(self) -> Marks:
        """That the host sends."""
        return Marks.of(self.mapped, self.spikes)


def run_part(
    built: Built, part: Part, wave: Path | None = None
) -> tuple[Trace, Response, tuple[Problem, ...]]:
    """Runs a part on an instance of its own, from power-up on; what is wrong with what the host received.

    wave: a file for the waves of the run, for a model built with them.
    """
    with Model(built, clocks=part.setup.clocks, seed=part.seed) as model:
        if wave:
            model.start_wave(wave)
        done = exchange(model, part)
        if wave:
            model.stop_wave()
    trace, problems = trace_of(part.mapped, part.spikes, part.marks, done.received)
    return trace, done.response, (*problems, *counted(done.response))


@dataclass(frozen=True, eq=False)
class Exchange:
    """What came before the host had sent anything, while it loaded, and then."""

    before: Response
    response: Response

    @property
    def received(self) -> Records:
        """By the host, since the reset: the first mark comes while it loads."""
        first = self.before.reset_marks[0].produced["output"]
        return np.concatenate([self.before.outputs["output"][first:], self.response.outputs["output"]])


def exchange(model: Model, part: Part) -> Exchange:
    """From a reset on: the host loads what it has to, and sends all samples."""
    setup, silence = part.setup, longest_silence(part.mapped) * part.setup.slower
    before = model.run(
        Job(setup.loads, levels=setup.levels, resets=(0,), reset_length=RESET, drain=setup.settles)
    )
    response = model.run(
        Job(
            {"input": host_events(part.mapped, part.spikes, part.marks)},
            stalls=part.stalls,
            seed=part.seed,
            drain=silence,
            patience=10_000 + silence,
            stamps=True,
        )
    )
    return Exchange(before, response)


def counted(response: Response) -> Iterator[Problem]:
    """Counters of routers and nodes that are not 0."""
    for port, counters in response.final.items():
        for name in (counters.dtype.names or ()) if port.endswith("counters") else ():
            if counters[name][0]:
                yield Problem(Detector.PROTOCOL, f"the counter {name} is {counters[name][0]}; 0 is right")


def longest_silence(mapped: Mapped) -> int:
    """Cycles in which nothing needs to pass the host's port: every tile sums all rows, and sweeps.

    In the clock of the tiles.
    """
    return 1000 + sum(
        8 * (one.params.neurons + one.params.axons) + one.params.synapses for one in mapped.placed
    )


@dataclass(frozen=True, eq=False)
class Marks:
    """What the marks are that the host sends: their sample, tick (−1 for that of RESTART), and step."""

    sample: Ints
    tick: Ints
    step: Ints

    @staticmethod
    def of(mapped: Mapped, spikes: Spikes) -> Marks:
        """Those of a run: RESTART's, then those of each tick, for every sample."""
        samples, ticks, _ = spikes.shape
        ticks_of_sample = np.concatenate([[-1], np.repeat(np.arange(ticks), mapped.steps)])
        steps_of_sample = np.concatenate([[0], np.tile(np.arange(mapped.steps), ticks)])
        return Marks(
            np.repeat(np.arange(samples), len(ticks_of_sample)),
            np.tile(ticks_of_sample, samples),
            np.tile(steps_of_sample, samples),
        )


def host_events(mapped: Mapped, spikes: Spikes, marks: Marks) -> Records:
    """What the host sends: RESTART and its mark, then for every tick its inputs and its marks."""
    samples, ticks, _ = spikes.shape
    sample, tick, address = np.nonzero(spikes)
    first = 1 + tick * mapped.steps + sample * (1 + ticks * mapped.steps)  # the mark that ends their step
    starts = np.flatnonzero(marks.tick < 0)
    every = np.arange(len(marks.tick))
    at = np.concatenate([first, starts, every])
    kind = np.repeat([Kind.SPIKE, Kind.RESTART, Kind.TICK], [len(first), samples, len(every)])
    key = np.concatenate([mapped.keys[address], np.full(samples, mapped.restart), np.zeros_like(every)])
    order = np.lexsort((kind == Kind.TICK, at))
    return event(1 << mapped.machine.key_width).records(kind[order], key[order])


def trace_of(mapped: Mapped, spikes: Spikes, marks: Marks, received: Records) -> tuple[Trace, list[Problem]]:
    """The trace of what the host received, with its own inputs, and what is wrong with that.

    Of each tick that is complete the spikes are put in order of addresses; one that came twice stays there
    twice. Spikes that came in no step in which their neuron could have sent them are named, and left out.
    """
    samples, ticks, _ = spikes.shape
    kind, key = received["kind"], received["address"]
    arrived = np.cumsum(kind == Kind.TICK) - (kind == Kind.TICK)  # marks before each event
    caused_by = arrived - 1  # which of the host's marks it follows
    is_spike = kind != Kind.TICK
    addresses = np.append(mapped.key_addresses, -1)
    address = addresses[np.minimum(key, len(addresses) - 1)]
    step = np.full(mapped.program.addresses + 1, -1)
    for population, own in zip(mapped.program.populations, steps(mapped.program)[0], strict=True):
        step[population.params.axons : population.params.axons + population.params.neurons] = own
    mark = np.clip(caused_by, 0, len(marks.tick) - 1)
    in_step = (caused_by == mark) & (marks.tick[mark] >= 0) & (marks.step[mark] == step[address])
    good = (kind == Kind.SPIKE) & in_step
    problems = list(_displaced(received, is_spike & ~good, caused_by))

    complete = int(np.count_nonzero(kind == Kind.TICK)) - 1
    if complete != len(marks.tick):
        problems.append(
            Problem(Detector.TIMEOUT, f"{complete + 1} marks came; {len(marks.tick) + 1} are right")
        )
    own_sample, own_tick, own_address = np.nonzero(spikes)
    restarts, ends = marks.tick < 0, (marks.tick >= 0) & (marks.step == mapped.steps - 1)
    done = np.arange(len(marks.tick)) < complete
    parts = [
        (Kind.SPIKE, own_sample, own_tick, own_address),
        (Kind.SPIKE, marks.sample[mark[good]], marks.tick[mark[good]], address[good]),
        (Kind.RESTART, marks.sample[restarts & done], marks.tick[restarts & done], 0),
        (Kind.TICK, marks.sample[ends & done], marks.tick[ends & done], 0),
    ]
    sample, tick, number = (
        np.concatenate([np.broadcast_to(p[i], p[1].shape) for p in parts]) for i in (1, 2, 3)
    )
    kinds = np.concatenate([np.full(len(p[1]), p[0]) for p in parts])
    whole = (sample * (ticks + 1) + tick + 1) < np.count_nonzero((restarts | ends) & done)
    order = np.lexsort((number, kinds == Kind.TICK, tick, sample))
    order = order[whole[order]]
    events = event(mapped.program.addresses).records(kinds[order], number[order])
    return Trace(events, samples, ticks, mapped.program.addresses), problems


def _displaced(received: Records, wrong: np.ndarray[Any, Any], caused_by: Ints) -> Iterator[Problem]:
    places = np.flatnonzero(wrong)
    for place in places[:NAMED].tolist():
        kind = Kind(int(received["kind"][place])).name
        yield Problem(
            Detector.SCOREBOARD,
            f"{kind} {received['address'][place]:#x} came to the host after its mark {caused_by[place]}, "
            "where no neuron sends it",
        )
    if len(places) > NAMED:
        yield Problem(Detector.SCOREBOARD, f"and {len(places) - NAMED} more")
