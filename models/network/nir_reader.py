"""Reads a NIR file (https://neuroir.org, HDF5) into a checked `Graph`.

The attributes of a node, and their defaults, are those of the `nir` package; nothing in the file is trusted
beyond that. `nir` and `h5py` are imported here, when a file is read, and nowhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.errors import BadInput, MissingTool

from .graph import Affine, Flatten, Graph, Input, Neurons, Node, Output, Reals, Scale, Shape

MOST_NUMBERS = 1 << 26
"""Numbers in one array: half a gigabyte. A few bytes of a compressed file can claim far more than fits in
memory."""

DEFLATE_RATIO = 1032
"""The most that HDF5's usual compression can shrink data: an array that claims more is damaged."""


def read_nir(path: str | Path) -> Graph:
    """The network in a NIR file; nested graphs are flattened, their nodes named `graph.node`.

    Raises BadInput for a file that is missing, truncated, not HDF5, not NIR, or breaks a rule of `Graph`; for
    unsupported nodes, NaN and infinite numbers. Raises MissingTool where `nir` or `h5py` is not installed.
    """
    path = Path(path)
    try:
        import h5py
        import nir
    except ImportError as error:
        raise MissingTool(
            f"reading NIR files needs the package {error.name}: pip install 'spikelock[nir]'"
        ) from error
    if not path.is_file():
        raise BadInput(
            f"{path}: no such file; a NIR file is needed, as nir.write('network.nir', graph) makes it"
        )
    try:
        if not h5py.is_hdf5(path):
            raise BadInput(
                f"{path} is not HDF5, so not a NIR file; nir.write('network.nir', graph) makes one"
            )
        with h5py.File(path, "r") as file:
            if not isinstance(file.get("node"), h5py.Group):
                raise BadInput(
                    f"{path} is HDF5 but not NIR: it has no group 'node'; nir.write makes files that do"
                )
            content = _content(file["node"], h5py)
    except BadInput:
        raise
    except (OSError, RuntimeError, KeyError, TypeError, ValueError, MemoryError) as error:
        raise BadInput(f"{path} is truncated or damaged: {error}; copy or export it again") from error
    try:
        nodes, edges = _flat(content, nir.dict2NIRNode, prefix="")
        return Graph(nodes, tuple(edges))
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error


