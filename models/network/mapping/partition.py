"""Partition: the neurons of each population are cut into parts that fit tiles, with few events between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.fixed import Ints
from spikelock.models.network.program import Population, Program

from .machine import Machine


@dataclass(frozen=True, eq=False)
class Part:
    """Neurons of one population that share a tile; or the inputs, which are at the host.

    population: its position in the program, −1 for the inputs. neurons: their indices in it, rising.
    """

    population: int
    neurons: Ints

    @property
    def name(self) -> str:
        """For reports."""
        return f"{self.population}:{self.neurons[0]}…{self.neurons[-1]}"


def connections(population: Population) -> tuple[Ints, Ints, Ints]:
    """Source address, target neuron and weight of every synapse."""
    rows = population.configuration.memories["rows"]
    length = rows["length"].astype(np.int64)
    sources = np.repeat(np.arange(len(rows)), length)
    within = np.arange(len(sources)) - np.repeat(np.cumsum(length) - length, length)
    at = np.repeat(rows["start"].astype(np.int64), length) + within
    synapses = population.configuration.memories["synapses"][at]
    return sources, synapses["target"].astype(np.int64), synapses["weight"].astype(np.int64)


def partition(program: Program, machine: Machine) -> list[Part]:
    """The inputs, then parts of each population in turn: as few as fit.

    Raises BadInput where the machine has too few tiles, MissingTool where pymetis is not installed.
    """
    parts = cut(program, machine.neurons, machine.synapses)
    if len(parts) - 1 > machine.nodes:
        needed = len(parts) - 1
        would_do = "larger tiles" if machine.present else _mesh_of(needed, machine.dies)
        raise BadInput(
            f"the network needs {needed} tiles of {machine.neurons} neurons and {machine.synapses} synapses; "
            f"a mesh of {machine.width}x{machine.height} has {machine.nodes}: {would_do} would do"
        )
    return parts


def cut(program: Program, neurons: int, synapses: int) -> list[Part]:
    """The inputs, then parts of each population, for tiles of so many neurons and synapses.

    Neurons that hear the same sources, or each other, come together. Raises BadInput where a neuron has too
    many synapses, MissingTool where pymetis is not installed.
    """
    _require_tiles_for_each_neuron(program, synapses)
    parts = [Part(-1, np.arange(program.inputs))]
    for number, population in enumerate(program.populations):
        parts += [Part(number, one) for one in _cut(population, neurons, synapses)]
    return parts


def _mesh_of(nodes: int, dies: tuple[int, int]) -> str:
    """The most square mesh of so many nodes or a few more, that dies divide evenly."""
    across, up = dies
    width = across
    while width * width < nodes:
        width += across
    height = -(-nodes // (width * up)) * up
    return f"{width}x{height}"


def _require_tiles_for_each_neuron(program: Program, synapses: int) -> None:
    """A neuron's synapses are all in its tile."""
    loads = {p.name: np.bincount(connections(p)[1], minlength=1) for p in program.populations}
    name = max(loads, key=lambda one: int(loads[one].max()))
    if (most := int(loads[name].max())) > synapses:
        raise BadInput(
            f"neuron {int(loads[name].argmax())} of {name} has {most} synapses; a tile has {synapses}: "
            f"tiles of {most} synapses or more would do"
        )


def _cut(population: Population, most_neurons: int, most_synapses: int) -> list[Ints]:
    neurons = population.params.neurons
    sources, targets, _ = connections(population)
    load = np.bincount(targets, minlength=neurons)
    count = max(-(-neurons // most_neurons), -(-int(load.sum()) // most_synapses), 1)
    while True:  # one neuron a tile always fits
        for pieces in (
            _pieces(sources, targets, neurons, count),
            np.array_split(np.arange(neurons), count),
        ):
            if all(len(p) <= most_neurons and load[p].sum() <= most_synapses for p in pieces):
                return pieces
        count += 1


def _pieces(sources: Ints, targets: Ints, neurons: int, count: int) -> list[Ints]:
    """A cut into `count` pieces of about equal size, with few sources heard in more than one."""
    if count == 1:
        return [np.arange(neurons)]
    try:
        import pymetis
    except ImportError:
        raise MissingTool("pymetis is not installed: pip install 'spikelock[mapping]'") from None
    # Sources and neurons are the two sides of a graph; what is cut is a source heard in two pieces.
    heard, source_of = np.unique(sources, return_inverse=True)
    total = neurons + len(heard)
    a = np.concatenate([targets, neurons + source_of])
    b = np.concatenate([neurons + source_of, targets])
    order = np.argsort(a, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(a, minlength=total))])
    graph = pymetis.CSRAdjacency(adj_starts=starts.tolist(), adjacent=b[order].tolist())
    weights = [1] * neurons + [0] * len(heard)
    _, membership = pymetis.part_graph(count, graph, vweights=weights)
    piece = np.array(membership[:neurons])
    found = [np.flatnonzero(piece == number) for number in range(count)]
    return [one for one in found if len(one)]


def traffic(program: Program, parts: list[Part], spikes: NDArray[np.int64] | None = None) -> Ints:
    """Events from part to part, shape (parts, parts): how many of each part's spikes another hears.

    spikes: by address, how often it spikes; once each, if not given. The inputs' part stands for the host,
    to which all spikes of neurons go.
    """
    counts = np.ones(program.addresses, np.int64) if spikes is None else spikes
    owner = owners(program, parts)
    matrix = np.zeros((len(parts), len(parts)), np.int64)
    for number, population in enumerate(program.populations):
        sources, targets, _ = connections(population)
        first = population.params.axons
        # A source sends one event to a part, however many neurons hear it there.
        pairs = np.unique(np.stack([sources, owner[first + targets]]), axis=1)
        np.add.at(matrix, (owner[pairs[0]], pairs[1]), counts[pairs[0]])
        for index, part in enumerate(parts):
            if part.population == number:
                matrix[index, 0] += counts[first + part.neurons].sum()
    return matrix


def owners(program: Program, parts: list[Part]) -> Ints:
    """By address: the part that it is in."""
    owner = np.zeros(program.addresses, np.int64)
    for index, part in enumerate(parts):
        first = 0 if part.population < 0 else program.populations[part.population].params.axons
        owner[first + part.neurons] = index
    return owner


def steps(program: Program) -> tuple[list[int], int]:
    """In which step of a tick each population sweeps, and how many steps a tick has (`docs/mesh.md`, 3)."""
    found: list[int] = []
    for population in program.populations:
        sources, _, _ = connections(population)
        before = [
            found[number] + 1
            for number, other in enumerate(program.populations[: len(found)])
            if ((sources >= other.params.axons) & (sources < other.params.axons + other.params.neurons)).any()
        ]
        found.append(max(before, default=0))
    return found, max(found) + 1
