"""Lowering and discretisation together equal a plain interpreter of the graph, in the units of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.network.discretise import Discretisation, Fires, Method, Spike, discretise
from spikelock.models.network.float_simulation import classify, simulate
from spikelock.models.network.graph import Affine, Flatten, Graph, Input, Neurons, Node, Output, Scale
from spikelock.models.network.lower import lower
from spikelock.models.neurons.lif import ResetMode

Random = np.random.Generator


def lif(
    neurons: int | tuple[int, ...], random: Random | None = None, tau: float = 5e-3, **changes: Any
) -> Neurons:
    """LIF neurons that differ in all that neurons of a population may differ in."""
    random = random or np.random.default_rng(0)
    one = np.ones(neurons)
    threshold = random.uniform(0.5, 2, neurons)
    plain = Neurons(tau * one, random.uniform(0.5, 2, neurons) * 10, 0 * one, threshold, 0 * one)
    return replace(plain, **changes)


def affine(outputs: int, inputs: int, random: Random) -> Affine:
    return Affine(random.normal(0.1, 0.5, (outputs, inputs)), random.normal(0, 0.1, outputs))


def interpret(
    graph: Graph, how: Discretisation, spikes: NDArray[np.bool_], delayed: set[tuple[str, str]]
) -> dict[str, NDArray[np.bool_]]:
    """Every node at every tick, written from the equations of NIR. Edges in `delayed` carry the spikes of the
    tick before.

    Shape of spikes: (ticks, inputs); of the result, for each population: (ticks, neurons).
    """
    ticks = len(spikes)
    impulse = 1 / how.dt if how.spike is Spike.IMPULSE else 1.0
    neurons = {name: node for name, node in graph.nodes.items() if isinstance(node, Neurons)}
    v = {name: np.where(np.isinf(n.tau), 0.0, n.v_leak) for name, n in neurons.items()}
    fired = {name: np.zeros((ticks, n.tau.size), np.bool_) for name, n in neurons.items()}
    for tick in range(ticks):
        done: dict[str, Any] = {}

        def value(name: str, tick: int = tick, done: dict[str, Any] = done) -> Any:
            if name not in done:
                node = graph.nodes[name]
                if name == graph.entrance:
                    done[name] = impulse * spikes[tick].reshape(graph.shapes[name])
                else:
                    total = sum(
                        (
                            impulse * fired[s][tick - 1].reshape(graph.shapes[s])
                            if tick
                            else np.zeros(graph.shapes[s])
                        )
                        if (s, name) in delayed
                        else value(s)
                        for s in graph.before[name]
                    )
                    done[name] = output(name, node, np.asarray(total), tick)
            return done[name]

        def output(name: str, node: Node, arriving: NDArray[np.float64], tick: int) -> Any:
            match node:
                case Affine(weight, bias):
                    return weight @ arriving + bias
                case Scale(scale):
                    return scale * arriving
                case Neurons():
                    fired[name][tick] = step(name, node, arriving).ravel()
                    return impulse * fired[name][tick].reshape(graph.shapes[name])
                case _:  # Flatten, Output
                    return arriving.reshape(graph.shapes[name])

        def step(name: str, n: Neurons, current: NDArray[np.float64]) -> NDArray[np.bool_]:
            if np.isinf(n.tau).all():
                u = v[name] + how.dt * n.r * current
            elif how.method is Method.FORWARD_EULER:
                u = v[name] + how.dt / n.tau * (n.v_leak - v[name] + n.r * current)
            else:
                target = n.v_leak + n.r * current
                u = target + (v[name] - target) * np.exp(-how.dt / n.tau)
            spike = u >= n.v_threshold if how.fires is Fires.AT_THRESHOLD else u > n.v_threshold
            after = u - (n.v_threshold - n.v_reset) if how.reset is ResetMode.SUBTRACT else n.v_reset
            v[name] = np.where(spike, after, u)
            return spike

        for name in neurons:
            value(name)
    return fired


def agree(
    nodes: Mapping[str, Node],
    edges: list[tuple[str, str]],
    how: Discretisation,
    delayed: set[tuple[str, str]] | None = None,
) -> None:
    """Every spike of 200 ticks, for all populations."""
    graph = Graph(nodes, tuple(edges))
    inputs = int(np.prod(graph.shapes[graph.entrance]))
    spikes = np.random.default_rng(3).random((200, inputs)) < 0.3
    network = discretise(lower(graph), how)
    raster = simulate(network, spikes[None])[0]
    wanted = interpret(graph, how, spikes, delayed or set())
    members = [
        member for p in network.populations for member in (p.name.split("+") if "+" in p.name else [p.name])
    ]
    expected = np.concatenate([spikes, *(wanted[name] for name in members)], axis=1)
    np.testing.assert_array_equal(raster, expected)
    assert all(0.01 < wanted[name].mean() < 0.99 for name in members), "neither silent nor always on"


EULER = Discretisation(dt=1e-3)
EVERY_CHOICE = [
    Discretisation(dt, method, reset, fires, spike)
    for dt in (1e-3,)
    for method in Method
    for reset in ResetMode
    for fires in Fires
    for spike in Spike
]


@pytest.mark.parametrize(
    "how", EVERY_CHOICE, ids=lambda how: f"{how.method.value}-{how.reset.value}-{how.spike.value}"
)
def test_two_layers_with_every_choice(how: Discretisation) -> None:
    random = np.random.default_rng(1)
    scale = np.full(6, 1e-3 if how.spike is Spike.IMPULSE else 1.0)
    nodes: dict[str, Node] = {
        "in": Input((5,)),
        "a": affine(6, 5, random),
        "s": Scale(scale),
        "x": lif(6, random, v_leak=np.full(6, -0.2), v_reset=np.full(6, -0.2)),
        "b": affine(4, 6, random),
        "t": Scale(scale[:4] * 30),
        "y": Neurons(
            np.full(4, np.inf), *(np.ones(4) * 100, np.zeros(4), random.uniform(1, 2, 4), np.zeros(4))
        ),
        "out": Output((4,)),
    }
    agree(nodes, [("in", "a"), ("a", "s"), ("s", "x"), ("x", "b"), ("b", "t"), ("t", "y"), ("y", "out")], how)


def test_skips_sums_shapes_and_several_populations_from_one() -> None:
    random = np.random.default_rng(2)
    nodes: dict[str, Node] = {
        "in": Input((2, 3)),
        "s": Scale(random.normal(0.3, 0.3, (2, 3))),
        "grid": lif((2, 3), random),
        "f": Flatten(0, -1),
        "a": affine(4, 6, random),
        "b": affine(4, 6, random),
        "x": lif(4, random),
        "y": lif(4, random),
        "c": affine(3, 4, random),
        "d": affine(3, 4, random),
        "e": affine(3, 3, random),
        "z": lif(3, random, tau=2e-3),
        "out": Output((3,)),
    }
    edges = [
        ("in", "grid"),
        ("in", "s"),
        ("s", "grid"),
        ("grid", "f"),
        ("f", "a"),
        ("f", "b"),
        ("a", "x"),
        ("b", "y"),
    ]
    edges += [("x", "c"), ("y", "c"), ("x", "d"), ("c", "e"), ("e", "z"), ("d", "z"), ("z", "out")]
    agree(nodes, edges, EULER)


@pytest.mark.parametrize("direct", [True, False])
def test_recurrent_edges_take_one_tick(direct: bool) -> None:
    random = np.random.default_rng(4)
    nodes: dict[str, Node] = {
        "in": Input((5,)),
        "a": affine(6, 5, random),
        "x": lif(6, random),
        "s": Scale(random.normal(-0.2, 0.5, 6)),
        "r": affine(6, 6, random),
        "out": Output((6,)),
    }
    edges = [("in", "a"), ("a", "x"), ("x", "s"), ("s", "r"), ("r", "x"), ("x", "out")]
    delayed = {("x", "s")}
    if direct:
        nodes = {name: node for name, node in nodes.items() if name not in ("s", "r")}
        edges = [("in", "a"), ("a", "x"), ("x", "x"), ("x", "out")]
        delayed = {("x", "x")}
    agree(nodes, edges, EULER, delayed)
    network = lower(Graph(nodes, tuple(edges)))
    assert network.notes == ("x: its recurrent edges take one tick",)


LOOP_EDGES = [
    *(("in", "a"), ("a", "x"), ("x", "b"), ("b", "y"), ("y", "c"), ("c", "x")),
    *(("y", "d"), ("d", "z"), ("x", "e"), ("e", "z"), ("in", "z"), ("z", "out")),
]


def loop(random: Random, **changes: Node) -> dict[str, Node]:
    """in → x ⇄ y → z → out."""
    return {
        "in": Input((3,)),
        "a": affine(4, 3, random),
        "x": lif(4, random),
        "b": affine(5, 4, random),
        "y": lif(5, random),
        "c": affine(4, 5, random),
        "d": affine(3, 5, random),
        "e": affine(3, 4, random),
        "z": lif(3, random, tau=4e-3),
        "out": Output((3,)),
        **changes,
    }


def test_a_loop_of_populations_becomes_one() -> None:
    nodes = loop(np.random.default_rng(5))
    agree(nodes, LOOP_EDGES, EULER, {("x", "b"), ("y", "c")})
    network = lower(Graph(nodes, tuple(LOOP_EDGES)))
    assert [p.name for p in network.populations] == ["x+y", "z"]
    assert network.notes == ("x+y: a loop, made one population; an edge inside it takes one tick",)


def test_refused_loops() -> None:
    random = np.random.default_rng(6)
    with pytest.raises(BadInput, match=r"x\+y: tau .* differs between neurons, from 0.003 to 0.005"):
        discretise(lower(Graph(loop(random, y=lif(5, random, tau=3e-3)), tuple(LOOP_EDGES))), EULER)
    inner = {name: loop(random)[name] for name in ("in", "a", "x", "b", "y", "c")} | {"out": Output((5,))}
    edges = [edge for edge in LOOP_EDGES if set(edge) <= set(inner)]
    with pytest.raises(BadInput, match="x, y form a loop with the output population 'y'"):
        lower(Graph(inner, (*edges, ("y", "out"))))
    nodes = {("x+y" if name == "z" else name): node for name, node in loop(random).items()}
    graph = Graph(nodes, tuple((a.replace("z", "x+y"), b.replace("z", "x+y")) for a, b in LOOP_EDGES))
    with pytest.raises(BadInput, match=r"needs the name 'x\+y'"):
        lower(graph)


def test_order_does_not_depend_on_that_of_the_file() -> None:
    nodes = loop(np.random.default_rng(5))
    first = lower(Graph(nodes, tuple(LOOP_EDGES)))
    second = lower(Graph(dict(reversed(nodes.items())), tuple(reversed(LOOP_EDGES))))
    assert [p.name for p in second.populations] in (["x+y", "z"], ["y+x", "z"])
    assert [p.neurons.tau.size for p in first.populations] == [p.neurons.tau.size for p in second.populations]


@pytest.mark.parametrize(("fires", "every"), [(Fires.AT_THRESHOLD, 1), (Fires.ABOVE_THRESHOLD, 2)])
def test_a_potential_of_exactly_the_threshold(fires: Fires, every: int) -> None:
    neuron = Neurons(np.full(1, np.inf), np.ones(1), np.zeros(1), np.ones(1), np.zeros(1))
    network = discretise(lower(chain(neuron)), Discretisation(dt=1, fires=fires))
    raster = simulate(network, np.ones((1, 10, 1), np.bool_))
    assert np.flatnonzero(raster[0, :, 1]).tolist() == list(range(every - 1, 10, every))


# ---------------------------------------------------------------- what is refused


def chain(neurons: Neurons, weight: float = 1.0) -> Graph:
    size = neurons.tau.size
    nodes: dict[str, Node] = {
        "in": Input((size,)),
        "w": Affine(weight * np.eye(size), np.zeros(size)),
        "x": neurons,
        "out": Output((size,)),
    }
    return Graph(nodes, (("in", "w"), ("w", "x"), ("x", "out")))


def test_leaks_of_one_population_must_be_equal() -> None:
    mixed = replace(lif(2), tau=np.array([0.01, 0.02]))
    with pytest.raises(BadInput, match=r"x: tau .* from 0.01 to 0.02; .* one LIF node for each tau works"):
        discretise(lower(chain(mixed)), EULER)
    discretise(
        lower(chain(replace(mixed, tau=np.array([0.01, 0.01 * (1 + 1e-7)])))), EULER
    )  # as float32 may leave it


def test_rests_of_one_population_must_be_equal() -> None:
    with pytest.raises(BadInput, match=r"x: .*v_leak.* differs"):
        discretise(lower(chain(lif(2, v_leak=np.array([0, 0.3])))), EULER)


def test_dt_beyond_tau() -> None:
    with pytest.raises(
        BadInput, match=r"dt = 0.01 s is longer than tau = 0.005 s.*use dt ≤ 0.005 or the method exponential"
    ):
        discretise(lower(chain(lif(2))), Discretisation(dt=0.01))
    discretise(lower(chain(lif(2))), Discretisation(dt=0.01, method=Method.EXPONENTIAL))
    discretise(lower(chain(lif(2))), Discretisation(dt=0.005))


def test_numbers_beyond_float64() -> None:
    with pytest.raises(BadInput, match=r"x: a weight or bias .* beyond float64"):
        discretise(lower(chain(lif(2, r=np.full(2, 1e200)), weight=1e200)), EULER)


@pytest.mark.parametrize("dt", [0.0, -1.0, float("nan"), float("inf")])
def test_dt_must_be_a_positive_number(dt: float) -> None:
    with pytest.raises(BadInput, match=r"dt = .* 1e-4"):
        Discretisation(dt=dt)


def test_classification_takes_the_lowest_of_equals() -> None:
    output = np.zeros((3, 2, 4), np.bool_)
    output[0, 0, [1, 3]] = True
    output[1, :, 2] = output[1, 0, 0] = True
    assert classify(output).tolist() == [1, 2, 0]
