"""The whole design of a board, between the two pins of its serial line.

rx ─▶ Receiver ─▶ FrameDecoder ─▶ ┌──────────┐ ─▶ ┌──────────┐
                                  │ Endpoint │    │ Services │ ⇄ chain of tiles
tx ◀─ Transmitter ◀─ FrameEncoder ◀└──────────┘ ◀─ └──────────┘
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.board.description import BoardParams
from spikelock.models.link.endpoint import Params as EndpointParams
from spikelock.models.link.endpoint import Role
from spikelock.models.link.frame_decoder import Params as DecoderParams
from spikelock.models.link.frame_encoder import Params as EncoderParams
from spikelock.models.link.protocol import LONGEST_PACKET
from spikelock.models.link.uart import Params as UARTParams

from ..link.endpoint import Endpoint
from ..link.frame_decoder import FrameDecoder
from ..link.frame_encoder import FrameEncoder
from ..link.uart import Receiver, Transmitter
from .services import Services

BITS_OF_FRAME = 10 * (LONGEST_PACKET + 9)
"""On the line, at most: kind, session, number, CRC-32, a code and the delimiter besides the packet."""

HOST_WINDOW = 16
"""Packets of a host that its acknowledgements wait behind, mostly. With more, some are sent again in vain."""

HOST_ANSWERS_IN = 0.02
"""Seconds that a host may take besides."""


class Top(wiring.Component):
    """rx, tx: the serial line. busy: the chain computes.

    record: the capability record, as `models/board/capability.py` writes it.
    """

    def __init__(self, params: BoardParams, record: bytes) -> None:
        self.params = params
        self.record = record
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "busy": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        line = UARTParams(params.clock, params.baud)
        timeout = (params.window + HOST_WINDOW) * BITS_OF_FRAME * params.clock // params.baud
        timeout += round(HOST_ANSWERS_IN * params.clock)
        m.submodules.receiver = receiver = Receiver(line)
        m.submodules.transmitter = transmitter = Transmitter(line)
        m.submodules.decoder = decoder = FrameDecoder(DecoderParams())
        m.submodules.encoder = encoder = FrameEncoder(EncoderParams())
        m.submodules.endpoint = endpoint = Endpoint(
            EndpointParams(Role.BOARD, window=params.window, timeout=timeout)
        )
        m.submodules.services = services = Services(params, self.record)

        m.d.comb += [receiver.rx.eq(self.rx), self.tx.eq(transmitter.tx), self.busy.eq(services.busy)]
        wiring.connect(m, receiver.output, decoder.input)
        wiring.connect(m, decoder.output, endpoint.incoming)
        wiring.connect(m, endpoint.receive, services.input)
        wiring.connect(m, services.output, endpoint.send)
        wiring.connect(m, endpoint.outgoing, encoder.input)
        wiring.connect(m, encoder.output, transmitter.input)

        whole = decoder.output.valid & decoder.output.ready & decoder.output.payload.last
        m.d.comb += [
            services.session.eq(endpoint.session.begins),
            decoder.dropped.ready.eq(1),
            encoder.dropped.ready.eq(1),
            services.link.link_replays.eq(endpoint.counters.replays),
        ]
        for name, happens in {
            "link_frames": whole,
            "link_errors": decoder.dropped.valid,
            "link_line_errors": receiver.framing_error,
            "link_overruns": receiver.overrun,
        }.items():
            count = Signal.like(services.link[name], name=name)
            m.d.sync += count.eq(count + happens)
            m.d.comb += services.link[name].eq(count)
        return m


def component(params: BoardParams, *, record: bytes) -> Top:
    """The whole design, as `Mutant.component` makes it anew."""
    return Top(params, record)
