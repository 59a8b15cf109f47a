"""Events on wires without a clock in hardware: what it does is told in `models/aer/handshake.py`.

`Sender` and `Receiver` are the two ends, each at its own clock. `Joined` is both, and what a bench judges.
Request, acknowledge and data come straight from flip-flops, so no glitch is ever on a wire.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import DomainRenamer, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer

from spikelock.models.aer.handshake import CORE, Params, Role

from ..delayed_wires import DelayedWires
from ..ports import signature


class Sender(wiring.Component):
    """Puts an event on the wires, a cycle before its request, and takes the next after the fourth phase."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = replace(params or Params(), role=Role.SENDER)
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        acknowledged = Signal()
        loaded = Signal()  # the data on the wires have not been acknowledged
        m.submodules.synchroniser = FFSynchronizer(
            self.acknowledge.level, acknowledged, stages=self.params.stages, reset_less=False
        )
        m.d.comb += self.input.ready.eq(~loaded & ~acknowledged)
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [self.data.eq(self.input.payload), loaded.eq(1)]
        with m.If(loaded):
            m.d.sync += self.request.level.eq(1)
        with m.If(acknowledged):
            m.d.sync += [self.request.level.eq(0), loaded.eq(0)]
        return m


class Receiver(wiring.Component):
    """Reads the data of a request when the event before has left, and acknowledges them."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = replace(params or Params(), role=Role.RECEIVER)
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        requested = Signal()
        free = Signal()  # there is a place for an event
        m.submodules.synchroniser = FFSynchronizer(
            self.request.level, requested, stages=self.params.stages, reset_less=False
        )
        m.d.comb += free.eq(~self.output.valid | self.output.ready)
        with m.If(self.output.ready):
            m.d.sync += self.output.valid.eq(0)
        with m.If(~requested):
            m.d.sync += self.acknowledge.level.eq(0)
        with m.Elif(~self.acknowledge.level & free):
            m.d.sync += [
                self.acknowledge.level.eq(1),
                self.output.valid.eq(1),
                self.output.payload.eq(self.data),
            ]
        return m


class Joined(wiring.Component):
    """A sender, a receiver, and wires that take their time. sender, receiver, wires: their clocks."""

    def __init__(
        self, params: Params, sender: str = "sync", receiver: str = "sync", wires: str = "sync"
    ) -> None:
        self.params, self.clocks = params, {"sender": sender, "receiver": receiver, "wires": wires}
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        sender, receiver = Sender(self.params), Receiver(self.params)
        wires = DelayedWires(sender.data.shape())
        for name, part in (("sender", sender), ("receiver", receiver), ("wires", wires)):
            m.submodules[name] = DomainRenamer(self.clocks[name])(part)
        wiring.connect(m, wiring.flipped(self.input), sender.input)
        wiring.connect(m, wiring.flipped(self.delays), wires.delays)
        wiring.connect(m, receiver.output, wiring.flipped(self.output))
        m.d.comb += [
            wires.request.eq(sender.request.level),
            wires.data.eq(sender.data),
            receiver.request.level.eq(wires.request_there),
            receiver.data.eq(wires.data_there),
            wires.acknowledge.eq(receiver.acknowledge.level),
            sender.acknowledge.level.eq(wires.acknowledge_here),
        ]
        return m


def component(params: Params, **clocks: str) -> Any:
    """The component that embodies `aer.handshake`. clocks: of two that are joined, see `Joined`."""
    ends = {Role.SENDER: Sender, Role.RECEIVER: Receiver, Role.JOINED: Joined}
    return ends[params.role](params, **clocks)
