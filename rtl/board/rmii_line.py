"""An RMII line in the clock domain `rmii`, and its frames in `sync`, whose clock need not be related to it.

pins ─▶ Receiver ─▶ AsyncFIFO ─▶ received          rmii │ sync
pins ◀─ Transmitter ◀─ AsyncFIFO ◀─ transmitted
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import DomainRenamer, Module
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import PulseSynchronizer
from amaranth.lib.fifo import AsyncFIFO
from amaranth.lib.wiring import In, Out

from spikelock.models.link.ethernet import LONGEST_FRAME
from spikelock.models.link.rmii import Drop

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
        m.submodules.incoming = _crossed(m, receiver.output, self.received, "rmii", "sync")
        m.submodules.outgoing = _crossed(m, self.transmitted, transmitter.input, "sync", "rmii")

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


def _crossed(m: Module, source: Any, sink: Any, writes: str, reads: str) -> AsyncFIFO:
    """A stream of one clock domain in another."""
    fifo = AsyncFIFO(width=PACKET.size, depth=DEPTH, w_domain=writes, r_domain=reads)
    m.d.comb += [
        fifo.w_data.eq(source.payload),
        fifo.w_en.eq(source.valid),
        source.ready.eq(fifo.w_rdy),
        sink.payload.eq(fifo.r_data),
        sink.valid.eq(fifo.r_rdy),
        fifo.r_en.eq(sink.ready),
    ]
    return fifo


def component(longest: int) -> RmiiLine:
    """The line, as `Mutant.component` makes it anew."""
    return RmiiLine(longest)
