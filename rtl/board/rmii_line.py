"""An RMII line in the clock domain `rmii`, and its frames in `sync`, whose clock need not be related to it.

pins ─▶ Receiver ─▶ Crossing ─▶ received          rmii │ sync
pins ◀─ Transmitter ◀─ Crossing ◀─ transmitted

A reset of `sync`, however short, must reset `rmii` too: half a frame may have crossed.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import DomainRenamer, Module
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import PulseSynchronizer
from amaranth.lib.wiring import In, Out

from spikelock.models.link.ethernet import LONGEST_FRAME
from spikelock.models.link.rmii import Drop

from ..crossing import Crossing
from ..link.rmii import PACKET, Receiver, Transmitter

DEPTH = 16
"""Bytes on their way; whole frames are stored at both ends."""


class RmiiLine(wiring.Component):
    """Pins of a PHY, and packets. In `sync`, line_error: a frame was damaged, or too long; overrun: one found
    no room; each high for a cycle.
    """

    def __init__(self, longest: int = LONGEST_FRAME) -> None:
        self.longest = longest
        pins = {"tx_en": Out(1), "txd": Out(2), "crs_dv": In(1), "rxd": In(2), "rx_er": In(1)}
        packets = stream.Signature(PACKET)
        events = {"line_error": Out(1), "overrun": Out(1)}
        super().__init__({**pins, "received": Out(packets), "transmitted": In(packets), **events})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        to_rmii = DomainRenamer("rmii")
        receiver, transmitter = Receiver(self.longest), Transmitter(self.longest)
        m.submodules.receiver = to_rmii(receiver)
        m.submodules.transmitter = to_rmii(transmitter)
        m.d.comb += [
            receiver.crs_dv.eq(self.crs_dv),
            receiver.rxd.eq(self.rxd),
            receiver.rx_er.eq(self.rx_er),
            self.tx_en.eq(transmitter.tx_en),
            self.txd.eq(transmitter.txd),
        ]
        m.submodules.inward = inward = Crossing(PACKET, DEPTH, "rmii", "sync")
        wiring.connect(m, receiver.output, inward.incoming)
        wiring.connect(m, inward.outgoing, wiring.flipped(self.received))
        m.submodules.outward = outward = Crossing(PACKET, DEPTH, "sync", "rmii")
        wiring.connect(m, wiring.flipped(self.transmitted), outward.incoming)
        wiring.connect(m, outward.outgoing, transmitter.input)

        m.submodules.damage = damage = PulseSynchronizer("rmii", "sync")
        m.submodules.loss = loss = PulseSynchronizer("rmii", "sync")
        no_room = receiver.reason == Drop.NO_ROOM
        m.d.comb += [
            damage.i.eq(receiver.dropped & ~no_room),
            loss.i.eq(receiver.dropped & no_room),
            self.line_error.eq(damage.o),
            self.overrun.eq(loss.o),
        ]
        return m


def component(longest: int) -> RmiiLine:
    """The line, as `Mutant.component` makes it anew."""
    return RmiiLine(longest)
