"""Alterations: what is listed, that the selector selects, and that 0 selects the original."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from spikelock.models.core import run_reference, twin
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fixed import Q
from spikelock.models.neurons.lif import CORE, Params
from spikelock.models.ports import Port
from spikelock.testbenches.alterations import (
    UNALTERED,
    Alteration,
    alter,
    build_altered,
    list_mutations,
    prepare,
    prepare_component,
    select,
)
from spikelock.testbenches.lockstep import LIGHT, Job, Model
from spikelock.testbenches.yosys import run_yosys

PARAMS = Params(width=6, fraction=2, current_width=5, threshold=9, refractory_period=1)

VERILOG = """
module dut(input clk, input [3:0] level, output [3:0] sum);
  reg [3:0] kept = 0;
  always @(posedge clk)
    kept <= level + 1;
  assign sum = kept;
endmodule
"""


@pytest.fixture(scope="module")
def lif() -> str:
    return prepare_component(twin(CORE.name, "rtl").component(PARAMS))


def test_a_listing_is_a_function_of_its_seed_and_spares_clocks(lif: str) -> None:
    mutations = list_mutations(lif, 300, seed=1)
    assert [mutation.number for mutation in mutations] == list(range(1, 301))
    assert mutations == list_mutations(lif, 300, seed=1)
    assert mutations != list_mutations(lif, 300, seed=2)
    assert len({mutation.command for mutation in mutations}) == 300
    assert not {mutation.port.lower() for mutation in mutations} & {"clk", "clock"}


def test_every_mutation_names_lines_of_the_projects_own_source(lif: str) -> None:
    for mutation in list_mutations(lif, 300, seed=1):
        assert mutation.sources
        for source in mutation.sources:
            assert re.fullmatch(r"rtl/(neurons/lif|fixed|ports)\.py:\d+", source), mutation


def test_selector_0_is_the_original_and_others_are_not(lif: str) -> None:
    random = np.random.default_rng(1)
    port = CORE.inputs(PARAMS)["input"]
    inputs = {"input": port.records(random.integers(-16, 16, 200))}
    configuration = CORE.configuration(PARAMS)
    _, expected = run_reference(CORE, PARAMS, configuration, inputs)
    mutations = list_mutations(lif, 40, seed=3)
    built = build_altered(lif, mutations, CORE.pins(PARAMS), CORE.outputs(PARAMS))
    job = Job(inputs, expected=expected, stalls=LIGHT, patience=100)

    def passes(number: int) -> bool:
        with Model(built) as model:
            levels = {"registers": configuration.registers, **select(number)}
            return model.run(replace(job, levels=levels)).ok

    assert passes(UNALTERED)
    assert sum(not passes(mutation.number) for mutation in mutations) > 20


def test_verilog_can_be_altered_by_a_list_of_ones_own() -> None:
    rtlil = run_yosys(
        "read_verilog dut.v\nhierarchy -top dut\nwrite_rtlil dut.il", {"dut.v": VERILOG}, ["dut.il"]
    )
    prepared = prepare(rtlil["dut.il"])
    adder = re.search(r"cell \$add (\S+)", prepared)
    assert adder
    listed = list_mutations(prepared, 1000, seed=0)
    assert all(source.startswith("dut.v:") for mutation in listed for source in mutation.sources)
    stuck = [Alteration(bit + 1, "const1", "dut", adder[1], "Y", bit) for bit in range(4)]
    level = {"value": Q(4, signed=False)}
    built = build_altered(
        prepared, stuck, {"level": Port(level, kind="level")}, {"sum": Port(level, kind="level")}
    )
    for number, expected in enumerate([0, 1, 2, 4, 8]):
        with Model(built) as model:
            response = model.run(Job(levels={"level": {"value": 15}, **select(number)}, drain=4))
        assert response.final["sum"]["value"].tolist() == [expected]


def test_what_cannot_be_altered_is_refused(lif: str) -> None:
    one = list_mutations(lif, 1, seed=0)[0]
    with pytest.raises(BadInput, match="1 or more"):
        list_mutations(lif, 0, seed=0)
    for wrong in ([], [one, one], [replace(one, number=0)]):
        with pytest.raises(BadInput, match="numbered from 1"):
            alter(lif, wrong)
    with pytest.raises(SpikelockError):
        alter(lif, [replace(one, cell="$no_such_cell")])
