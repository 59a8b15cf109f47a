"""Reading NIR: what is read, and one clear message for each thing that can be wrong with a file."""

from __future__ import annotations

import builtins
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.graph import Affine, Flatten, Neurons, Scale
from spikelock.models.network.nir_reader import read_nir

DATA = Path(__file__).parents[2] / "data" / "nir"

NirFile = Callable[..., Path]


def lif(neurons: int | tuple[int, ...] = 2, **changes: Any) -> dict[str, Any]:
    one = np.ones(neurons)
    node = {
        "type": "LIF",
        "tau": 0.01 * one,
        "r": one,
        "v_leak": 0 * one,
        "v_threshold": one,
        "v_reset": 0 * one,
    }
    return {**node, **changes}


def nodes(**changes: Any) -> dict[str, Any]:
    """Input 3 → Affine → LIF 2 → Output, some nodes replaced, or left out where None."""
    every = {
        "in": {"type": "Input", "shape": np.array([3])},
        "w": {"type": "Affine", "weight": np.ones((2, 3)), "bias": np.zeros(2)},
        "lif": lif(),
        "out": {"type": "Output", "shape": np.array([2])},
    } | changes
    return {name: node for name, node in every.items() if node is not None}


EDGES = [("in", "w"), ("w", "lif"), ("lif", "out")]


# ---------------------------------------------------------------- what is read


def test_nodes_edges_and_shapes(nir_file: NirFile) -> None:
    graph = read_nir(
        nir_file(
            {
                "in": {"type": "Input", "shape": np.array([2, 3])},
                "s": {"type": "Scale", "scale": np.full((2, 3), 2.0)},
                "f": {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": np.array([2, 3])},
                "w": {"type": "Linear", "weight": np.arange(24.0).reshape(4, 6)},
                "if": {"type": "IF", "r": np.ones(4), "v_threshold": np.ones(4)},
                "out": {"type": "Output", "shape": np.array([4])},
            },
            [("in", "s"), ("s", "f"), ("f", "w"), ("w", "if"), ("if", "out")],
        )
    )
    assert isinstance(graph.nodes["s"], Scale)
    assert graph.nodes["f"] == Flatten(0, -1)
    assert isinstance(linear := graph.nodes["w"], Affine)
    assert (linear.bias == 0).all()
    assert isinstance(neurons := graph.nodes["if"], Neurons)
    assert np.isinf(neurons.tau).all()
    assert (neurons.v_reset == 0).all(), "NIR's default"
    assert graph.shapes == {"in": (2, 3), "s": (2, 3), "f": (6,), "w": (4,), "if": (4,), "out": (4,)}


def test_files_of_other_platforms() -> None:
    norse = read_nir(DATA / "lif_norse.nir").nodes["1"]
    assert isinstance(norse, Neurons)
    found = [value.item() for value in (norse.tau, norse.v_threshold, norse.v_reset)]
    assert found == [np.float32(0.0025), np.float32(0.1), 0]
    assert len(read_nir(DATA / "two_lif_neurons.nir").nodes) == 6


def test_a_nested_graph_is_flattened(nir_file: NirFile) -> None:
    nested = {
        "type": "NIRGraph",
        "nodes": {
            "a": {"type": "Input", "shape": np.array([2])},
            "lif": lif(),
            "rec": {"type": "Linear", "weight": np.eye(2)},
            "b": {"type": "Output", "shape": np.array([2])},
        },
        "edges": np.array([("a", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "b")], object).astype("S"),
    }
    graph = read_nir(nir_file(nodes(lif=nested), EDGES))
    assert {"in", "w", "lif.a", "lif.lif", "lif.rec", "lif.b", "out"} == set(graph.nodes)
    assert {("w", "lif.a"), ("lif.b", "out"), ("lif.rec", "lif.lif")} < set(graph.edges)
    assert (graph.entrance, graph.exit) == ("in", "out")


# ---------------------------------------------------------------- what is wrong with the file


def refused(path: Path, *words: str) -> str:
    with pytest.raises(BadInput) as error:
        compile_nir(path)
    message = str(error.value)
    assert error.value.exit_code == 2
    assert path.name in message
    assert message.isprintable(), "one line"
    for word in words:
        assert word in message
    return message


def test_missing(tmp_path: Path) -> None:
    refused(tmp_path / "no.nir", "no such file")


@pytest.mark.parametrize("content", [b"", b"not a network", bytes(range(256)) * 10])
def test_not_hdf5(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.nir").write_bytes(content)
    refused(tmp_path / "x.nir", "not HDF5")


def test_foreign_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "x.nir", "w") as file:
        file["measurement"] = np.arange(5)
    refused(tmp_path / "x.nir", "HDF5 but not NIR", "'node'")


def test_truncated(tmp_path: Path) -> None:
    whole = (DATA / "two_lif_neurons.nir").read_bytes()
    for length in (600, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x.nir").write_bytes(whole[:length])
        refused(tmp_path / "x.nir", "truncated or damaged")


@pytest.mark.filterwarnings("ignore")  # h5py and NumPy may warn about what the damage says
def test_damaged_bytes_never_end_in_another_error(tmp_path: Path) -> None:
    whole = (DATA / "lif_norse.nir").read_bytes()
    heap = whole.index(
        b"GCOL"
    )  # the heap of strings is spared: HDF5 itself can loop for ever on a damaged one
    places = [*range(heap), *range(heap + 4096, len(whole))]
    chance = random.Random(7)
    outcomes = set()
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 8, 60))):
            damaged[chance.choice(places)] = chance.randrange(256)
        (tmp_path / "x.nir").write_bytes(damaged)
        try:
            compile_nir(tmp_path / "x.nir")
            outcomes.add("read")
        except BadInput:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}, "seed 7"


