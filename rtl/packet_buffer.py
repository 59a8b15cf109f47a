"""A queue of whole packets: what has begun to come shows only once it has come to its end."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out


class PacketBuffer(wiring.Component):
    """Holds packets of up to `longest` beats, two of these at least.

    shape: of a beat, with a field `last`. A beat is taken with `write`, always; in the cycle of a packet's
    last one `kept` says whether there was room for all of it, for otherwise nothing of it is kept.
    room: for a packet as long as can be. discard: with any beat of a packet: nothing of it is kept. clear:
    forgets everything.
    """

    def __init__(self, shape: Any, longest: int) -> None:
        self.longest = longest
        super().__init__(
            {
                "write": In(1),
                "beat": In(shape),
                "kept": Out(1),
                "room": Out(1),
                "discard": In(1),
                "clear": In(1),
                "output": Out(stream.Signature(shape)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        bits = 1 + (self.longest - 1).bit_length()
        m.submodules.memory = memory = Memory(shape=self.beat.shape(), depth=1 << bits, init=[])
        write, read = memory.write_port(), memory.read_port()
        written = Signal(bits + 1)
        begun = Signal(bits + 1)
        fetched = Signal(bits + 1)
        overflowed = Signal()
        shown = Signal()
        level = Signal(bits + 1)
        fits = Signal()
        fetch = Signal()

        m.d.comb += [
            level.eq(written - fetched),
            fits.eq(~level[-1] & ~overflowed & ~self.discard),
            self.kept.eq(self.write & self.beat.last & fits),
            self.room.eq(level <= (1 << bits) - self.longest),
            write.addr.eq(written),
            write.data.eq(self.beat),
            write.en.eq(self.write & fits),
        ]
        with m.If(self.write):
            m.d.sync += [written.eq(written + fits), overflowed.eq(~fits & ~self.beat.last)]
            with m.If(self.beat.last & fits):
                m.d.sync += begun.eq(written + 1)
            with m.Elif(self.beat.last):
                m.d.sync += written.eq(begun)

        m.d.comb += [
            fetch.eq((fetched != begun) & (~shown | self.output.ready)),
            read.addr.eq(fetched),
            read.en.eq(fetch),
            self.output.payload.eq(read.data),
            self.output.valid.eq(shown),
        ]
        m.d.sync += fetched.eq(fetched + fetch)
        with m.If(self.output.ready | fetch):
            m.d.sync += shown.eq(fetch)
        with m.If(self.clear):
            m.d.sync += [register.eq(0) for register in (written, begun, fetched, overflowed, shown)]
        return m
