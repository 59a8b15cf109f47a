"""RMII in hardware: transmitter, receiver, and the two joined by a line.

All of it runs at the line's reference clock of 50 MHz, a di-bit a cycle. The line cannot wait, so both ends
store whole frames: the transmitter begins one when all of it has come, and the receiver lets one out when all
of it was right.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from spikelock.models.link.protocol import packet_stream
from spikelock.models.link.rmii import (
    CORE,
    FRAME_DELIMITER,
    GAP_BITS,
    PREAMBLE,
    PREAMBLE_BYTES,
    Drop,
    Fault,
    Params,
)

from ..fixed import layout
from ..packet_buffer import PacketBuffer
from ..ports import signature

DI_BITS = 4
"""Of a byte."""

LATE, EMPTY, MIDDLE = 7, 12, 16
"""Di-bits of a preamble: of a late one, those before CRS_DV, those before any bits; the one with a fault."""

PACKET = layout(packet_stream())


class Transmitter(wiring.Component):
    """Sends packets at the pins `tx_en` and `txd`. A packet ends after `longest` bytes at the latest.

    shape: of a beat: `data`, `last`, and what else is to be seen while the byte is on the line. beat: that
    byte, while `in_frame`; `place`: which of its di-bits. coming: the byte after that, during a
    preamble the first one.
    """

    def __init__(self, longest: int, shape: Any = PACKET) -> None:
        self.longest = longest
        super().__init__(
            {
                "input": In(stream.Signature(shape)),
                "tx_en": Out(1),
                "txd": Out(2),
                "beat": Out(shape),
                "coming": Out(shape),
                "in_frame": Out(1),
                "place": Out(range(DI_BITS)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.buffer = buffer = PacketBuffer(self.beat.shape(), self.longest)
        self._store(m, buffer)

        bits = Signal(8)  # the lowest two are on the line
        count = Signal(range(GAP_BITS // 2))
        before = (PREAMBLE_BYTES + 1) * DI_BITS  # di-bits
        m.d.comb += [self.txd.eq(bits[:2]), self.coming.eq(buffer.output.payload)]
        m.d.sync += [count.eq(count + 1), bits.eq(Cat(bits[2:], Const(0, 2)))]
        takes = buffer.output.ready
        with m.FSM(init="IDLE"):
            with m.State("GAP"), m.If(count == GAP_BITS // 2 - 2):
                m.next = "IDLE"

            with m.State("IDLE"):
                m.d.sync += count.eq(0)
                with m.If(buffer.output.valid):
                    m.d.sync += [self.tx_en.eq(1), bits.eq(PREAMBLE)]
                    m.next = "PREAMBLE"

            with m.State("PREAMBLE"):
                with m.If(count[:2] == DI_BITS - 1):
                    m.d.sync += bits.eq(PREAMBLE)
                with m.If(count == before - DI_BITS - 1):
                    m.d.sync += bits.eq(FRAME_DELIMITER)
                with m.If(count == before - 1):
                    m.d.comb += takes.eq(1)
                    m.next = "FRAME"

            with m.State("FRAME"):
                m.d.comb += self.in_frame.eq(1)
                m.d.sync += self.place.eq(self.place + 1)
                with m.If(self.place == DI_BITS - 1):
                    m.d.comb += takes.eq(~self.beat.last)
                    with m.If(self.beat.last):
                        m.d.sync += [self.tx_en.eq(0), count.eq(0)]
                        m.next = "GAP"
        with m.If(takes):
            m.d.sync += [self.beat.eq(buffer.output.payload), bits.eq(buffer.output.payload.data)]
        return m

    def _store(self, m: Module, buffer: PacketBuffer) -> None:
        index = Signal(range(self.longest))  # of the byte that comes
        at_end = self.input.payload.last | (index == self.longest - 1)
        m.d.comb += [
            self.input.ready.eq(buffer.room | (index != 0)),
            buffer.write.eq(self.input.valid & self.input.ready),
            buffer.beat.eq(self.input.payload),
            buffer.beat.last.eq(at_end),
        ]
        with m.If(buffer.write):
            m.d.sync += index.eq(Mux(at_end, 0, index + 1))


class Receiver(wiring.Component):
    """Receives packets at the pins `crs_dv`, `rxd` and `rx_er`. At its end a frame is kept, or dropped for a
    reason; each is told for a cycle.

    A frame begins after di-bits 01, as many as come, and one 11; before them may be 00. Anything else is no
    frame, until CRS_DV was low for two cycles. A nibble counts if CRS_DV is high in its second di-bit: after
    the carrier was lost it is low in the first one while data still come.
    """

    def __init__(self, longest: int) -> None:
        self.longest = longest
        super().__init__(
            {
                "crs_dv": In(1),
                "rxd": In(2),
                "rx_er": In(1),
                "output": Out(stream.Signature(PACKET)),
                "kept": Out(1),
                "dropped": Out(1),
                "reason": Out(Drop),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.buffer = buffer = PacketBuffer(PACKET, self.longest)
        wiring.connect(m, buffer.output, wiring.flipped(self.output))
        carrier = Signal()
        data = Signal(2)
        error = Signal()
        # CRS_DV rises at any time; the others must not come before it.
        for name, pin, inner in (
            ("crs_dv", self.crs_dv, carrier),
            ("rxd", self.rxd, data),
            ("rx_er", self.rx_er, error),
        ):
            m.submodules[name] = FFSynchronizer(pin, inner, reset_less=False)

        carrier_before = Signal()
        bits = Signal(8)
        place = Signal(range(DI_BITS))
        count = Signal(range(self.longest + 1))  # bytes that have come
        byte = Signal(8)  # the last of them
        damaged = Signal()
        too_long = Signal()
        ends = Signal()
        cut = Signal()  # not with a whole byte
        m.d.sync += [carrier_before.eq(carrier), bits.eq(Cat(bits[2:], data))]
        m.d.comb += [
            buffer.beat.data.eq(byte),
            buffer.beat.last.eq(ends),
            buffer.discard.eq(damaged | cut | too_long),
            self.kept.eq(buffer.kept),
            self.dropped.eq(buffer.write & ends & ~buffer.kept),
            self.reason.eq(Mux(damaged | cut, Drop.DAMAGED, Mux(too_long, Drop.TOO_LONG, Drop.NO_ROOM))),
        ]

        with m.FSM(init="REST"):
            with m.State("REST"), m.If(~carrier & ~carrier_before):
                m.next = "IDLE"

            with m.State("IDLE"):
                m.d.sync += [place.eq(0), count.eq(0), damaged.eq(0), too_long.eq(0)]
                with m.If(carrier & (data != 0b00)):
                    m.next = "REST"
                    with m.If(data == 0b01):
                        m.next = "PREAMBLE"

            with m.State("PREAMBLE"):
                with m.If(~carrier | (data != 0b01)):
                    m.next = "REST"
                    with m.If(carrier & (data == 0b11)):
                        m.next = "FRAME"
                with m.If(error):
                    m.d.sync += damaged.eq(1)

            with m.State("FRAME"):
                m.d.sync += place.eq(place + 1)
                with m.If(error):
                    m.d.sync += damaged.eq(1)
                with m.If(place[0] & ~carrier):
                    m.d.comb += [
                        ends.eq(1),
                        cut.eq(place[1] | carrier_before),
                        buffer.write.eq(count != 0),
                    ]
                    m.next = "REST"
                with m.Elif(place == DI_BITS - 1):
                    m.d.comb += buffer.write.eq(count != 0)
                    m.d.sync += byte.eq(Cat(bits[2:], data))
                    with m.If(count == self.longest):
                        m.d.sync += too_long.eq(1)
                    with m.Else():
                        m.d.sync += count.eq(count + 1)
        return m


class LoopBack(wiring.Component):
    """A transmitter and a receiver joined by a line, ports as declared in `models/link/rmii.py`.

    A packet that is held enters when the one before has been kept or has left; any other one while one more
    is under way at most, for two have room in the receiver.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        shape = self.input.payload.shape()
        m.submodules.transmitter = transmitter = Transmitter(self.params.sent_longest, shape)
        m.submodules.receiver = receiver = Receiver(self.params.longest)
        unseen = self._line(m, transmitter, receiver)
        held = self._enter(m, transmitter, receiver, unseen)
        m.d.comb += [
            self.output.payload.eq(receiver.output.payload),
            self.output.valid.eq(receiver.output.valid & ~held),
            receiver.output.ready.eq(self.output.ready & ~held),
        ]
        self._report(m, receiver)
        return m

    def _report(self, m: Module, receiver: Receiver) -> None:
        """Tells why frames were dropped. Two reports may wait, for two packets are under way."""
        waiting = Signal(range(3))
        newest = Signal(2)
        other = Signal(2)
        told = self.dropped.valid & self.dropped.ready
        rests = Signal()  # reports follow one another with a gap, as frames do
        m.d.comb += [
            self.dropped.valid.eq((waiting != 0) & ~rests),
            self.dropped.payload.reason.eq(Mux(waiting[1], other, newest)),
        ]
        m.d.sync += [rests.eq(told), waiting.eq(waiting + receiver.dropped - told)]
        with m.If(receiver.dropped):
            m.d.sync += [newest.eq(receiver.reason), other.eq(newest)]

    def _line(self, m: Module, transmitter: Transmitter, receiver: Receiver) -> Signal:
        """The line with its faults. Gives whether a frame ends of which the receiver sees nothing."""
        in_frame, beat = transmitter.in_frame, transmitter.beat
        before = transmitter.tx_en & ~in_frame
        since = Signal(range((PREAMBLE_BYTES + 1) * DI_BITS))  # di-bits of the preamble that have gone
        first = Signal()  # byte of the frame
        over = Signal()  # it was cut
        no_frame = Signal()
        unseen = Signal()
        fault = transmitter.coming.fault
        middle = before & (since == MIDDLE)
        spoilt = before & (fault == Fault.SPOILT) & (since == Mux(transmitter.coming.data[0], MIDDLE, 0))
        lost = middle & (fault == Fault.LOST)
        again = before & (fault == Fault.AGAIN) & (since[1:] == MIDDLE // 2)
        late = before & (fault == Fault.LATE) & (since < LATE)
        empty = before & (fault == Fault.LATE) & (since < EMPTY)
        toggling = in_frame & (beat.fault == Fault.TOGGLING) & ~transmitter.place[0]
        cut = in_frame & ((beat.fault == Fault.CUT) & transmitter.place[1] | over)
        error = Mux(in_frame, (beat.fault == Fault.ERROR) & ~first, middle & (fault == Fault.ERROR))
        with m.If(before):
            m.d.sync += [
                since.eq(since + 1),
                first.eq(1),
                over.eq(0),
                no_frame.eq((fault == Fault.SPOILT) | (fault == Fault.LOST) | (fault == Fault.CUT)),
            ]
        with m.Elif(in_frame & (transmitter.place == DI_BITS - 1)):
            m.d.sync += [first.eq(0), over.eq(cut)]
            m.d.comb += unseen.eq(beat.last & no_frame)
        m.d.comb += [
            receiver.crs_dv.eq(transmitter.tx_en & ~(lost | again | late | toggling | cut)),
            receiver.rxd.eq(Mux(spoilt, 0b10, Mux(lost, 0b11, Mux(empty, 0b00, transmitter.txd)))),
            receiver.rx_er.eq(error),
        ]
        return unseen

    def _enter(self, m: Module, transmitter: Transmitter, receiver: Receiver, unseen: Signal) -> Signal:
        """Lets packets in when what was before allows it. Gives whether the receiver's output is held."""
        capacity = 1 << (1 + (self.params.longest - 1).bit_length())
        beat = Signal(self.input.payload.shape())
        full = Signal()
        passes = Signal()
        first = Signal(init=1)
        index = Signal(range(self.params.sent_longest))
        settling = Signal(range(3))  # packets that are neither kept yet, nor have left
        under_way = Signal(range(capacity + 4))  # packets that have not left
        was_held = Signal()
        held = Signal()
        enters = Signal()
        may_enter = Signal()
        m.d.comb += [
            self.input.ready.eq(~full | passes),
            transmitter.input.payload.eq(beat),
            transmitter.input.valid.eq(full & (may_enter | ~first)),
            passes.eq(transmitter.input.valid & transmitter.input.ready),
            enters.eq(passes & first),
            held.eq(was_held & ~(full & first & ~beat.held & (settling == 0))),
        ]
        with m.If(beat.held):
            m.d.comb += may_enter.eq(Mux(was_held, settling == 0, under_way == 0))
        with m.Else():
            m.d.comb += may_enter.eq(~held & (under_way <= 1))
        with m.If(passes):
            ends = beat.last | (index == self.params.sent_longest - 1)
            m.d.sync += [full.eq(0), first.eq(ends), index.eq(Mux(ends, 0, index + 1))]
        with m.If(enters):
            m.d.sync += was_held.eq(beat.held)
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [full.eq(1), beat.eq(self.input.payload)]

        told = self.dropped.valid & self.dropped.ready
        left = self.output.valid & self.output.ready & self.output.payload.last
        m.d.sync += [
            settling.eq(settling + enters - receiver.kept - told - unseen),
            under_way.eq(under_way + enters - left - told - unseen),
        ]
        return held


def component(params: Params) -> LoopBack:
    """The component that embodies `link.rmii`: all of it, judged by what comes round."""
    return LoopBack(params)
