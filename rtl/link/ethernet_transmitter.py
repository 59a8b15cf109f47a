"""Padding and frame check sequence in hardware: see `models/link/ethernet_transmitter.py`.

    PASS ── last byte ──▶ PAD, if it is too short ──▶ CHECK ──▶ PASS

A byte leaves in the cycle in which it comes.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC

from spikelock.models.link.ethernet_transmitter import CORE, Params

from ..ports import signature


class EthernetTransmitter(wiring.Component):
    """Ports as declared in `models/link/ethernet_transmitter.py`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        padded = self.params.padded
        m.submodules.crc = crc = CRC32_ISO_HDLC().create()
        count = Signal(range(padded + 1))  # bytes that have left, as far as it matters
        at = Signal(2)  # byte of the frame check sequence
        leaves = self.output.valid & self.output.ready
        m.d.comb += crc.data.eq(self.output.payload.data)
        with m.If(leaves & (count != padded)):
            m.d.sync += count.eq(count + 1)
        enough = count >= padded - 1

        with m.FSM(init="PASS"):
            with m.State("PASS"):
                m.d.comb += [
                    self.output.valid.eq(self.input.valid),
                    self.input.ready.eq(self.output.ready),
                    self.output.payload.data.eq(self.input.payload.data),
                    crc.valid.eq(leaves),
                ]
                with m.If(leaves & self.input.payload.last):
                    m.next = "PAD"
                    with m.If(enough):
                        m.next = "CHECK"
            with m.State("PAD"):
                m.d.comb += [self.output.valid.eq(1), crc.valid.eq(leaves)]
                with m.If(leaves & enough):
                    m.next = "CHECK"
            with m.State("CHECK"):
                last = at == 3
                m.d.comb += [
                    self.output.valid.eq(1),
                    self.output.payload.data.eq(crc.crc.word_select(at, 8)),
                    self.output.payload.last.eq(last),
                ]
                with m.If(leaves):
                    m.d.sync += at.eq(at + 1)
                    with m.If(last):
                        m.d.comb += crc.start.eq(1)
                        m.d.sync += count.eq(0)
                        m.next = "PASS"
        return m


def component(params: Params) -> EthernetTransmitter:
    """The component that embodies `link.ethernet_transmitter`."""
    return EthernetTransmitter(params)
