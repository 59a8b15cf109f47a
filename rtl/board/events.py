"""Events between packets and the chain, and the credits with which both sides keep them from overflowing."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from spikelock.models.link.protocol import LONGEST_PACKET, Channel
from spikelock.models.ports import Port

from ..ports import carried
from .packets import PACKETS

QUIET = 512
"""Cycles without a new event after which those that wait are sent, though they do not fill a packet."""


def bytes_of(width: int) -> int:
    """Bytes of a word of so many bits."""
    return -(-width // 8)


class Unpacker(wiring.Component):
    """Words of packets to a stream of records, through a buffer of `depth` records.

    freed: high in each cycle in which a record leaves the buffer. dropped: one that came had no room.
    refused: a packet ended within a word. level: records in the buffer.
    """

    def __init__(self, port: Port, depth: int) -> None:
        self.width = port.width
        self.depth = depth
        super().__init__(
            {
                "input": In(PACKETS),
                "output": Out(carried(port)),
                "freed": Out(1),
                "dropped": Out(1),
                "refused": Out(1),
                "level": Out(range(depth + 1)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        size = bytes_of(self.width)
        m.submodules.buffer = buffer = SyncFIFOBuffered(width=self.width, depth=self.depth)
        before = Signal(8 * (size - 1))  # the bytes of a word that came before its last
        at = Signal(range(size))
        m.d.comb += [
            self.input.ready.eq(1),
            buffer.w_data.eq(Cat(before, self.input.payload.data)),
            self.output.payload.as_value().eq(buffer.r_data),
            self.output.valid.eq(buffer.r_rdy),
            buffer.r_en.eq(self.output.ready),
            self.freed.eq(self.output.valid & self.output.ready),
            self.level.eq(buffer.level),
        ]
        with m.If(self.input.valid):
            m.d.sync += before.eq(Cat(before, self.input.payload.data)[8:])
            with m.If(at == size - 1):
                m.d.comb += [buffer.w_en.eq(1), self.dropped.eq(~buffer.w_rdy)]
                m.d.sync += at.eq(0)
            with m.Elif(self.input.payload.last):
                m.d.comb += self.refused.eq(1)
                m.d.sync += at.eq(0)
            with m.Else():
                m.d.sync += at.eq(at + 1)
        return m


class Packer(wiring.Component):
    """Records to words of packets, as many as there are credits, through a buffer of `depth` records.

    A packet leaves when it is full, or when no record has come for `QUIET` cycles. granted, more: adds to the
    credits. level: records in the buffer.
    """

    def __init__(self, port: Port, depth: int, channel: Channel) -> None:
        self.width = port.width
        self.depth = depth
        self.channel = channel
        super().__init__(
            {
                "input": In(carried(port)),
                "output": Out(PACKETS),
                "granted": In(1),
                "more": In(16),
                "level": Out(range(depth + 1)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        size = bytes_of(self.width)
        full = min((LONGEST_PACKET - 1) // size, self.depth // 2)
        m.submodules.buffer = buffer = SyncFIFOBuffered(width=self.width, depth=self.depth)
        m.d.comb += [
            buffer.w_data.eq(self.input.payload.as_value()),
            buffer.w_en.eq(self.input.valid),
            self.input.ready.eq(buffer.w_rdy),
            self.level.eq(buffer.level),
        ]

        quiet = Signal(range(QUIET + 1))
        with m.If((self.input.valid & self.input.ready) | (buffer.level == 0)):
            m.d.sync += quiet.eq(0)
        with m.Elif(quiet != QUIET):
            m.d.sync += quiet.eq(quiet + 1)

        credits = Signal(16)
        left = Signal(range(full + 1))  # words of this packet to come
        at = Signal(range(size + 1))
        word = Signal(8 * size)
        sent = Signal()
        m.d.comb += sent.eq(self.output.ready & self.output.valid)
        m.d.sync += credits.eq(credits + Mux(self.granted, self.more, 0) - buffer.r_en)

        enough = Mux(buffer.level < full, buffer.level, full)
        with m.FSM():
            with m.State("WAIT"):
                m.d.sync += left.eq(Mux(credits < enough, credits, enough))
                with m.If((credits != 0) & ((buffer.level >= full) | (quiet == QUIET))):
                    m.next = "CHANNEL"
            with m.State("CHANNEL"):
                m.d.comb += [self.output.valid.eq(1), self.output.payload.data.eq(self.channel)]
                with m.If(sent):
                    m.next = "FETCH"
            with m.State("FETCH"):
                m.d.comb += buffer.r_en.eq(buffer.r_rdy)
                m.d.sync += [word.eq(buffer.r_data), at.eq(size - 1)]
                with m.If(buffer.r_rdy):
                    m.d.sync += left.eq(left - 1)
                    m.next = "WORD"
            with m.State("WORD"):
                m.d.comb += [
                    self.output.valid.eq(1),
                    self.output.payload.data.eq(word[:8]),
                    self.output.payload.last.eq((left == 0) & (at == 0)),
                ]
                with m.If(sent):
                    m.d.sync += [word.eq(word >> 8), at.eq(at - 1)]
                    with m.If(at == 0):
                        m.next = "FETCH"
                        with m.If(left == 0):
                            m.next = "WAIT"
        return m


class Granted(wiring.Component):
    """Reads the packets of the channel CREDIT: each word, `channel` and `more`, is shown with `valid`."""

    def __init__(self) -> None:
        words = {"valid": Out(1), "channel": Out(8), "more": Out(16)}
        super().__init__({"input": In(PACKETS), **words, "refused": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        before = Signal(16)
        at = Signal(2)
        m.d.comb += [self.input.ready.eq(1), Cat(self.channel, self.more[:8]).eq(before)]
        m.d.comb += self.more[8:].eq(self.input.payload.data)
        with m.If(self.input.valid):
            m.d.sync += [before.eq(Cat(before, self.input.payload.data)[8:]), at.eq(at + 1)]
            with m.If(at == 2):
                m.d.comb += self.valid.eq(1)
                m.d.sync += at.eq(0)
            with m.Elif(self.input.payload.last):
                m.d.comb += self.refused.eq(1)
                m.d.sync += at.eq(0)
        return m


class Granting(wiring.Component):
    """Grants the host a buffer's places: all at first, then those that were freed, a quarter at a time."""

    def __init__(self, channel: Channel, depth: int) -> None:
        self.channel = channel
        self.depth = depth
        super().__init__({"freed": In(1), "output": Out(PACKETS)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        free = Signal(range(self.depth + 1), init=self.depth)
        more = Signal(16)
        at = Signal(2)
        taken = Signal()
        m.d.sync += free.eq(Mux(taken, 0, free) + self.freed)
        m.d.comb += self.output.payload.data.eq(
            Cat(Const(Channel.CREDIT, 8), Const(self.channel, 8), more).word_select(at, 8)
        )
        with m.FSM():
            with m.State("WAIT"):
                m.d.sync += [more.eq(free), at.eq(0)]
                with m.If(free >= self.depth // 4):
                    m.d.comb += taken.eq(1)
                    m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += [self.output.valid.eq(1), self.output.payload.last.eq(at == 3)]
                with m.If(self.output.ready):
                    m.d.sync += at.eq(at + 1)
                    with m.If(at == 3):
                        m.next = "WAIT"
        return m


class Incoming(wiring.Component):
    """Records from the host, through a buffer whose places it is granted: an `Unpacker` with its `Granting`.

    granting: packets to the host. dropped, refused, level: see `Unpacker`.
    """

    def __init__(self, port: Port, depth: int, channel: Channel) -> None:
        self.unpacker = Unpacker(port, depth)
        self.credits = Granting(channel, depth)
        super().__init__(
            {
                "input": In(PACKETS),
                "output": Out(carried(port)),
                "granting": Out(PACKETS),
                "dropped": Out(1),
                "refused": Out(1),
                "level": Out(range(depth + 1)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.unpacker = unpacker = self.unpacker
        m.submodules.credits = credits = self.credits
        wiring.connect(m, wiring.flipped(self.input), unpacker.input)
        wiring.connect(m, unpacker.output, wiring.flipped(self.output))
        wiring.connect(m, credits.output, wiring.flipped(self.granting))
        m.d.comb += [
            credits.freed.eq(unpacker.freed),
            self.dropped.eq(unpacker.dropped),
            self.refused.eq(unpacker.refused),
            self.level.eq(unpacker.level),
        ]
        return m


def component(part: tuple[Any, ...]) -> Any:
    """A part by the name of its class and its arguments, as `Mutant.component` makes it anew."""
    name, *arguments = part
    return {made.__name__: made for made in (Unpacker, Packer, Granted, Granting, Incoming)}[name](*arguments)
