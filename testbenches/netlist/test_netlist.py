"""Netlists compute what the RTL computes; one wrong bit in one cell is seen; every cell has a model."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from spikelock.models.compare import first_divergence
from spikelock.models.core import run_reference, twin
from spikelock.models.errors import SpikelockError
from spikelock.models.fixed import unsigned
from spikelock.models.neurons.lif import CORE, Params
from spikelock.models.ports import Port, Records
from spikelock.testbenches.levels import LEVELS, level_names, run_built
from spikelock.testbenches.lockstep import LIGHT, Built, Job, Model, build, build_verilog
from spikelock.testbenches.netlist import FAMILIES, build_netlist, netlist, synthesis
from spikelock.testbenches.netlist.families import known_cells
from spikelock.testbenches.netlist.synthesis import with_models
from spikelock.testbenches.problem import Detector

NARROW = Params(
    width=4,
    fraction=2,
    current_width=4,
    coefficient_width=3,
    leak_fraction=1,
    gain_fraction=0,
    threshold=2,
    leak=1,
    gain=1,
)
MEMORIES = ((4096, 4, 4), (1024, 18, 9), (512, 36, 9), (16, 5, 5))
"""Depth, width, and how many bits a write enable is for."""


def test_a_group_stands_for_its_levels() -> None:
    assert level_names("engine, netlist,rtl") == ["engine", "netlist-ice40", "netlist-ecp5", "rtl"]
    assert set(level_names("netlist")) < set(LEVELS)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_wrong_bit_in_one_lut_is_seen(family: str) -> None:
    """The LUT that says ready, at the entry for a full core whose reader is not ready: it overwrites."""
    params = NARROW
    configuration = CORE.configuration(params)
    inputs = {"input": CORE.inputs(params)["input"].records(current=np.arange(200) % 16 - 8)}
    expected = run_reference(CORE, params, configuration, inputs)[1]
    cells = netlist(twin(CORE.name, "rtl").component(params), ("sync",), family)

    def problems(text: str) -> list[Detector]:
        built = build_verilog(with_models(text, family), CORE.pins(params), CORE.outputs(params))
        job = Job(inputs, expected=expected, stalls=LIGHT)
        return [problem.detector for problem in run_built(built, CORE, params, configuration, job).problems]

    assert problems(cells) == []
    assert Detector.SCOREBOARD in problems(flipped(cells, "input__ready", "output__valid"))


def flipped(cells: str, output: str, high: str) -> str:
    """The netlist with one bit inverted of the LUT that drives a wire: that for `high` alone being 1."""
    lut = re.search(rf"INIT\(16'h([0-9a-f]+)\)\n  \) ([^;]*?)\.[OZ]\({output}\)", cells)
    assert lut is not None
    pin = re.search(rf"\.I?(\w)\({high}\)", lut[2])
    assert pin is not None
    position = "0123".find(pin[1]) if pin[1].isdigit() else "ABCD".find(pin[1])
    wrong = int(lut[1], 16) ^ (1 << (1 << position))
    return f"{cells[: lut.start(1)]}{wrong:x}{cells[lut.end(1) :]}"


class Counter(wiring.Component):
    """Counts what it has sent, from 0xA5 at power-up on; no reset changes it."""

    def __init__(self) -> None:
        super().__init__({"output": Out(stream.Signature(data.StructLayout({"count": 8})))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        count = Signal(8, init=0xA5, reset_less=True)
        m.d.comb += [self.output.valid.eq(1), self.output.payload.count.eq(count)]
        with m.If(self.output.ready):
            m.d.sync += count.eq(count + 1)
        return m


@pytest.mark.parametrize("family", FAMILIES)
def test_registers_power_up_with_their_values(family: str) -> None:
    """An iCE40 starts with all registers at 0, so synthesis has to invert the others."""
    outputs = {"output": Port({"count": unsigned(8)})}
    with Model(build_netlist(Counter(), {}, outputs, family)) as model:
        sent = model.run(Job(counts={"output": 5}, drain=0)).outputs["output"]["count"]
    assert sent[:5].tolist() == [0xA5, 0xA6, 0xA7, 0xA8, 0xA9]


class Memories(wiring.Component):
    """Writes and reads every memory at every transaction, often at one address; sends what it reads."""

    def __init__(self) -> None:
        given = data.StructLayout({"write": 12, "read": 12, "data": 36, "enable": 4})
        read = data.StructLayout({f"m{n}": width for n, (_, width, _) in enumerate(MEMORIES)})
        super().__init__({"input": In(stream.Signature(given)), "output": Out(stream.Signature(read))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        go = Signal()
        m.d.comb += [
            self.input.ready.eq(self.output.ready | ~self.output.valid),
            go.eq(self.input.ready & self.input.valid),
        ]
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        for number, (depth, width, granularity) in enumerate(MEMORIES):
            contents = [(7 * address + number) % (1 << width) for address in range(depth)]
            m.submodules[f"m{number}"] = memory = Memory(shape=width, depth=depth, init=contents)
            write, read = memory.write_port(granularity=granularity), memory.read_port()
            given = self.input.payload
            m.d.comb += [
                write.addr.eq(given.write),
                write.data.eq(given.data),
                write.en.eq(Cat(given.enable[i] & go for i in range(len(write.en)))),
                read.addr.eq(given.read),
                read.en.eq(go),
                self.output.payload[f"m{number}"].eq(read.data),
            ]
        return m


INPUTS = {
    "input": Port({n: unsigned(w) for n, w in (("write", 12), ("read", 12), ("data", 36), ("enable", 4))})
}
OUTPUTS = {"output": Port({f"m{n}": unsigned(w) for n, (_, w, _) in enumerate(MEMORIES)})}


def read_back(built: Built, records: Records) -> Records:
    with Model(built) as model:
        return model.run(Job({"input": records}, stalls=LIGHT, seed=5)).outputs["output"]


@pytest.mark.parametrize("family", FAMILIES)
def test_block_memories_of_every_width(family: str) -> None:
    random = np.random.default_rng(11)
    count = 3_000
    write = random.integers(0, 4096, count)
    records = INPUTS["input"].records(
        write=write,
        read=np.where(random.random(count) < 0.3, write, random.permutation(write)),
        data=random.integers(0, 1 << 36, count),
        enable=random.integers(0, 16, count),
    )
    cells = netlist(Memories(), ("sync",), family)
    assert ("SB_RAM40_4K" if family == "ice40" else "DP16KD") in cells
    expected = read_back(build(Memories(), INPUTS, OUTPUTS), records)
    assert len(expected) == count
    assert (
        first_divergence(expected, read_back(build_netlist(Memories(), INPUTS, OUTPUTS, family), records))
        is None
    )


def test_a_cell_without_a_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"DP16KD", "MULT18X18D", "TRELLIS_FF", "LUT4"} <= known_cells("ecp5")
    assert {"SB_MAC16", "SB_RAM40_4K", "SB_LUT4", "SB_DFFESR"} <= known_cells("ice40")
    monkeypatch.setattr(synthesis, "known_cells", lambda family: known_cells(family) - {"SB_CARRY"})
    with pytest.raises(SpikelockError, match="the iCE40 netlist has cells without a model: SB_CARRY"):
        netlist(twin(CORE.name, "rtl").component(NARROW), ("sync",), "ice40")