def test_an_array_too_large_to_read(nir_file: NirFile, tmp_path: Path) -> None:
    path = nir_file(nodes(), EDGES)
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "a") as file:
        del file["node/nodes/w/weight"]
        file.create_dataset("node/nodes/w/weight", (1 << 20, 1 << 20), "f8", chunks=(64, 64))
    refused(path, "1099511627776 numbers")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("CubaLIF", "second state variable"), ("LI", "no spikes"), ("Conv2d", ""), ("Quux", "")],
)
def test_unsupported_node_is_named_with_what_is_supported(nir_file: NirFile, kind: str, reason: str) -> None:
    path = nir_file(nodes(lif={"type": kind}), EDGES)
    refused(path, f"'lif' is a {kind}", reason, "Input, Output, Affine, Linear, Scale, Flatten, LIF, IF")


@pytest.mark.parametrize(
    ("changes", "edges", "words"),
    [
        pytest.param(
            {"w": {"type": "Linear", "weight": np.array([[1, 2, np.nan], [0, 0, 0]])}},
            EDGES,
            ("weight[0, 2] is nan", "finite"),
            id="nan weight",
        ),
        pytest.param(
            {"w": {"type": "Affine", "weight": np.ones((2, 3)), "bias": np.array([1, -np.inf])}},
            EDGES,
            ("bias[1] is -inf",),
            id="infinite bias",
        ),
        pytest.param({"lif": lif(tau=np.array([1, np.inf]))}, EDGES, ("tau[1] is inf",), id="infinite tau"),
        pytest.param(
            {"lif": lif(tau=np.array([1, 0.0]))}, EDGES, ("tau = 0 s", "more than 0"), id="tau of zero"
        ),
        pytest.param(
            {"lif": lif(tau=np.ones(3))}, EDGES, ("'lif'", "same shape"), id="parameters of two shapes"
        ),
        pytest.param({"lif": lif(())}, EDGES, ("shape of the population",), id="parameters without shape"),
        pytest.param(
            {"lif": lif(v_reset=np.ones(2))},
            EDGES,
            ("v_threshold = 1 is not above v_reset = 1",),
            id="reset at threshold",
        ),
        pytest.param(
            {"lif": {"type": "LIF", "tau": np.ones(2)}}, EDGES, ("'lif' is not a valid LIF",), id="no r"
        ),
        pytest.param({"lif": lif(r=np.array([b"a", b"b"]))}, EDGES, ("r has dtype",), id="r of text"),
        pytest.param(
            {"in": {"type": "Input", "shape": np.array([4])}},
            EDGES,
            ("in → w", "(4,) is sent", "takes (3,)"),
            id="too many inputs for the weights",
        ),
        pytest.param(
            {"in": {"type": "Input", "shape": np.array([1, 3])}},
            EDGES,
            ("in → w", "Flatten"),
            id="flatten forgotten",
        ),
        pytest.param(
            {"w": {"type": "Affine", "weight": np.ones((2, 3)), "bias": np.zeros(3)}},
            EDGES,
            ("bias",),
            id="bias shape",
        ),
        pytest.param({"w": {"type": "Linear", "weight": np.ones(3)}}, EDGES, ("'w'",), id="weight vector"),
        pytest.param(
            {"w": {"type": "Linear", "weight": np.ones((1, 2, 3))}}, EDGES, ("(outputs, inputs)",), id="3d"
        ),
        pytest.param(
            {"out": {"type": "Output", "shape": np.array([5])}}, EDGES, ("lif → out",), id="output shape"
        ),
        pytest.param({"in": {"type": "Input", "shape": np.array([0])}}, EDGES, ("zero",), id="zero inputs"),
        pytest.param(
            {"w": {"type": "Linear", "weight": np.ones((0, 3))}, "lif": lif(0)},
            EDGES,
            ("zero neurons",),
            id="zero neurons",
        ),
        pytest.param(
            {"lif": None, "out": {"type": "Output", "shape": np.array([2])}},
            [("in", "w"), ("w", "out")],
            ("no LIF or IF",),
            id="no neurons",
        ),
        pytest.param({"in": None}, EDGES[1:], ("none Input",), id="no input"),
        pytest.param({"out": None}, EDGES[:2], ("Output",), id="no output"),
        pytest.param({}, [*EDGES, ("lif", "x")], ("no node 'x'",), id="edge to nowhere"),
        pytest.param({}, [*EDGES, EDGES[0]], ("in → w occurs 2 times",), id="edge twice"),
        pytest.param(
            {"s": {"type": "Linear", "weight": np.ones((2, 3))}},
            [EDGES[0], ("in", "s"), ("s", "lif"), EDGES[2]],
            ("'w' leads nowhere",),
            id="cut",
        ),
        pytest.param(
            {"s": {"type": "Scale", "scale": np.ones(2)}},
            [*EDGES, ("s", "lif")],
            ("no edge into",),
            id="orphan",
        ),
        pytest.param(
            {"f": {"type": "Flatten", "start_dim": 1, "end_dim": -1}},
            [("in", "f"), ("f", "w"), *EDGES[1:]],
            ("1 … -1", "(3,)", "no batch dimension"),
            id="flatten of a batch dimension",
        ),
        pytest.param(
            {"s": {"type": "Scale", "scale": np.ones(2)}},
            [EDGES[0], EDGES[1], ("lif", "s"), ("s", "out")],
            ("Scale 's'", "no spikes"),
            id="output without spikes",
        ),
        pytest.param(
            {"s": {"type": "Scale", "scale": np.ones(2)}, "t": {"type": "Scale", "scale": np.ones(2)}},
            [*EDGES, ("w", "s"), ("s", "t"), ("t", "s"), ("t", "lif")],
            ("t, s", "loop without neurons"),
            id="loop without neurons",
        ),
        pytest.param(
            {"w": {"type": "NIRGraph"}}, EDGES, ("not a NIRGraph with nodes",), id="nested graph of nothing"
        ),
        pytest.param({"w": {"weight": np.ones((2, 3))}}, EDGES, ("'w' has no type",), id="node without type"),
        pytest.param({"w": {"type": np.arange(3)}}, EDGES, ("'w' has the type",), id="type of numbers"),
        pytest.param(
            {
                "in": {"type": "Input", "shape": np.array([10000])},
                "w": {"type": "Linear", "weight": np.ones((2, 10000))},
            },
            EDGES,
            ("10000 lines", "8192"),
            id="too many inputs",
        ),
        pytest.param(
            {"input": lif(), "lif": None},
            [("in", "w"), ("w", "input"), ("input", "out")],
            ("'input'", "rename"),
            id="name",
        ),
    ],
)
def test_bad_network(
    nir_file: NirFile, changes: dict[str, Any], edges: list[tuple[str, str]], words: tuple[str, ...]
) -> None:
    refused(nir_file(nodes(**changes), edges), *words)


def test_two_outputs_are_refused(nir_file: NirFile) -> None:
    more = nodes(second={"type": "Output", "shape": np.array([2])})
    refused(nir_file(more, [*EDGES, ("lif", "second")]), "2 (out, second) Output nodes")


@pytest.mark.parametrize("package", ["nir", "h5py"])
def test_without_the_package(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == package:
            raise ImportError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingTool, match=rf"{package}: pip install 'spikelock\[nir\]'") as error:
        read_nir(DATA / "lif_norse.nir")
    assert error.value.exit_code == 3
