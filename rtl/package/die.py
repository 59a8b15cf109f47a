"""A die of a package: its part of the mesh, perhaps gated, and a bridge for each link that leaves it."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import DomainRenamer, Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.fabric.mesh import link_name
from spikelock.models.package.dies import Link, Params, bridges

from ..chiplet.bridge import Bridge
from ..chiplet.framing import beat_layout
from ..fabric.mesh import Mesh
from ..ports import carried
from .gated import Gated


class Die(wiring.Component):
    """The domain `sync` is the die's clock; `line_node0_east` is the one forwarded to its end of that link.

    Ports are those of its `fabric.mesh`, but for the links to other dies. Each of these has `to_line_…`,
    `from_line_…` and `runs_…`, as a `Bridge`. bridges: their status and counters. Of a die with a gate, those
    of `Gated` too.
    """

    def __init__(self, params: Params, name: str) -> None:
        self.params = params
        own = params.dies[name]
        self.mesh = Gated(Mesh(own, shows_idle=True)) if params.gated else Mesh(own)
        self.cut = own.cut
        beat = beat_layout(params.bridge.framing)
        channels = {f"{way}_{link_name(*link)}" for way in ("to", "from") for link in self.cut}
        members = {n: m for n, m in self.mesh.signature.members.items() if n not in channels}
        for link in self.cut:
            lanes = {"to_line_": Out(beat), "from_line_": In(beat), "runs_": In(1)}
            members |= {start + link_name(*link): member for start, member in lanes.items()}
        members["bridges"] = Out(carried(bridges(params, own)))
        super().__init__(members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.mesh = mesh = self.mesh
        wiring.connect(m, wiring.flipped(self.load), mesh.load)
        m.d.comb += [mesh.registers.eq(self.registers), self.counters.eq(mesh.counters)]
        if "input" in self.signature.members:
            wiring.connect(m, wiring.flipped(self.input), mesh.input)
            wiring.connect(m, mesh.output, wiring.flipped(self.output))
        for name in ("gate_control", "powered") if self.params.gated else ():
            m.d.comb += getattr(mesh, name).eq(getattr(self, name))
        for name in ("gate_status", "power") if self.params.gated else ():
            m.d.comb += getattr(self, name).eq(getattr(mesh, name))
        for link in self.cut:
            self._bridge(m, link)
        return m

    def _bridge(self, m: Module, link: Link) -> None:
        name = link_name(*link)
        bridge = Bridge(self.params.bridge)
        m.submodules[f"bridge_{name}"] = DomainRenamer({"line": f"line_{name}"})(bridge)
        sent, taken = getattr(self.mesh, f"to_{name}"), getattr(self.mesh, f"from_{name}")
        m.d.comb += [
            bridge.send.payload.data.eq(sent.payload),
            bridge.send.valid.eq(sent.valid),
            sent.ready.eq(bridge.send.ready),
            Value.cast(taken.payload).eq(bridge.receive.payload.data),
            taken.valid.eq(bridge.receive.valid),
            bridge.receive.ready.eq(taken.ready),
            getattr(self, f"to_line_{name}").eq(bridge.to_line),
            bridge.from_line.eq(getattr(self, f"from_line_{name}")),
            bridge.runs.eq(getattr(self, f"runs_{name}")),
        ]
        for port in (bridge.status, bridge.counters):
            for field in port.shape().members:
                m.d.comb += self.bridges[f"{name}_{field}"].eq(port[field])


def component(params: Params, name: str) -> Die:
    """A die of a package."""
    return Die(params, name)
