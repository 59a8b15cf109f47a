"""Negative controls: the harness sees all that may be wrong with a stream, and nothing in a sound design."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.hdl import signed as signed_shape
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Port, Records
from spikelock.rtl.ports import carried
from spikelock.testbenches.lockstep import (
    AFTER_VALID,
    HEAVY,
    NONE,
    PRESETS,
    Built,
    Job,
    Model,
    Response,
    Stall,
    build,
    problems_between_resets,
    reset_times,
)

INPUTS = {"input": Port({"addend": signed(16)}), "fault": Port({"kind": unsigned(4)}, kind="level")}
OUTPUTS = {"output": Port({"index": unsigned(8), "total": signed(20)})}
COUNT = 200
FAULTY = 37
"""Index of the transaction with which the faults of single transactions begin."""


class Fault(IntEnum):
    """What goes wrong; the hardware is told by its level input `fault`."""

    NONE = 0
    DROPPED = 1
    DUPLICATED = 2
    REORDERED = 3
    FLIPPED_BIT = 4
    VALID_DROPS = 5
    PAYLOAD_CHANGES = 6
    HANGS = 7
    RESET_FORGETS_TOTAL = 8
    WAITS_FOR_READY = 9
    LAST_IS_DUPLICATED = 10


class Accumulator(wiring.Component):
    """total' = total + addend, wrapped to 20 bits; each output carries its index too."""

    def __init__(self) -> None:
        super().__init__(
            {name: In(carried(port)) for name, port in INPUTS.items()}
            | {name: Out(carried(port)) for name, port in OUTPUTS.items()}
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        out, kind = self.output, self.fault.kind
        total, index = Signal(signed_shape(20)), Signal(8)
        kept_total = Signal(signed_shape(20), reset_less=True)
        spare, spare_full = Signal.like(out.payload), Signal()
        full, stalled, here = Signal(), Signal(), Signal()
        following = Signal.like(total)

        m.d.comb += [
            here.eq(index == FAULTY),
            following.eq(total + self.input.payload.addend),
            self.input.ready.eq((~full | out.ready) & ~spare_full),
            out.valid.eq(full),
        ]
        with m.If(full & out.ready):
            m.d.sync += full.eq(0)
        with m.If(spare_full & (~full | out.ready)):
            m.d.sync += [out.payload.eq(spare), full.eq(1), spare_full.eq(0)]
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [
                total.eq(following),
                kept_total.eq(following),
                index.eq(index + 1),
                full.eq(1),
                out.payload.index.eq(index),
                out.payload.total.eq(following),
            ]
            with m.Switch(kind):
                with m.Case(Fault.DROPPED), m.If(here):
                    m.d.sync += full.eq(0)
                with m.Case(Fault.DUPLICATED), m.If(here):
                    m.d.sync += [spare_full.eq(1), spare.index.eq(index), spare.total.eq(following)]
                with m.Case(Fault.REORDERED):
                    with m.If(here):
                        m.d.sync += [full.eq(0), spare.index.eq(index), spare.total.eq(following)]
                    with m.If(index == FAULTY + 1):
                        m.d.sync += spare_full.eq(1)
                with m.Case(Fault.LAST_IS_DUPLICATED), m.If(index == COUNT - 1):
                    m.d.sync += [spare_full.eq(1), spare.index.eq(index), spare.total.eq(following)]
                with m.Case(Fault.FLIPPED_BIT), m.If(here):
                    m.d.sync += out.payload.total.eq(following ^ 1)

        m.d.sync += stalled.eq(out.valid & ~out.ready)
        with m.Switch(kind):
            with m.Case(Fault.VALID_DROPS), m.If(stalled):
                m.d.comb += [out.valid.eq(0), self.input.ready.eq(0)]
                m.d.sync += full.eq(1)
            with m.Case(Fault.PAYLOAD_CHANGES), m.If(full & ~out.ready):
                m.d.sync += out.payload.total.eq(out.payload.total + 1)
            with m.Case(Fault.HANGS), m.If(here):
                m.d.comb += self.input.ready.eq(0)
            with m.Case(Fault.RESET_FORGETS_TOTAL):
                m.d.comb += following.eq(kept_total + self.input.payload.addend)
            with m.Case(Fault.WAITS_FOR_READY):
                m.d.comb += out.valid.eq(full & out.ready)
        return m


def reference(inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The equation, on whole arrays."""
    totals = np.cumsum(inputs["input"]["addend"])
    wrapped = (totals + 2**19) % 2**20 - 2**19
    return {"output": OUTPUTS["output"].records(np.arange(len(totals)) % 256, wrapped)}


STIMULUS = {"input": INPUTS["input"].records(np.random.default_rng(11).integers(-(2**15), 2**15, COUNT))}
EXPECTED = reference(STIMULUS)


@pytest.fixture(scope="module")
def built() -> Built:
    return build(Accumulator(), INPUTS, OUTPUTS)


@pytest.fixture
def model(built: Built) -> Iterator[Model]:
    with Model(built) as model:
        yield model


def run(model: Model, fault: Fault = Fault.NONE, stalls: Stall = NONE, **options: Any) -> Response:
    given: dict[str, Any] = {"expected": EXPECTED, "seed": 3, "patience": 500} | options
    return model.run(Job(STIMULUS, levels={"fault": {"kind": fault}}, stalls=stalls, **given))


@pytest.mark.parametrize("stalls", PRESETS.values(), ids=PRESETS)
def test_sound_design_passes(model: Model, stalls: Stall) -> None:
    response = run(model, stalls=stalls)
    assert response.ok, response.problems
    assert response.finished
    assert response.accepted == {"input": COUNT}
    np.testing.assert_array_equal(response.outputs["output"], EXPECTED["output"])


@pytest.mark.parametrize(
    ("fault", "stalls", "problem"),
    [
        (Fault.DROPPED, NONE, "transaction 37: index 37, total 71857 was expected, index 38"),
        (Fault.DROPPED, NONE, "199 transactions came; 200 were expected"),
        (Fault.DUPLICATED, NONE, "transaction 38: index 38"),
        (Fault.DUPLICATED, NONE, "201 transactions came; 200 were expected"),
        (Fault.REORDERED, NONE, "transaction 37: index 37"),
        (Fault.FLIPPED_BIT, NONE, "transaction 37: index 37"),
        (Fault.LAST_IS_DUPLICATED, NONE, "transaction 200: nothing more was expected, index 199"),
        (Fault.VALID_DROPS, HEAVY, "valid dropped before it was accepted"),
        (Fault.PAYLOAD_CHANGES, HEAVY, "the payload changed before it was accepted"),
        (Fault.HANGS, NONE, "hung: no handshake in the last 500"),
        (Fault.HANGS, NONE, "input: 37 of 200 transactions were taken; the next one waits for ready"),
        (Fault.WAITS_FOR_READY, AFTER_VALID, "hung: no handshake"),
    ],
)
def test_fault_is_found(model: Model, fault: Fault, stalls: Stall, problem: str) -> None:
    response = run(model, fault, stalls)
    assert not response.ok
    assert problem in "\n".join(response.problems)


def test_stops_at_the_first_mismatch(model: Model) -> None:
    response = run(model, Fault.FLIPPED_BIT, stop_at_mismatch=True)
    assert not response.finished
    assert len(response.outputs["output"]) == FAULTY + 1
    assert response.divergences["output"].index == FAULTY
    assert response.divergences["output"].fields == ("total",)
    assert len(response.problems) == 1


def test_a_wrong_expectation_is_found_at_any_place(model: Model) -> None:
    for index in (0, COUNT // 2, COUNT - 1):
        wrong = EXPECTED["output"].copy()
        wrong["index"][index] ^= 1
        model.reset()
        assert run(model, expected={"output": wrong}).divergences["output"].index == index


def test_too_few_and_too_many_expected(model: Model) -> None:
    response = run(model, expected={"output": EXPECTED["output"][:-1]})
    assert "200 transactions came; 199 were expected" in "\n".join(response.problems)
    model.reset()
    response = run(model, expected={"output": np.append(EXPECTED["output"], EXPECTED["output"][-1])})
    assert "200 transactions came; 201 were expected" in "\n".join(response.problems)
    model.reset()
    response = run(model, expected={}, counts={"output": 199})
    assert response.problems == ("output: 200 transactions came; 199 were expected",)


def test_cycle_limit(model: Model) -> None:
    response = run(model, limit=100)
    assert response.cycles == 100
    assert "gave up after 100 cycles" in response.problems[0]


@pytest.mark.parametrize("stalls", [NONE, HEAVY])
def test_resets_in_the_middle(model: Model, stalls: Stall) -> None:
    resets = reset_times(seed=5, count=8, cycles=150)
    response = run(model, stalls=stalls, expected={}, resets=resets)
    assert [mark.cycle for mark in response.reset_marks] == list(resets)
    assert response.ok
    assert not problems_after_resets(response, most_held=1)


@pytest.mark.parametrize("stalls", [NONE, HEAVY])
def test_a_reset_that_forgets_a_register_is_found(model: Model, stalls: Stall) -> None:
    resets = reset_times(seed=5, count=8, cycles=150)
    response = run(model, Fault.RESET_FORGETS_TOTAL, stalls, expected={}, resets=resets)
    problems = problems_after_resets(response, most_held=1)
    assert problems[0].startswith("since reset ")


def test_a_transaction_lost_between_resets_is_not_excused(model: Model) -> None:
    response = run(model, expected={}, resets=[120])
    (problem,) = problems_after_resets(response, most_held=0)
    assert problem.startswith("since the start, output: transaction 119: ")
    assert problem.endswith(" was expected, nothing more came")


def problems_after_resets(response: Response, most_held: int) -> list[str]:
    outputs = response.reset_marks, STIMULUS, response.outputs
    return list(problems_between_resets(*outputs, reference, most_held))


def test_a_run_can_be_interrupted(model: Model) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(model, Fault.HANGS, patience=2**60, limit=2**60)
    finally:
        signal.signal(signal.SIGALRM, previous)
    model.reset()
    assert run(model).ok


def test_runs_follow_each_other(model: Model) -> None:
    """State, and what the level input holds, live on."""
    for part in (slice(0, 50), slice(50, COUNT)):
        levels = {"fault": {"kind": 0}} if part.start == 0 else {}
        job = Job({"input": STIMULUS["input"][part]}, {"output": EXPECTED["output"][part]}, levels=levels)
        assert model.run(job).ok


def test_the_same_seed_gives_the_same_run(model: Model) -> None:
    first = run(model, stalls=HEAVY, stamps=True)
    model.reset()
    again = run(model, stalls=HEAVY, stamps=True)
    model.reset()
    other = run(model, stalls=HEAVY, stamps=True, seed=4)
    np.testing.assert_array_equal(first.produced_at["output"], again.produced_at["output"])
    assert first.produced_at["output"].tolist() != other.produced_at["output"].tolist()
