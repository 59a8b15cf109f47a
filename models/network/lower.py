"""From a drawn graph to populations of neurons with weight matrices between them.

Chains and sums of Affine, Linear, Scale and Flatten between two populations become one matrix and one bias,
in float64. Populations come out in an order in which each sees only earlier ones, save itself. Populations in
a loop become one (named `a+b`): a population may be fed by itself, one tick later.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

import numpy as np

from spikelock.models.errors import BadInput

from .graph import Affine, Graph, Neurons, Node, Reals, Scale

INPUT = "input"
"""The name of the network's input among the sources of a population."""

MOST_LINES = 1 << 13
"""Lines a population or the input may have: its matrices are dense."""


@dataclass(frozen=True)
class Population:
    """Neurons, and the current I they receive: I = bias + Σ weights[source] · spikes of the source, over
    sources.

    Shapes: the parameters of the neurons and the bias (neurons,); a weight matrix (neurons, neurons of its
    source). A population among its own sources sees its spikes one tick later.
    """

    name: str
    neurons: Neurons
    bias: Reals
    weights: Mapping[str, Reals]


@dataclass(frozen=True)
class Network:
    """Populations behind `inputs` input lines, in an order in which each sees only earlier ones and itself.

    output: the population whose spikes answer. notes: what lowering had to decide, as sentences.
    """

    inputs: int
    populations: tuple[Population, ...]
    output: str
    notes: tuple[str, ...] = ()


def lower(graph: Graph) -> Network:
    """The populations of a graph.

    Raises BadInput where a loop holds no neurons, the Output is not fed by the spikes of one population, or a
    loop of several populations includes that one.
    """
    names = [name for name, node in graph.nodes.items() if isinstance(node, Neurons)]
    if INPUT in names:
        raise BadInput(f"neurons may not be called {INPUT!r}, which names the input lines: rename the node")
    with np.errstate(over="ignore", invalid="ignore"):  # `discretise` refuses what is not finite
        populations = _populations(graph, names)
    output = _output(graph, names)
    notes = []
    for loop in _loops(populations):
        if output in loop and len(loop) > 1:
            raise BadInput(
                f"populations {', '.join(loop)} form a loop with the output population {output!r} in it: "
                "feed the Output from a population behind the loop"
            )
        if len(loop) > 1:
            merged = _merged([populations[name] for name in loop])
            if merged.name in populations:
                raise BadInput(
                    f"the loop of {', '.join(loop)} needs the name {merged.name!r}: rename that node"
                )
            populations = {
                n: _redirected(p, loop, populations) for n, p in populations.items() if n not in loop
            }
            populations[merged.name] = merged
            notes.append(f"{merged.name}: a loop, made one population; an edge inside it takes one tick")
        elif loop[0] in populations[loop[0]].weights:
            notes.append(f"{loop[0]}: its recurrent edges take one tick")
    order = TopologicalSorter(
        {n: sorted(p.weights.keys() - {n, INPUT}) for n, p in populations.items()}
    ).static_order()
    inputs = math.prod(graph.shapes[graph.entrance])
    return Network(inputs, tuple(populations[name] for name in order), output, tuple(notes))


# ---------------------------------------------------------------- one matrix and one bias for each source


@dataclass(frozen=True)
class _Signal:
    """weights[source] · spikes of the source, summed over sources, plus bias."""

    weights: Mapping[str, Reals]
    bias: Reals


def _populations(graph: Graph, names: list[str]) -> dict[str, Population]:
    """Every population with its weights: follows the edges back from it to populations and input."""
    known: dict[str, _Signal] = {}

    def leaving(name: str, waiting: tuple[str, ...]) -> _Signal:
        if name in waiting:
            raise BadInput(
                f"nodes {', '.join(waiting)} form a loop without neurons, so without delay: put a LIF or IF "
                "in it"
            )
        if name not in known:
            known[name] = _source(graph, name, names) or _through(
                graph.nodes[name], arriving(name, (*waiting, name))
            )
        return known[name]

    def arriving(name: str, waiting: tuple[str, ...]) -> _Signal:
        return _sum([leaving(source, waiting) for source in graph.before[name]])

    populations = {}
    for name in names:
        neurons, signal = graph.nodes[name], arriving(name, ())
        assert isinstance(neurons, Neurons)
        populations[name] = Population(name, _joined([neurons]), signal.bias, signal.weights)
    return populations


