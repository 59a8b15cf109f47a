"""A line of the link over Ethernet: frames of a MAC on one side, bytes of the link on the other.

    received ──▶ receiver ── payload ──▶ input
                    │ peer     │ replies
                    ▼          ▼
    output ──▶  sender ──▶  merge ──▶ transmitter ──▶ transmitted

What comes as datagrams to the port leaves by `input`; each frame of the link that comes by `output` leaves as
one datagram, to whoever sent the last one that was taken.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.link.ethernet import Drop, Station
from spikelock.models.link.ethernet_transmitter import Params as TransmitterParams
from spikelock.models.link.protocol import byte_stream
from spikelock.models.link.udp_receiver import Params as ReceiverParams
from spikelock.models.link.udp_sender import Params as SenderParams

from ..fixed import layout
from ..link.ethernet_transmitter import EthernetTransmitter
from ..link.udp_receiver import UdpReceiver
from ..link.udp_sender import UdpSender
from .packets import PACKETS, Merge

COUNTER_BITS = 16
DAMAGE = (Drop.FRAME_LENGTH, Drop.FRAME_CHECK, Drop.HEADER, Drop.LENGTH, Drop.CHECKSUM)


class UdpLine(wiring.Component):
    """The three cores, joined. dropped: frames that were dropped, by reason (`Drop`); counters stay at their
    largest value. damaged: high for a cycle when one is dropped that is for nobody, as it is not whole.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        line_bytes = stream.Signature(layout(byte_stream()))
        super().__init__(
            {
                "received": In(PACKETS),
                "transmitted": Out(PACKETS),
                "input": Out(line_bytes),
                "output": In(line_bytes),
                "dropped": Out(data.ArrayLayout(COUNTER_BITS, len(Drop))),
                "damaged": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.receiver = receiver = UdpReceiver(ReceiverParams(self.station))
        m.submodules.sender = sender = UdpSender(SenderParams(self.station))
        m.submodules.merge = merge = Merge(2)
        m.submodules.transmitter = transmitter = EthernetTransmitter(TransmitterParams())
        wiring.connect(m, wiring.flipped(self.received), receiver.input)
        wiring.connect(m, receiver.payload, wiring.flipped(self.input))
        wiring.connect(m, wiring.flipped(self.output), sender.input)
        wiring.connect(m, receiver.replies, merge.input0)
        wiring.connect(m, sender.output, merge.input1)
        wiring.connect(m, merge.output, transmitter.input)
        wiring.connect(m, transmitter.output, wiring.flipped(self.transmitted))

        peer = Signal.like(receiver.peer.payload)
        known = Signal()
        m.d.comb += [receiver.peer.ready.eq(1), receiver.dropped.ready.eq(1)]
        with m.If(receiver.peer.valid):
            m.d.sync += [peer.eq(receiver.peer.payload), known.eq(1)]
        m.d.comb += [
            sender.registers.peer_station.eq(peer.station),
            sender.registers.peer_address.eq(peer.address),
            sender.registers.peer_port.eq(peer.port),
            sender.registers.known.eq(known),
        ]
        damage = [receiver.dropped.payload.reason == reason for reason in DAMAGE]
        m.d.comb += self.damaged.eq(receiver.dropped.valid & Cat(damage).any())
        for reason in Drop:
            count = self.dropped[reason]
            with m.If(receiver.dropped.valid & (receiver.dropped.payload.reason == reason)):
                m.d.sync += count.eq(count + ~count.all())
        return m
