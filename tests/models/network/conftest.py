"""NIR files written attribute by attribute, so that broken ones can be written too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

NirFile = Callable[..., Path]


@pytest.fixture
def nir_file(tmp_path: Path) -> NirFile:
    """`nir_file(nodes, edges)` writes a NIR file: attributes by node, {"type": …}; returns its path."""
    h5py = pytest.importorskip("h5py", reason="NIR files need h5py: pip install 'spikelock[nir]'")
    pytest.importorskip("nir", reason="NIR files need nir: pip install 'spikelock[nir]'")

    def put(group: Any, content: Mapping[str, Any]) -> None:
        for name, value in content.items():
            if isinstance(value, Mapping):
                put(group.create_group(name), value)
            elif isinstance(value, str):
                group.create_dataset(name, data=value, dtype=h5py.string_dtype())
            else:
                group.create_dataset(name, data=value)

    def write(nodes: Mapping[str, Any], edges: Sequence[tuple[str, str]], name: str = "network.nir") -> Path:
        path = tmp_path / name
        with h5py.File(path, "w") as file:
            file.create_dataset("version", data="1.0.8", dtype=h5py.string_dtype())
            node = file.create_group("node")
            put(node, {"type": "NIRGraph", "nodes": nodes})
            text = h5py.string_dtype()
            node.create_dataset("edges", data=np.array(edges, object).reshape(-1, 2), dtype=text)
        return path

    return write
