"""Parts of the cocotb environment that need no simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.errors import BadInput
from spikelock.models.fixed import signed, unsigned
from spikelock.models.neurons.lif import CORE, Params
from spikelock.models.ports import Port, Records, from_bits, to_bits
from spikelock.testbenches import strategies
from spikelock.testbenches.lockstep import HEAVY, Job
from spikelock.testbenches.random_records import random_records
from spikelock.testbenches.uvm.assignment import Assignment, address
from spikelock.testbenches.uvm.builds import ports_only
from spikelock.testbenches.uvm.runner import run_cocotb

PORT = Port({"flag": unsigned(1), "wide": signed(64), "middle": signed(40), "last": unsigned(23)})


@given(strategies.records(PORT))
def test_records_become_bits_and_back(records: Records) -> None:
    bits = to_bits(PORT, records)
    assert all(0 <= value < 1 << PORT.width for value in bits)
    assert np.array_equal(from_bits(PORT, bits), records)


def test_first_field_is_in_the_lowest_bits() -> None:
    assert to_bits(PORT, PORT.records([1], [-1], [0], [0])) == [(1 << 65) - 1]


@given(st.integers(0, 2**32))
def test_random_records_fit_their_port(seed: int) -> None:
    records = random_records(PORT, 20, np.random.default_rng(seed))
    assert np.array_equal(PORT.records(*(records[name] for name in PORT.fields)), records)


def test_assignment_reaches_the_simulator_whole(tmp_path: Path) -> None:
    params = Params(noise=True)
    job = Job({"input": CORE.inputs(params)["input"].records([1, 2], [3, 4])}, stalls=HEAVY, resets=(4,))
    given = Assignment(CORE, params, CORE.configuration(params), (job,), CORE.timing(params), four_state=True)
    given.save(tmp_path / "file")
    found = Assignment.load(tmp_path / "file")
    assert found.core is CORE
    assert (found.params, found.configuration, found.four_state) == (params, given.configuration, True)
    assert np.array_equal(found.jobs[0].inputs["input"], job.inputs["input"])
    assert (found.jobs[0].stalls, found.jobs[0].resets) == (HEAVY, (4,))


def test_core_that_the_simulator_cannot_import_is_refused() -> None:
    with pytest.raises(BadInput, match="must be an attribute of the module"):
        address(replace(CORE, name="made up on the spot"))


def test_only_ports_are_visible() -> None:
    verilog = "/* made */\nmodule dut(a__valid, \\b$1 , clk);\n  reg hidden;\nendmodule\nmodule dut.step(x);"
    visible = ports_only(verilog).splitlines()
    assert [line.split('"')[3] for line in visible[1:]] == ["a__valid", "b$1", "clk"]


@pytest.mark.parametrize(
    "wrong", [Port({"x": unsigned(1)}, kind="level"), Port({"x": unsigned(1)}, clock="fast")]
)
def test_levels_and_other_clocks_are_refused(wrong: Port) -> None:
    def inputs(params: Params) -> Mapping[str, Port]:
        return {"input": wrong}

    with pytest.raises(BadInput, match="drives streams of clock sync"):
        run_cocotb(replace(CORE, inputs=inputs), Params(), CORE.configuration(Params()), [Job()])