def _content(group: Any, h5py: Any) -> dict[str, Any]:
    """The group as nested dictionaries, strings decoded."""
    content: dict[str, Any] = {}
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            content[name] = _content(item, h5py)
        elif isinstance(item, h5py.Dataset):
            value = _value(item)
            content[name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        else:
            raise OSError(f"{group.name}/{name} holds no data")
    return content


def _value(dataset: Any) -> Any:
    """The content of a dataset, if the file can hold as much as it claims."""
    if dataset.size is None:
        raise OSError(f"{dataset.name} holds no data")
    stored = os.path.getsize(dataset.file.filename) * (1 if dataset.chunks is None else DEFLATE_RATIO)
    if dataset.size > MOST_NUMBERS or dataset.nbytes > stored:
        raise OSError(f"{dataset.name} claims {dataset.size} numbers, more than such a file can hold")
    return dataset[()]


Edges = list[tuple[str, str]]


def _flat(
    content: Mapping[str, Any], make: Callable[[dict[str, Any]], Any], prefix: str
) -> tuple[dict[str, Node], Edges]:
    """Nodes and edges of a graph and of the graphs in it. An edge to or from a nested graph joins its Input
    or Output."""
    if content.get("type") != "NIRGraph" or not isinstance(content.get("nodes"), dict):
        raise BadInput(
            f"the top node is {content.get('type')!r}, not a NIRGraph with nodes: nir.write a NIRGraph"
        )
    nodes: dict[str, Node] = {}
    edges: Edges = []
    ends: dict[str, tuple[str, str]] = {}
    for name in sorted(content["nodes"], key=_natural):
        inner, full = content["nodes"][name], prefix + name
        if not isinstance(inner, dict) or "type" not in inner:
            raise BadInput(f"node {full!r} has no type: it is not a NIR node")
        if not isinstance(inner["type"], str):
            raise BadInput(f"node {full!r} has the type {inner['type']!r}; a name is needed, such as LIF")
        if inner["type"] == "NIRGraph":
            some_nodes, some_edges = _flat(inner, make, f"{full}.")
            if twice := nodes.keys() & some_nodes.keys():
                raise BadInput(f"two nodes would be called {min(twice)!r}: rename one")
            nodes |= some_nodes
            edges += some_edges
            ends[name] = (_end(inner, full, "Input"), _end(inner, full, "Output"))
        elif full in nodes:
            raise BadInput(f"two nodes would be called {full!r}: rename one")
        else:
            nodes[full] = _node(full, inner, make)
            ends[name] = (full, full)
    for source, target in _edges(content):
        edges.append((ends.get(source, ("", prefix + source))[1], ends.get(target, (prefix + target, ""))[0]))
    return nodes, edges


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts '2' before '10'."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


def _end(graph: Mapping[str, Any], name: str, kind: str) -> str:
    found = [n for n, node in graph["nodes"].items() if isinstance(node, dict) and node.get("type") == kind]
    if len(found) != 1:
        raise BadInput(f"nested graph {name!r} has {len(found)} {kind} nodes; exactly one is supported")
    return f"{name}.{found[0]}"


def _edges(content: Mapping[str, Any]) -> Edges:
    edges = np.asarray(content.get("edges", ()), object)
    if edges.size and (edges.ndim != 2 or edges.shape[1] != 2):
        raise BadInput(f"edges have shape {edges.shape}; (edges, 2) is needed")
    pairs = [
        tuple(end.decode("utf-8", "replace") if isinstance(end, bytes) else str(end) for end in e)
        for e in edges
    ]
    return sorted(((a, b) for a, b in pairs), key=lambda edge: (_natural(edge[0]), _natural(edge[1])))


def _node(name: str, attributes: Mapping[str, Any], make: Callable[[dict[str, Any]], Any]) -> Node:
    kind = attributes["type"]
    if kind not in CONVERSIONS:
        reason = f": {REASONS[kind]}" if kind in REASONS else ""
        raise BadInput(
            f"node {name!r} is a {kind}, which is not supported{reason}; supported: {', '.join(CONVERSIONS)}"
        )
    try:
        node = make(dict(attributes))
    except Exception as error:  # whatever the constructors of `nir` assert or raise about a malformed node
        raise BadInput(f"node {name!r} is not a valid {kind}: {error or type(error).__name__}") from error
    return CONVERSIONS[kind](f"node {name!r} ({kind})", node)


def _reals(what: str, node: Any, *attributes: str) -> list[Reals]:
    """The attributes as float64 arrays, all finite."""
    arrays = []
    for attribute in attributes:
        value = np.asarray(getattr(node, attribute))
        if value.dtype.kind not in "fiu":
            raise BadInput(f"{what}: {attribute} has dtype {value.dtype}; real numbers are needed")
        array = value.astype(np.float64)
        if bad := int(np.sum(~np.isfinite(array))):
            first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise BadInput(
                f"{what}: {attribute}{list(first)} is {array[first]} ({bad} of {array.size} are not finite); "
                "every number must be finite"
            )
        arrays.append(array)
    return arrays


def _shape(what: str, value: Any) -> Shape:
    sizes = np.atleast_1d(np.asarray(value))
    if sizes.ndim != 1 or sizes.dtype.kind not in "iu" or not sizes.size:
        raise BadInput(f"{what}: its shape is {value!r}; a list of sizes is needed, such as [64]")
    return tuple(int(size) for size in sizes)


def _input(what: str, node: Any) -> Input:
    return Input(_shape(what, node.input_type["input"]))


def _output(what: str, node: Any) -> Output:
    return Output(_shape(what, node.output_type["output"]))


def _affine(what: str, node: Any) -> Affine:
    (weight,) = _reals(what, node, "weight")
    if weight.ndim != 2:
        raise BadInput(f"{what}: weight has shape {weight.shape}; (outputs, inputs) is needed")
    bias = _reals(what, node, "bias")[0] if hasattr(node, "bias") else np.zeros(weight.shape[0])
    if bias.shape != weight.shape[:1]:
        raise BadInput(
            f"{what}: bias has shape {bias.shape}, weight {weight.shape}; bias needs {weight.shape[:1]}"
        )
    return Affine(weight, bias)


def _scale(what: str, node: Any) -> Scale:
    return Scale(*_reals(what, node, "scale"))


def _flatten(what: str, node: Any) -> Flatten:
    return Flatten(int(node.start_dim), int(node.end_dim))


def _lif(what: str, node: Any) -> Neurons:
    tau, *rest = _reals(what, node, "tau", "r", "v_leak", "v_threshold", "v_reset")
    if (tau <= 0).any():
        raise BadInput(f"{what}: tau = {tau.min():g} s; a time constant must be more than 0")
    return _neurons(what, tau, *rest)


def _if(what: str, node: Any) -> Neurons:
    r, threshold, reset = _reals(what, node, "r", "v_threshold", "v_reset")
    return _neurons(what, np.full(r.shape, np.inf), r, np.zeros(r.shape), threshold, reset)


def _neurons(what: str, tau: Reals, r: Reals, v_leak: Reals, threshold: Reals, reset: Reals) -> Neurons:
    shapes = {array.shape for array in (tau, r, v_leak, threshold, reset)}
    if len(shapes) > 1 or () in shapes:
        raise BadInput(
            f"{what}: parameters have shapes {sorted(shapes)}; all need the shape of the population, e.g. "
            "(10,)"
        )
    if (threshold <= reset).any():
        at = np.unravel_index(int(np.argmax(threshold <= reset)), threshold.shape)
        raise BadInput(
            f"{what}: v_threshold = {threshold[at]:g} is not above v_reset = {reset[at]:g}: such a neuron "
            "fires for ever; make v_threshold larger"
        )
    return Neurons(tau, r, v_leak, threshold, reset)


CONVERSIONS: Mapping[str, Callable[[str, Any], Node]] = {
    "Input": _input,
    "Output": _output,
    "Affine": _affine,
    "Linear": _affine,
    "Scale": _scale,
    "Flatten": _flatten,
    "LIF": _lif,
    "IF": _if,
}
"""The supported node types."""

REASONS = {
    "CubaLIF": "its synaptic current is a second state variable, which neurons.lif does not have; use LIF",
    "LI": "it has no spikes to send; use LIF",
    "I": "it has no spikes to send; use IF",
}
"""Why some node types are refused, where it is not just that nobody has built them yet."""
