"""Bodies to frames in hardware. What leaves is told in `models/link/frame_encoder.py`.

COBS looks ahead: a code says how far the next 0 is. So a frame is written into one half of a buffer, the
place of each code left open until its block ends, while the frame before leaves the other half. A code never
reaches 0xFF before the end, because a frame has at most 254 bytes.

    BODY ── last byte ──▶ CRC (4 cycles) ──▶ DELIMITER ──▶ CODE ──▶ BODY
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC

from spikelock.models.link.frame_encoder import CORE, Params
from spikelock.models.link.protocol import CRC_BYTES

from ..ping_pong import PingPongBuffer
from ..ports import signature


class FrameEncoder(wiring.Component):
    """Ports as declared in `models/link/frame_encoder.py`; one byte a cycle in, one out."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        offset_bits = (params.longest + CRC_BYTES + 1).bit_length()  # a code and the delimiter besides
        m.submodules.buffer = buffer = PingPongBuffer(offset_bits)
        m.submodules.crc = crc = CRC32_ISO_HDLC(data_width=8).create()

        position = Signal(offset_bits, init=1)  # where the next byte goes
        code_at = Signal(offset_bits)  # where the code of the block goes that is being written
        crc_byte = Signal(range(CRC_BYTES))
        byte = Signal(8)
        put = Signal()  # the byte into the frame
        close = Signal()  # the block, by its code
        restart = Signal()  # with the next body
        m.d.comb += [
            crc.data.eq(self.input.payload.data),
            crc.start.eq(restart),
            close.eq(put & (byte == 0)),
            buffer.write.eq(put),
            buffer.offset.eq(Mux(close, code_at, position)),
            buffer.data.eq(Mux(close, position - code_at, byte)),
            buffer.last.eq(position),
            self.output.valid.eq(buffer.output.valid),
            self.output.payload.data.eq(buffer.output.payload.data),
            buffer.output.ready.eq(self.output.ready),
        ]
        with m.If(put):
            m.d.sync += position.eq(position + 1)
        with m.If(close):
            m.d.sync += code_at.eq(position)
        with m.If(restart):
            m.d.sync += [position.eq(1), code_at.eq(0)]
        with m.If(self.dropped.ready):
            m.d.sync += self.dropped.valid.eq(0)

        with m.FSM(init="BODY"):
            with m.State("BODY"):
                longer = position > params.longest
                m.d.comb += [
                    self.input.ready.eq(buffer.room & ~self.dropped.valid),
                    byte.eq(self.input.payload.data),
                ]
                with m.If(self.input.valid & self.input.ready):
                    m.d.comb += [crc.valid.eq(1), put.eq(~longer)]
                    with m.If(self.input.payload.last):
                        with m.If(longer | (position < params.shortest)):
                            m.d.comb += [restart.eq(1), crc.valid.eq(0)]
                            m.d.sync += [
                                self.dropped.valid.eq(1),
                                self.dropped.payload.length.eq(position),
                            ]
                        with m.Else():
                            m.next = "CRC"

            with m.State("CRC"):
                m.d.comb += [byte.eq(crc.crc.word_select(crc_byte, 8)), put.eq(1)]
                m.d.sync += crc_byte.eq(crc_byte + 1)
                with m.If(crc_byte == CRC_BYTES - 1):
                    m.next = "DELIMITER"

            with m.State("DELIMITER"):
                m.d.comb += [buffer.write.eq(1), buffer.data.eq(0)]
                m.next = "CODE"

            with m.State("CODE"):
                m.d.comb += [close.eq(1), buffer.write.eq(1), buffer.commit.eq(1), restart.eq(1)]
                m.next = "BODY"
        return m


def component(params: Params) -> FrameEncoder:
    """The component that embodies `link.frame_encoder`."""
    return FrameEncoder(params)
