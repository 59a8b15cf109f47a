"""Frames to bodies in hardware. What leaves is told in `models/link/frame_decoder.py`.

A frame is decoded into one half of a buffer, a byte a cycle, while the body before leaves the other half.
Only at its delimiter, when nothing is wrong, is it let out, without its CRC. While both halves are full no
byte is accepted: a receiver in front that cannot wait says itself what it lost, and the frame then fails its
check.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC

from spikelock.models.link.frame_decoder import CORE, Params
from spikelock.models.link.protocol import CRC_BYTES, Drop

from ..ping_pong import PingPongBuffer
from ..ports import signature


class FrameDecoder(wiring.Component):
    """Ports as declared in `models/link/frame_decoder.py`; one byte a cycle in, one out."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        capacity = params.longest + CRC_BYTES
        m.submodules.buffer = buffer = PingPongBuffer((capacity - 1).bit_length())
        m.submodules.crc = crc = CRC32_ISO_HDLC(data_width=8).create()

        byte = self.input.payload.data
        accepted = Signal()
        begun = Signal()  # a byte of the frame has come
        remaining = Signal(8)  # bytes of the block to come
        zero_due = Signal()  # a 0 follows the block, if another block does
        decoded = Signal(range(capacity + 1))
        too_long = Signal()
        yields = Signal()  # the byte that comes makes one of the frame's
        m.d.comb += [
            self.input.ready.eq(buffer.room & ~self.dropped.valid),
            accepted.eq(self.input.valid & self.input.ready),
            buffer.offset.eq(decoded),
            buffer.data.eq(Mux(remaining == 0, 0, byte)),
            buffer.write.eq(yields & (decoded != capacity)),
            buffer.last.eq(decoded - CRC_BYTES - 1),
            crc.data.eq(buffer.data),
            crc.valid.eq(buffer.write),
        ]
        wiring.connect(m, buffer.output, wiring.flipped(self.output))

        with m.If(self.dropped.ready):
            m.d.sync += self.dropped.valid.eq(0)
        with m.If(accepted & (byte != 0)):
            m.d.sync += begun.eq(1)
            with m.If(remaining == 0):
                m.d.comb += yields.eq(zero_due)
                m.d.sync += [remaining.eq(byte - 1), zero_due.eq(byte != 0xFF)]
            with m.Else():
                m.d.comb += yields.eq(1)
                m.d.sync += remaining.eq(remaining - 1)
            with m.If(buffer.write):
                m.d.sync += decoded.eq(decoded + 1)
            with m.If(yields & ~buffer.write):
                m.d.sync += too_long.eq(1)

        with m.If(accepted & (byte == 0)):
            m.d.comb += crc.start.eq(1)
            m.d.sync += [
                begun.eq(0),
                remaining.eq(0),
                zero_due.eq(0),
                decoded.eq(0),
                too_long.eq(0),
                self.dropped.valid.eq(begun),
            ]
            reason = self.dropped.payload.reason
            with m.If(too_long):
                m.d.sync += reason.eq(Drop.TOO_LONG)
            with m.Elif(remaining != 0):
                m.d.sync += reason.eq(Drop.WRONG_CODE)
            with m.Elif(decoded < params.shortest + CRC_BYTES):
                m.d.sync += reason.eq(Drop.TOO_SHORT)
            with m.Elif(~crc.match_detected):
                m.d.sync += reason.eq(Drop.WRONG_CRC)
            with m.Else():
                m.d.comb += buffer.commit.eq(1)
                m.d.sync += self.dropped.valid.eq(0)
        return m


def component(params: Params) -> FrameDecoder:
    """The component that embodies `link.frame_decoder`."""
    return FrameDecoder(params)
