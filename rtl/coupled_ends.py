"""Two ends of a bridge, and a line each way that delays and loses flits as it is told."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.chiplet.bridge import CORE, Params

from .ports import signature


class Coupled(wiring.Component):
    """Ports as declared in `models/chiplet/bridge.py`. west, east: the ends.

    A line holds two flits and swaps none. It takes one when told to, and gives or loses the older one when
    told to: that is what is left of lanes, CRC and crossing when a damaged flit is a lost one.
    """

    def __init__(self, params: Params, west: Any, east: Any) -> None:
        self.ends = {"west": west, "east": east}
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        west, east = m.submodules.west, m.submodules.east = self.ends["west"], self.ends["east"]
        self._line(m, west, east, self.line_to_east, "east")
        self._line(m, east, west, self.line_to_west, "west")
        wiring.connect(m, wiring.flipped(self.to_east), west.send)
        wiring.connect(m, wiring.flipped(self.to_west), east.send)
        wiring.connect(m, east.receive, wiring.flipped(self.at_east))
        wiring.connect(m, west.receive, wiring.flipped(self.at_west))
        return m

    def _line(self, m: Module, sender: Any, receiver: Any, told: Any, name: str) -> None:
        shape = sender.outgoing.payload.shape()
        newer, older = Signal(shape, name=f"newer_to_{name}"), Signal(shape, name=f"older_to_{name}")
        holds_newer, holds_older = (
            Signal(name=f"holds_newer_to_{name}"),
            Signal(name=f"holds_older_to_{name}"),
        )
        moves = Signal(name=f"moves_to_{name}")
        m.d.comb += [
            moves.eq(~holds_older | told.arrives | told.lost),
            receiver.incoming.payload.eq(older),
            receiver.incoming.valid.eq(holds_older & told.arrives & ~told.lost),
            sender.outgoing.ready.eq(told.enters & (~holds_newer | moves)),
        ]
        with m.If(moves):
            m.d.sync += [older.eq(newer), holds_older.eq(holds_newer), holds_newer.eq(0)]
        with m.If(sender.outgoing.valid & sender.outgoing.ready):
            m.d.sync += [newer.eq(sender.outgoing.payload), holds_newer.eq(1)]
