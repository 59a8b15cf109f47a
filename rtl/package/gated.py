"""What is on a die, behind a power gate: see `docs/packages.md`, the last section."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amaranth.hdl import EnableInserter, Module, Mux, ResetInserter, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.power_gate import Params
from spikelock.models.package.dies import gate_control, gate_status

from ..chiplet.power_gate import Gate
from ..fixed import layout


class Gated(wiring.Component):
    """Ports are the core's. Streams pass the gate, but `load`: that is written while the core's clock runs.
    Level outputs are 0 while it is isolated.

    An output `idle` of the core is for the gate, see `models/chiplet/power_gate.py`; a core without is taken
    for idle. gate: makes the gate. gate_control, gate_status: see `models/package/dies.py`. power, powered:
    of the core's switch, and of its supply.
    """

    def __init__(self, core: Any, gate: Callable[[Params], Any] = Gate) -> None:
        self.core = core
        self.own = {name: member for name, member in core.signature.members.items() if name != "idle"}
        streams = {name: member for name, member in self.own.items() if not member.is_port}
        self.inward = [name for name, member in streams.items() if member.flow is In and name != "load"]
        self.outward = [name for name, member in streams.items() if member.flow is Out]
        self.gate = gate(Params(inward=self._widths(self.inward), outward=self._widths(self.outward)))
        controls = {"gate_control": In(layout(gate_control())), "gate_status": Out(layout(gate_status()))}
        switch = {"power": Out(1), "powered": In(1)}
        super().__init__({**self.own, **controls, **switch})

    def _widths(self, names: list[str]) -> tuple[int, ...]:
        return tuple(len(Value.cast(getattr(self.core, name).payload)) for name in names)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        core, gate = self.core, self.gate
        told = gate.control
        m.submodules.gate = gate
        m.submodules.core = ResetInserter(told.reset)(EnableInserter(told.clock)(core))
        for number, name in enumerate(self.inward):
            join(m, getattr(self, name), getattr(gate, f"input{number}"))
            join(m, getattr(gate, f"inward{number}"), getattr(core, name))
        for number, name in enumerate(self.outward):
            join(m, getattr(core, name), getattr(gate, f"outward{number}"))
            join(m, getattr(gate, f"output{number}"), getattr(self, name))
        if "load" in self.own:
            join(m, self.load, core.load, told.clock & ~told.isolate)
        for name, member in self.own.items():
            if member.is_port and member.flow is In:
                m.d.comb += getattr(core, name).eq(getattr(self, name))
            elif member.is_port:
                shown = Mux(told.isolate, 0, Value.cast(getattr(core, name)))
                m.d.comb += Value.cast(getattr(self, name)).eq(shown)
        m.d.comb += [
            gate.registers.on.eq(self.gate_control.on),
            gate.registers.rate.eq(self.gate_control.rate),
            gate.gated.idle.eq(getattr(core, "idle", 1)),
            gate.gated.powered.eq(self.powered),
            self.power.eq(told.power),
            self.gate_status.state.eq(gate.status.state),
            self.gate_status.clocks.eq(gate.counters.clocks),
            self.gate_status.downs.eq(gate.counters.downs),
        ]
        return m


def join(m: Module, source: Any, sink: Any, when: Any = 1) -> None:
    """Two streams of as many bits, in cycles of a kind."""
    m.d.comb += [
        Value.cast(sink.payload).eq(Value.cast(source.payload)),
        sink.valid.eq(source.valid & when),
        source.ready.eq(sink.ready & when),
    ]
