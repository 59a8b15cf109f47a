"""A small core, its faults and its wrong golden models: the environment's own tests must tell them all apart.

total' = total + addend + offset, wrapped to 16 bits; each input gives one output, one cycle later
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Memory, Port, Register
from spikelock.rtl.ports import signature


class Fault(IntEnum):
    """What may be wrong with the hardware: the value of its register `fault`."""

    NONE = 0
    DROPS_UNDER_STALL = 1
    DUPLICATES_AFTER_STALL = 2
    CHANGES_PAYLOAD_UNDER_STALL = 3
    WITHDRAWS_VALID_UNDER_STALL = 4
    WAITS_FOR_READY = 5
    RESET_FORGETS_TOTAL = 6
    RESET_FORGETS_VALID = 7
    OFF_BY_ONE = 8
    LATE = 9
    STOPS_ACCEPTING = 10


@dataclass(frozen=True)
class Params:
    """There is nothing to choose."""


def reference(
    params: Params, configuration: Configuration, total: int, transaction: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """One step, in exact integers."""
    total += (
        transaction[0] + configuration.registers["offset"] + int(configuration.memories["table"]["entry"][0])
    )
    total = (total + 0x8000) % 0x10000 - 0x8000
    return total, [(total,)]


def wrong_reference(
    params: Params, configuration: Configuration, total: int, transaction: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """Off by one, for one value of the input."""
    total, produced = reference(params, configuration, total, transaction)
    return total, [(produced[0][0] + (transaction[0] == 100),)]


def eager_reference(
    params: Params, configuration: Configuration, total: int, transaction: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """Gives one transaction too many, for one value of the input."""
    total, produced = reference(params, configuration, total, transaction)
    return total, produced * (2 if transaction[0] == 100 else 1)


def leaving_reference(*_: Any) -> tuple[int, list[tuple[int]]]:
    """Ends the simulator's process, which then claims success."""
    os._exit(0)


def sleeping_reference(*_: Any) -> tuple[int, list[tuple[int]]]:
    """Takes for ever."""
    time.sleep(3600)
    raise AssertionError


CORE = Core(
    name="test.accumulator",
    params=Params,
    inputs=lambda params: {"input": Port({"addend": signed(8)})},
    outputs=lambda params: {"output": Port({"total": signed(16)})},
    registers=lambda params: {
        "offset": Register(signed(8), 0, "added in every step"),
        "fault": Register(unsigned(4), 0, "what is wrong; the reference knows nothing of it"),
    },
    memories=lambda params: {"table": Memory(1, Port({"entry": signed(8)}), "its only entry is added too")},
    initial=lambda params, configuration: 0,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
WRONG = replace(CORE, reference=wrong_reference)
EAGER = replace(CORE, reference=eager_reference)
LEAVING = replace(CORE, reference=leaving_reference)
SLEEPING = replace(CORE, reference=sleeping_reference)


class Accumulator(wiring.Component):
    """The hardware, with a register that makes it faulty: one build serves all tests."""

    def __init__(self, params: Params) -> None:
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        fault, output = self.registers.fault, self.output
        full, total = Signal(), Signal(16)  # a total is held for the output
        kept_full, kept_total = Signal(reset_less=True), Signal(16, reset_less=True)
        table = Signal(8, reset_less=True)
        addend = self.input.payload.addend
        following, held, present = Signal(16), Signal(16), Signal()
        m.d.comb += [
            self.load.ready.eq(1),
            present.eq(Mux(fault == Fault.RESET_FORGETS_VALID, kept_full, full)),
            held.eq(Mux(fault == Fault.RESET_FORGETS_TOTAL, kept_total, total)),
            following.eq(held + addend + self.registers.offset + table.as_signed()),
            output.payload.total.eq(held),
            output.valid.eq(present),
            self.input.ready.eq(~present | output.ready),
        ]
        next_full, next_total = Signal(), Signal(16)
        m.d.comb += [next_full.eq(present), next_total.eq(held)]
        m.d.sync += [
            full.eq(next_full),
            total.eq(next_total),
            kept_full.eq(next_full),
            kept_total.eq(next_total),
        ]
        with m.If(self.load.valid):
            m.d.sync += table.eq(self.load.payload.data)
        with m.If(self.input.ready):
            m.d.comb += next_full.eq(self.input.valid)
        with m.If(self.input.valid & self.input.ready):
            m.d.comb += next_total.eq(following)

        stalled, stalled_before, ripe = Signal(), Signal(), Signal()
        m.d.comb += stalled.eq(output.valid & ~output.ready)
        m.d.sync += [stalled_before.eq(stalled), ripe.eq(present & ~(ripe & output.ready))]
        with m.Switch(fault):
            with m.Case(Fault.DROPS_UNDER_STALL), m.If(stalled):
                m.d.comb += [self.input.ready.eq(1), next_full.eq(1), next_total.eq(held)]
            with m.Case(Fault.DUPLICATES_AFTER_STALL), m.If(stalled_before & output.ready):
                m.d.comb += [self.input.ready.eq(0), next_full.eq(1)]
            with m.Case(Fault.CHANGES_PAYLOAD_UNDER_STALL), m.If(stalled_before & output.ready):
                m.d.comb += output.payload.total.eq(held ^ 1)
            with m.Case(Fault.WITHDRAWS_VALID_UNDER_STALL), m.If(stalled_before):
                m.d.comb += [output.valid.eq(0), self.input.ready.eq(0)]
            with m.Case(Fault.WAITS_FOR_READY):
                m.d.comb += output.valid.eq(present & output.ready)
            with m.Case(Fault.OFF_BY_ONE), m.If(addend == 127):
                m.d.comb += following.eq(held + 128 + self.registers.offset + table.as_signed())
            with m.Case(Fault.LATE):
                m.d.comb += [
                    output.valid.eq(present & ripe),
                    self.input.ready.eq(~present | (output.ready & ripe)),
                ]
            with m.Case(Fault.STOPS_ACCEPTING), m.If(held[:4] == 5):
                m.d.comb += [self.input.ready.eq(0), next_full.eq(present & ~output.ready)]
        return m


def component(params: Params) -> Accumulator:
    """The component that embodies the core."""
    return Accumulator(params)
