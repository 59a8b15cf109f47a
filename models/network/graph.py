"""A spiking network as the NIR file draws it: nodes and edges in real numbers, checked as a whole.

Shapes are those of NIR: no batch dimension, weights as (outputs, inputs). Multi-dimensional signals are
numbered in C order. A node's input is the sum of what arrives on its edges.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput

Reals = NDArray[np.float64]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Input:
    """Where spikes come in. Inside a sub-graph: its entrance, which passes signals on unchanged."""

    shape: Shape


@dataclass(frozen=True)
class Output:
    """Where spikes leave. Inside a sub-graph: its exit, which passes signals on unchanged."""

    shape: Shape


@dataclass(frozen=True)
class Affine:
    """y = W x + b. Shapes: weight (outputs, inputs), bias (outputs,). NIR's Linear is the case b = 0."""

    weight: Reals
    bias: Reals


@dataclass(frozen=True)
class Scale:
    """y = s ⊙ x. Shape of s: that of x."""

    scale: Reals


@dataclass(frozen=True)
class Flatten:
    """The same numbers with dimensions start … end (inclusive, negative from the last) joined into one."""

    start: int
    end: int


@dataclass(frozen=True)
class Neurons:
    """LIF: tau dv/dt = (v_leak − v) + r I. IF: dv/dt = r I, held as tau = ∞. All arrays of one shape, tau in
    seconds.

    A neuron whose v passes v_threshold fires, and v returns to v_reset.
    """

    tau: Reals
    r: Reals
    v_leak: Reals
    v_threshold: Reals
    v_reset: Reals


Node = Input | Output | Affine | Scale | Flatten | Neurons


@dataclass(frozen=True)
class Graph:
    """Nodes by name, and edges (from, to).

    Raises BadInput where edges name no node, occur twice or do not fit in shape; where a node has nothing
    before or behind it; and where there is not exactly one Input, one Output and at least one population of
    neurons.
    """

    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]
    entrance: str = field(init=False)
    exit: str = field(init=False)

    def __post_init__(self) -> None:
        for edge, count in Counter(self.edges).items():
            if missing := [end for end in edge if end not in self.nodes]:
                raise BadInput(
                    f"edge {_arrow(edge)}: there is no node {missing[0]!r}; nodes: {', '.join(self.nodes)}"
                )
            if count > 1:
                raise BadInput(f"edge {_arrow(edge)} occurs {count} times; once is enough")
        object.__setattr__(self, "entrance", self._only(Input, without=1))
        object.__setattr__(self, "exit", self._only(Output, without=0))
        if not any(isinstance(node, Neurons) for node in self.nodes.values()):
            raise BadInput("no LIF or IF node: a spiking network needs at least one population of neurons")
        for name, node in self.nodes.items():
            if name != self.entrance and not self.before[name]:
                raise BadInput(f"node {name!r} has no edge into it: connect it to the Input, or remove it")
            if name != self.exit and all(name not in sources for sources in self.before.values()):
                raise BadInput(f"node {name!r} leads nowhere: connect it to the Output, or remove it")
            if 0 in (shape := _own_shape(node) or ()):
                raise BadInput(f"node {name!r} has shape {shape}: zero neurons; at least one is needed")
        for edge in self.edges:
            self._check_shapes(edge)

    def _only(self, kind: type[Input | Output], without: int) -> str:
        """The one Input that nothing leads to, or the one Output that leads nowhere; others belong to
        sub-graphs."""
        ends = {edge[without] for edge in self.edges}
        names = [name for name, node in self.nodes.items() if isinstance(node, kind) and name not in ends]
        if len(names) != 1:
            found = f"{len(names)} ({', '.join(names)})" if names else "none"
            raise BadInput(
                f"{found} {kind.__name__} nodes; exactly one is supported: join their signals in one"
            )
        return names[0]

    @cached_property
    def before(self) -> Mapping[str, list[str]]:
        """The sources of each node, in the order of the edges."""
        sources: dict[str, list[str]] = {name: [] for name in self.nodes}
        for source, target in self.edges:
            sources[target].append(source)
        return sources

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """Shape of what leaves each node. Raises BadInput for Flatten nodes in a ring, which have none."""
        shapes: dict[str, Shape] = {}

        def shape_of(name: str, waiting: tuple[str, ...]) -> Shape:
            if name in waiting:
                raise BadInput(
                    f"nodes {', '.join(waiting)} form a ring of Flatten nodes: neurons must be in between"
                )
            if name not in shapes:
                node = self.nodes[name]
                if isinstance(node, Flatten):
                    arriving = shape_of(self.before[name][0], (*waiting, name))
                    shapes[name] = _flattened(name, arriving, node)
                else:
                    shapes[name] = _own_shape(node) or ()
            return shapes[name]

        for name in self.nodes:
            shape_of(name, ())
        return shapes

    def _check_shapes(self, edge: tuple[str, str]) -> None:
        source, target = edge
        node, sent = self.nodes[target], self.shapes[source]
        if isinstance(node, Flatten):
            wanted = self.shapes[self.before[target][0]]
        elif isinstance(node, Affine):
            wanted = node.weight.shape[1:]
        else:
            wanted = self.shapes[target]
        if sent != wanted:
            hint = "; a Flatten in between works" if math.prod(sent) == math.prod(wanted) else ""
            raise BadInput(
                f"edge {_arrow(edge)}: shape {sent} is sent, {target!r} ({type(node).__name__}) takes "
                f"{wanted}{hint}"
            )


def _own_shape(node: Node) -> Shape | None:
    """Shape of what leaves a node, where the node itself says so."""
    if isinstance(node, Input | Output):
        return node.shape
    if isinstance(node, Affine):
        return node.weight.shape[:1]
    if isinstance(node, Scale):
        return node.scale.shape
    if isinstance(node, Neurons):
        return node.v_threshold.shape
    return None


def _flattened(name: str, shape: Shape, node: Flatten) -> Shape:
    start, end = (at + len(shape) if at < 0 else at for at in (node.start, node.end))
    if not 0 <= start <= end < len(shape):
        raise BadInput(
            f"Flatten {name!r}: dimensions {node.start} … {node.end} of a signal of shape {shape}; 0 … -1 "
            "joins all of them (NIR has no batch dimension)"
        )
    return (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])


def _arrow(edge: tuple[Any, Any]) -> str:
    return f"{edge[0]} → {edge[1]}"
