"""Between the endpoint and the channels: packets to the channel that they name, and back into one stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.link.protocol import Channel, packet_stream

from ..fixed import layout

PACKETS = stream.Signature(layout(packet_stream()))


class Dispatch(wiring.Component):
    """Gives each packet, without the channel that it begins with, to the output of that channel.

    A packet of another channel is dropped; `refused` is then high for one cycle.
    """

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = tuple(channels)
        outputs = {name_of(channel): Out(PACKETS) for channel in self.channels}
        super().__init__({"input": In(PACKETS), **outputs, "refused": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        packet = self.input.payload
        inside = Signal()
        chosen = Signal(range(len(self.channels) + 1))  # the last one: none
        for number, channel in enumerate(self.channels):
            output = getattr(self, name_of(channel))
            with m.If(inside & (chosen == number)):
                m.d.comb += [output.valid.eq(self.input.valid), self.input.ready.eq(output.ready)]
            m.d.comb += output.payload.eq(packet)
        with m.If(~inside):
            m.d.comb += self.input.ready.eq(1)
            with m.If(self.input.valid):
                m.d.sync += inside.eq(~packet.last)
                with m.Switch(packet.data):
                    for number, channel in enumerate(self.channels):
                        with m.Case(channel):
                            m.d.sync += chosen.eq(number)
                    with m.Default():
                        m.d.sync += chosen.eq(len(self.channels))
                        m.d.comb += self.refused.eq(1)
        with m.Else():
            with m.If(chosen == len(self.channels)):
                m.d.comb += self.input.ready.eq(1)
            with m.If(self.input.valid & self.input.ready & packet.last):
                m.d.sync += inside.eq(0)
        return m


class Merge(wiring.Component):
    """One stream of packets from several; where more than one waits, the first input goes first."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        super().__init__({"output": Out(PACKETS)} | {f"input{n}": In(PACKETS) for n in range(inputs)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        inputs = [getattr(self, f"input{number}") for number in range(self.inputs)]
        inside = Signal()
        chosen = Signal(range(self.inputs))
        payload = Array(each.payload.as_value() for each in inputs)[chosen]
        m.d.comb += self.output.payload.as_value().eq(payload)
        for number, each in enumerate(inputs):
            with m.If(inside & (chosen == number)):
                m.d.comb += [self.output.valid.eq(each.valid), each.ready.eq(self.output.ready)]
        with m.If(~inside):
            for number, each in reversed(list(enumerate(inputs))):
                with m.If(each.valid):
                    m.d.sync += [inside.eq(1), chosen.eq(number)]
        with m.Elif(self.output.valid & self.output.ready & self.output.payload.last):
            m.d.sync += inside.eq(0)
        return m


class Echo(wiring.Component):
    """Sends back what comes, the channel in front."""

    def __init__(self) -> None:
        super().__init__({"input": In(PACKETS), "output": Out(PACKETS)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        source, sink = self.input, self.output
        inside = Signal()
        m.d.comb += [
            sink.valid.eq(source.valid),
            source.ready.eq(inside & sink.ready),
            sink.payload.data.eq(Mux(inside, source.payload.data, Channel.ECHO)),
            sink.payload.last.eq(inside & source.payload.last),
        ]
        with m.If(sink.valid & sink.ready):
            m.d.sync += inside.eq(~sink.payload.last)
        return m


def name_of(channel: Channel) -> str:
    """What the port of a channel is called."""
    return channel.name.lower()


def component(part: tuple[Any, ...]) -> Any:
    """A part by the name of its class and its arguments, as `Mutant.component` makes it anew."""
    name, *arguments = part
    return {made.__name__: made for made in (Dispatch, Merge, Echo)}[name](*arguments)
