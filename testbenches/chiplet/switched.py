"""Any core as a die behind a power gate: off and on before its first word, then at changing rates."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import EnableInserter, Module, Mux, ResetInserter, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In

from spikelock.models.chiplet.power_gate import FULL_RATE, Params, State
from spikelock.models.mutant import Mutant
from spikelock.rtl.chiplet.power_gate import Gate

GATE = "chiplet.power_gate"


class Switched(wiring.Component):
    """Ports are the core's; its streams pass the gate, but `load`: what that takes is written in the same
    cycle, as a reset in mid-stream leaves memories as they are, and would empty a stage.

    After reset the core is switched off and on again, before it may have a word. Then each 32 cycles bring
    another rate, 0 too.
    """

    def __init__(self, core: Any, broken: Mutant | None = None) -> None:
        self.core = core
        streams = {n: m for n, m in core.signature.members.items() if not m.is_port}
        assert all(isinstance(member.signature, stream.Signature) for member in streams.values())
        self.inward = [name for name, member in streams.items() if member.flow is In and name != "load"]
        self.outward = [name for name, member in streams.items() if member.flow is not In]
        params = Params(inward=self._widths(self.inward), outward=self._widths(self.outward))
        self.gate = broken.component(GATE, params) if broken else Gate(params)
        super().__init__(core.signature)

    def _widths(self, names: list[str]) -> tuple[int, ...]:
        return tuple(len(Value.cast(getattr(self.core, name).payload)) for name in names)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        core, gate, been_off = self.core, self.gate, Signal()
        m.submodules.gate = gate
        clocked = EnableInserter(gate.control.clock)(core)
        m.submodules.core = ResetInserter(gate.control.reset)(clocked)
        for number, name in enumerate(self.inward):
            self._join(m, getattr(self, name), getattr(gate, f"input{number}"), been_off)
            self._join(m, getattr(gate, f"inward{number}"), getattr(core, name))
        for number, name in enumerate(self.outward):
            self._join(m, getattr(core, name), getattr(gate, f"outward{number}"))
            self._join(m, getattr(gate, f"output{number}"), getattr(self, name))
        if "load" in core.signature.members:
            runs = gate.control.clock & ~gate.control.isolate & been_off
            self._join(m, self.load, core.load, runs)
        for name, member in core.signature.members.items():
            if member.is_port:
                here, there = getattr(self, name), getattr(core, name)
                m.d.comb += there.eq(here) if member.flow is In else here.eq(there)
        self._switch(m, been_off)
        return m

    def _switch(self, m: Module, been_off: Signal) -> None:
        gate, cycle = self.gate, Signal(10)
        m.d.sync += [cycle.eq(cycle + 1), been_off.eq(been_off | (gate.status.state == State.OFF))]
        m.d.comb += [
            gate.registers.on.eq(been_off),
            gate.registers.rate.eq(Mux(cycle[5], cycle[5:], FULL_RATE - cycle[6:])),
            gate.gated.idle.eq(1),  # before it may have a word, which is all that is asked
            gate.gated.powered.eq(gate.control.power),
        ]

    @staticmethod
    def _join(m: Module, source: Any, sink: Any, when: Any = 1) -> None:
        m.d.comb += [
            Value.cast(sink.payload).eq(Value.cast(source.payload)),
            sink.valid.eq(source.valid & when),
            source.ready.eq(sink.ready & when),
        ]
