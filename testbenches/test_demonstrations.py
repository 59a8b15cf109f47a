"""Whole networks on tiles, on a mesh of four, on four dies: spike for spike what the engine says."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from spikelock.models.network.compile import compile_nir
from spikelock.models.network.mapping.machine import Port
from spikelock.models.network.program import Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.cosim import cosimulate
from spikelock.testbenches.cut_link import Cut
from spikelock.testbenches.dies import OnDies
from spikelock.testbenches.mesh import OnMesh, machine_for
from spikelock.testbenches.network import Level, Spikes, make_levels

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def agree_everywhere(program: Program, spikes: Spikes) -> None:
    """At all levels; dies with good lines, with bad ones, and with a link cut in mid-run: one build."""
    machine = machine_for(program, 2, 2, dies=(2, 2))
    levels: list[Level] = [
        *make_levels(program, ["engine", "rtl"]),
        OnMesh(program, machine_for(program, 2, 2)),
        OnDies(program, machine),
        OnDies(program, machine, line_errors=1e-3),
        OnDies(program, machine, cut=Cut((0, 0), Port.EAST, cycle=20_000)),
    ]
    with skipped_without_tools():
        result = cosimulate(program, spikes, levels)
    for comparison in result.comparisons:
        assert comparison.agrees, (comparison.run.level, comparison.run.problems, comparison.explanation)
    assert any("run again, by other ways" in note for note in result.comparisons[-1].run.notes)
    assert result.neuron_spikes > 100


def test_digits(size: Any) -> None:
    """74 neurons of two populations."""
    program, _ = compile_nir(EXAMPLES / "digits" / "digits.nir")
    spikes, _ = read_spikes(EXAMPLES / "digits" / "test.npz", program.inputs)
    agree_everywhere(program, spikes[: size.pick(4, 360)])


def test_a_large_recurrent_network(size: Any) -> None:
    """2,048 neurons and 110,592 synapses, that hear each other from tile to tile and from die to die."""
    made = runpy.run_path(str(EXAMPLES / "recurrent" / "make.py"))
    program = made["network"]()
    assert sum(population.exact.synapses for population in program.populations) == 110_592
    agree_everywhere(program, made["stimulus"](size.pick(1, made["SAMPLES"])))
