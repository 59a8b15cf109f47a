"""Gates of bit streams in hardware; what they give is stated in `models/sc/gate.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring

from spikelock.models.sc.gate import CORE, Gate, Params

from ..ports import signature


class Gates(wiring.Component):
    """Ports as declared in `models/sc/gate.py`; pure logic, in the cycle of its operands."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        operands = [self.input.payload[name] for name in self.params.operands]
        m.d.comb += [
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
            self.output.payload.bits.eq(combined(self.params.gate, *operands)),
        ]
        return m


def combined(gate: Gate, *operands: Any) -> Any:
    """The gate of every bit."""
    if gate is Gate.NOT:
        return ~operands[0]
    if gate is Gate.MUX:
        a, b, select = operands
        return (a & select) | (b & ~select)
    a, b = operands
    return {Gate.AND: a & b, Gate.XNOR: ~(a ^ b), Gate.OR: a | b, Gate.XOR: a ^ b}[gate]


def component(params: Params) -> Gates:
    """The component that embodies `sc.gate`."""
    return Gates(params)
