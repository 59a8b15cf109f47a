"""Checks of what the tiles compute: random programs, and a whole network, against the engine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikelock.models.compare import first_divergence
from spikelock.models.core import Configuration
from spikelock.models.engine.network import run as run_engine
from spikelock.models.fabric import chain, tile
from spikelock.models.fabric.inspection import exact_tiles
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.program import Population, Program
from spikelock.models.network.trace import events_of_raster
from spikelock.models.ports import Records

from .check import Failed, NotRun, Subject

PROGRAMS = 5
SAMPLES = 3
TICKS = 12
HIGHEST_THRESHOLD = 64
"""Above rest: low enough that neurons fire."""


def tiles(subject: Subject) -> str:
    """Random programs for exactly this chain give the spikes that they give in the engine."""
    params = subject.connected.capability.board.chain
    random = np.random.default_rng(subject.seed)
    spikes = 0
    for number in range(PROGRAMS):
        program = random_program(params, random)
        stimulus = random.random((SAMPLES, TICKS, program.inputs)) < random.random()
        spikes += _compare(subject, program, stimulus, f"random program {number} of seed {subject.seed}")
    if not spikes:
        raise NotRun("no neuron fired with any random program, so a comparison says nothing")
    return f"{PROGRAMS} random programs, {spikes:,} neuron spikes, all equal"


def network(subject: Subject) -> str:
    """The network that was given gives the spikes that it gives in the engine."""
    if subject.program is None or subject.spikes is None:
        raise NotRun("no network was given: --program and --input")
    spikes = _compare(subject, subject.program, subject.spikes, "the network")
    if not spikes:
        raise NotRun("no neuron fired, so a comparison says nothing; give a stronger input")
    return f"{len(subject.spikes)} samples, {spikes:,} neuron spikes, all equal"


def _compare(subject: Subject, program: Program, spikes: NDArray[np.bool_], name: str) -> int:
    """Runs a program on the board and in the engine; returns how many spikes neurons sent."""
    board = subject.connected
    board.load(program)
    (port,) = chain.inputs(board.capability.board.chain).values()
    golden = run_engine(program, spikes).events
    got = board.run(events_of_raster(spikes, port))
    divergence = first_divergence(golden, got)
    if divergence is not None:
        raise Failed(f"{name}: {divergence}")
    return int(np.count_nonzero((golden["kind"] == Kind.SPIKE) & (golden["address"] >= program.inputs)))


def random_program(params: chain.Params, random: np.random.Generator) -> Program:
    """A program that fills a chain of given sizes: random synapses, biases and thresholds."""
    populations = []
    for number, sizes in enumerate(exact_tiles(params)):
        registers = tile.CORE.configuration(sizes).registers
        if "threshold" in registers:
            low = registers.get("rest", sizes.neuron.rest)
            highest = min(low + HIGHEST_THRESHOLD, sizes.neuron.membrane.maximum)
            registers = {**registers, "threshold": int(random.integers(low, highest, endpoint=True))}
        configuration = tile.CORE.configuration(sizes, registers, _memories(sizes, random))
        populations.append(Population(f"tile{number}", sizes, configuration))
    return Program(params.tiles[0].axons, tuple(populations), populations[-1].name)


def _memories(sizes: tile.Params, random: np.random.Generator) -> dict[str, Records]:
    """As many random synapses as there is room for, with weights as large as accumulators allow."""
    pairs = random.permutation(sizes.rows * sizes.neurons)[: sizes.synapses]
    sources, targets = np.divmod(np.sort(pairs), sizes.neurons)
    largest = (1 << (sizes.weight_width - 1)) - 1
    bias = tile.memories(sizes)["bias"].layout
    while True:
        weights = random.integers(-largest, largest, len(pairs), endpoint=True)
        biases = bias.records(random.integers(-largest, largest, sizes.neurons, endpoint=True))
        contents = {**tile.rows_and_synapses(sizes, sources, targets, weights), "bias": biases}
        needed = tile.required_current_width(sizes, Configuration({}, contents))
        if needed <= sizes.neuron.current_width or not largest:
            return contents
        largest //= 2