def _source(graph: Graph, name: str, names: list[str]) -> _Signal | None:
    """The spikes of a population or of the input; None for other nodes."""
    if name != graph.entrance and name not in names:
        return None
    size = math.prod(graph.shapes[name])
    if size > MOST_LINES:
        raise BadInput(
            f"node {name!r} sends on {size} lines; a matrix of at most {MOST_LINES} lines can be made"
        )
    return _Signal({name if name in names else INPUT: np.eye(size)}, np.zeros(size))


def _through(node: Node, signal: _Signal) -> _Signal:
    """The signal behind a node without neurons."""
    if isinstance(node, Affine):
        weights = {source: node.weight @ w for source, w in signal.weights.items()}
        return _Signal(weights, node.weight @ signal.bias + node.bias)
    if isinstance(node, Scale):
        scale = node.scale.ravel()
        return _Signal(
            {source: scale[:, None] * w for source, w in signal.weights.items()}, scale * signal.bias
        )
    return signal  # Flatten, and the ends of sub-graphs: the same numbers in the same order


def _sum(signals: list[_Signal]) -> _Signal:
    total: dict[str, Reals] = {}
    for signal in signals:
        for source, weights in signal.weights.items():
            total[source] = total[source] + weights if source in total else weights
    return _Signal(total, np.sum([signal.bias for signal in signals], axis=0))


def _output(graph: Graph, names: list[str]) -> str:
    """The population behind the Output, reached through nodes that leave signals as they are."""
    name, passed = graph.exit, [graph.exit]
    while name not in names:
        sources = graph.before[name]
        if len(sources) != 1 or sources[0] in passed:
            raise BadInput(
                f"{name!r} is fed by {', '.join(sources)}; the Output needs the spikes of one population"
            )
        (name,) = sources
        passed.append(name)
        if isinstance(graph.nodes[name], Affine | Scale) or name == graph.entrance:
            kind = type(graph.nodes[name]).__name__
            raise BadInput(
                f"the Output is fed by {kind} {name!r}, which sends no spikes: end the network with LIF or IF"
            )
    return name


# ---------------------------------------------------------------- loops


def _loops(populations: Mapping[str, Population]) -> list[list[str]]:
    """The strongly connected components, each in the order of the file."""
    names = list(populations)
    reaches = np.array([[a == b or a in populations[b].weights for b in names] for a in names])
    for middle in range(len(names)):  # Warshall's transitive closure
        reaches |= reaches[:, middle, None] & reaches[None, middle, :]
    mutual = reaches & reaches.T
    firsts = [i for i in range(len(names)) if not mutual[i, :i].any()]
    return [[names[j] for j in np.flatnonzero(mutual[i])] for i in firsts]


def _joined(parts: list[Neurons]) -> Neurons:
    """The same neurons in one row."""

    def row(parameter: str) -> Reals:
        return np.concatenate([getattr(part, parameter).ravel() for part in parts])

    return Neurons(row("tau"), row("r"), row("v_leak"), row("v_threshold"), row("v_reset"))


def _merged(parts: list[Population]) -> Population:
    """The populations of a loop as one, in that order."""
    names = [p.name for p in parts]
    outside = dict.fromkeys(source for p in parts for source in p.weights if source not in names)

    def from_source(source: str) -> Reals:
        """The weights of all parts from one source, zero where a part has none."""
        lines = next(p.weights[source].shape[1] for p in parts if source in p.weights)
        return np.concatenate([p.weights.get(source, np.zeros((len(p.bias), lines))) for p in parts])

    inside = np.concatenate([from_source(name) for name in names], axis=1)
    weights = {source: from_source(source) for source in outside} | {"+".join(names): inside}
    bias = np.concatenate([p.bias for p in parts])
    return Population("+".join(names), _joined([p.neurons for p in parts]), bias, weights)


def _redirected(population: Population, loop: list[str], populations: Mapping[str, Population]) -> Population:
    """The same population, its weights from the members of a loop joined into one matrix from the loop."""
    if not any(name in population.weights for name in loop):
        return population
    columns = [
        population.weights.get(name, np.zeros((len(population.bias), len(populations[name].bias))))
        for name in loop
    ]
    others = {source: w for source, w in population.weights.items() if source not in loop}
    return replace(population, weights=others | {"+".join(loop): np.concatenate(columns, axis=1)})
