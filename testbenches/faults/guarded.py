"""A core for tests of fault campaigns: a stored word with a parity bit, and a register that nothing reads.

Its output repeats its input. With `checked` it says, by an alarm, where the parity of the stored word is
wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.data import StructLayout
from amaranth.lib.wiring import In, Out

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.fixed import Q
from spikelock.models.ports import Port


@dataclass(frozen=True)
class Params:
    """checked: whether the parity is looked at. right: whether the hardware is as the reference."""

    checked: bool = True
    right: bool = True


def _reference(
    params: Params, configuration: Configuration, state: None, item: tuple[int, int]
) -> tuple[None, list[tuple[int, int]]]:
    return None, [(item[0], 0)]


CORE = Core(
    "faults.guarded",
    Params,
    lambda params: {"input": Port({"data": Q(8, signed=False), "show": Q(1, signed=False)})},
    lambda params: {"output": Port({"data": Q(8, signed=False), "alarm": Q(1, signed=False)})},
    lambda params, configuration: None,
    _reference,
    lambda params: Timing(1, 1),
)
"""Its stimulus keeps `show` at 0, so that the register `spare` is never seen."""


class Guarded(wiring.Component):
    """The hardware."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "input": In(stream.Signature(StructLayout({"data": 8, "show": 1}))),
                "output": Out(stream.Signature(StructLayout({"data": 8, "alarm": 1}))),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """One stage."""
        m = Module()
        stored = Signal(8)
        parity = Signal()
        shown = Signal()
        spare = Signal(4)
        m.d.comb += [
            self.input.ready.eq(~self.output.valid | self.output.ready),
            self.output.payload.data.eq(stored ^ Mux(shown, spare, 0) ^ (not self.params.right)),
            self.output.payload.alarm.eq((stored.xor() ^ parity) & self.params.checked),
        ]
        m.d.sync += spare.eq(spare + 1)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
            with m.If(self.input.valid):
                data = self.input.payload.data
                m.d.sync += [stored.eq(data), parity.eq(data.xor()), shown.eq(self.input.payload.show)]
        return m
