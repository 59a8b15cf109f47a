"""Any core as a die behind a power gate: off and on before its first word, then at changing rates."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from spikelock.models.chiplet.power_gate import FULL_RATE, State
from spikelock.models.mutant import Mutant
from spikelock.rtl.chiplet.power_gate import Gate
from spikelock.rtl.package.gated import Gated, join

GATE = "chiplet.power_gate"


class Switched(wiring.Component):
    """Ports are the core's. After reset it is switched off and on again, before it may have a word: that it
    is idle until then is all that is asked. Then each 32 cycles bring another rate, 0 too.
    """

    def __init__(self, core: Any, broken: Mutant | None = None) -> None:
        gate = (lambda params: broken.component(GATE, params)) if broken else Gate
        self.core = core
        self.gated = Gated(core, gate=gate)
        super().__init__(core.signature)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.gated = gated = self.gated
        cycle, been_off = Signal(10), Signal()
        m.d.sync += [
            cycle.eq(cycle + 1),
            been_off.eq(been_off | (gated.gate_status.state == State.OFF)),
        ]
        m.d.comb += [
            gated.gate_control.on.eq(been_off),
            gated.gate_control.rate.eq(Mux(cycle[5], cycle[5:], FULL_RATE - cycle[6:])),
            gated.powered.eq(gated.power),
        ]
        for name, member in self.core.signature.members.items():
            here, there = getattr(self, name), getattr(gated, name)
            if member.is_port:
                m.d.comb += there.eq(here) if member.flow is In else here.eq(there)
            elif member.flow is In:
                join(m, here, there, been_off)
            else:
                join(m, there, here)
        return m
