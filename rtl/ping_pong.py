"""A ping-pong buffer: one packet is written while the one before leaves."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from spikelock.models.link.protocol import packet_stream

from .fixed import layout


class PingPongBuffer(wiring.Component):
    """Two halves of one memory, each for a packet of up to `2 ** offset_bits` bytes.

    room: the half to write is free. While it is, `data` is written to `offset` where `write` is high;
    `commit` lets the packet of the bytes 0 … `last` leave by `output`, a byte a cycle, and goes on with the
    other half. A byte may be written in the cycle of `commit`.
    """

    def __init__(self, offset_bits: int) -> None:
        super().__init__(
            {
                "room": Out(1),
                "write": In(1),
                "offset": In(offset_bits),
                "data": In(8),
                "commit": In(1),
                "last": In(offset_bits),
                "output": Out(stream.Signature(layout(packet_stream()))),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.bytes = memory = Memory(shape=8, depth=2 << len(self.offset), init=[])
        write, read = memory.write_port(), memory.read_port()
        filling = Signal()  # which half
        sending = Signal()
        full = Signal(2)
        lasts = [Signal.like(self.last, name=f"last_of_{half}") for half in range(2)]
        at = Signal.like(self.offset)  # of the byte that leaves
        following = Signal.like(at)

        m.d.comb += [
            self.room.eq(~full.bit_select(filling, 1)),
            write.addr.eq(Cat(self.offset, filling)),
            write.data.eq(self.data),
            write.en.eq(self.write),
            following.eq(at),
            read.addr.eq(Cat(following, sending)),
            self.output.payload.data.eq(read.data),
            self.output.payload.last.eq(at == lasts[0]),
        ]
        with m.If(sending):
            m.d.comb += self.output.payload.last.eq(at == lasts[1])

        with m.If(self.commit):
            m.d.sync += [full.bit_select(filling, 1).eq(1), filling.eq(~filling)]
            for half, last in enumerate(lasts):
                with m.If(filling == half):
                    m.d.sync += last.eq(self.last)

        m.d.sync += at.eq(following)
        with m.If(self.output.valid & self.output.ready):
            m.d.comb += following.eq(at + 1)
            with m.If(self.output.payload.last):
                m.d.comb += following.eq(0)
                m.d.sync += [
                    self.output.valid.eq(0),
                    full.bit_select(sending, 1).eq(0),
                    sending.eq(~sending),
                ]
        with m.Elif(full.bit_select(sending, 1)):
            m.d.sync += self.output.valid.eq(1)
        return m
