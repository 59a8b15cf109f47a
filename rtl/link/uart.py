"""A UART in hardware, at bit level: transmitter, receiver, and the two joined by a line.

Bits are timed by a phase that gains `step` in each clock cycle and turns over once a bit: so a bit lasts 25/3
clock cycles on average where that is what a clock of 25 MHz and 3 Mbaud need.
"""

from __future__ import annotations

from math import gcd
from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from spikelock.models.link.protocol import byte_stream
from spikelock.models.link.uart import CORE, Event, Params

from ..fixed import layout
from ..ports import signature

PRECISION = 10
"""Bits of a step, at least: so the baud rate is off by 0.05 % at most."""


class Phase(wiring.Component):
    """The phase of a bit. restart: it begins anew. At `turn` a bit ends.

    start: the phase at the beginning, in cycles and bits.
    """

    def __init__(self, clock: int, baud: int, start_bits: float = 0.0, start_cycles: int = 0) -> None:
        bit = 1 << PRECISION + (clock // baud).bit_length()
        step = round(bit * baud / clock)
        start = round(start_bits * bit) + start_cycles * step
        unit = gcd(bit, step, start)  # bits that are always 0 are left out
        self.width, self.step, self.start = (bit // unit).bit_length() - 1, step // unit, start // unit
        super().__init__({"restart": In(1), "turn": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        phase = Signal(self.width, reset_less=True)
        following = Signal(self.width + 1)
        m.d.comb += [following.eq(phase + self.step), self.turn.eq(following[-1])]
        m.d.sync += phase.eq(following)
        with m.If(self.restart):
            m.d.sync += phase.eq(self.start)
        return m


class Transmitter(wiring.Component):
    """Sends bytes at the pin `tx`, characters right after one another where bytes are there in time.

    idle: there is no character on the line. stops: its stop bit is.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "input": In(stream.Signature(layout(byte_stream()))),
                "tx": Out(1, init=1),
                "idle": Out(1, init=1),
                "stops": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        baud = self.params.transmitter_baud or self.params.baud
        m.submodules.phase = phase = Phase(self.params.clock, baud)
        following = Signal(9)  # bits of data, and the stop bit
        ends = Signal()
        m.d.comb += [
            ends.eq(following == 0),
            self.stops.eq(ends & ~self.idle),
            self.input.ready.eq(self.idle | (ends & phase.turn)),
            phase.restart.eq(self.idle),
        ]
        with m.If(phase.turn):
            with m.If(ends):
                m.d.sync += self.idle.eq(1)
            with m.Else():
                m.d.sync += [self.tx.eq(following[0]), following.eq(following[1:])]
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [self.idle.eq(0), self.tx.eq(0), following.eq(Cat(self.input.payload.data, Const(1)))]
        return m


class Receiver(wiring.Component):
    """Receives bytes at the pin `rx`, which need not be synchronous to the clock.

    A character begins when the line falls, and is dropped as a glitch where it is not low half a bit later,
    too. Each bit is read at its middle. framing_error: for a cycle, where there is no stop bit; there is no
    byte then, and the line must be high before another begins. overrun: for a cycle, when a byte came while
    the one before still waited; it is lost.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "rx": In(1, init=1),
                "output": Out(stream.Signature(layout(byte_stream()))),
                "framing_error": Out(1),
                "overrun": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        line = Signal(init=1)
        m.submodules.synchroniser = FFSynchronizer(self.rx, line, init=1, reset_less=False)
        # The line falls a cycle before that is seen, and up to another one before it is sampled.
        m.submodules.phase = phase = Phase(self.params.clock, self.params.baud, 0.5, 1)
        bits = Signal(8, reset_less=True)  # a 1 goes before them
        with m.If(self.output.ready):
            m.d.sync += self.output.valid.eq(0)

        with m.FSM(init="BREAK"):
            with m.State("BREAK"), m.If(line):
                m.next = "IDLE"

            with m.State("IDLE"):
                m.d.comb += phase.restart.eq(1)
                m.d.sync += bits.eq(0x80)
                with m.If(~line):
                    m.next = "START"

            with m.State("START"), m.If(phase.turn):
                m.next = "DATA"
                with m.If(line):
                    m.next = "IDLE"

            with m.State("DATA"), m.If(phase.turn):
                m.d.sync += bits.eq(Cat(bits[1:], line))
                with m.If(bits[0]):
                    m.next = "STOP"

            with m.State("STOP"), m.If(phase.turn):
                with m.If(~line):
                    m.d.comb += self.framing_error.eq(1)
                    m.next = "BREAK"
                with m.Else():
                    m.next = "IDLE"
                    with m.If(self.output.valid & ~self.output.ready):
                        m.d.comb += self.overrun.eq(1)
                    with m.Else():
                        m.d.sync += [self.output.valid.eq(1), self.output.payload.data.eq(bits)]
        return m


class LoopBack(wiring.Component):
    """A transmitter and a receiver joined by a line, ports as declared in `models/link/uart.py`.

    A damaged character is not followed at once by the next: the line must be high before a start bit can be
    told. A character begins when the events of those before have left, but for what comes of the stop bit
    before it.
    """

    EVENTS = 3
    """That wait, at most: an overrun of the character before, a byte that waited, and this character's."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.transmitter = transmitter = Transmitter(self.params)
        m.submodules.receiver = receiver = Receiver(self.params)
        m.submodules.events = events = SyncFIFO(width=len(self.output.payload.as_value()), depth=self.EVENTS)
        damaged = Signal(reset_less=True)  # nothing asks for these before a character sets them
        held_next = Signal(reset_less=True)
        held = Signal(reset_less=True)
        accepted = Signal()
        m.d.comb += [
            transmitter.input.payload.data.eq(self.input.payload.data),
            transmitter.input.valid.eq(self.input.valid & self.input.ready),
            self.input.ready.eq(transmitter.input.ready & ~events.r_rdy & ~(damaged & ~transmitter.idle)),
            accepted.eq(self.input.valid & self.input.ready),
            receiver.rx.eq(transmitter.tx & ~(damaged & transmitter.stops)),
            receiver.output.ready.eq(~held),
            self.output.valid.eq(events.r_rdy),
            self.output.payload.eq(events.r_data),
            events.r_en.eq(self.output.ready),
        ]
        with m.If(accepted):
            m.d.sync += [damaged.eq(self.input.payload.damaged), held_next.eq(self.input.payload.held)]
        # By then the receiver has done with the character before, and has not yet read this one's stop bit.
        with m.If(transmitter.stops):
            m.d.sync += held.eq(held_next)

        event = Signal.like(self.output.payload)
        m.d.comb += events.w_data.eq(event)
        with m.If(receiver.framing_error):
            m.d.comb += [events.w_en.eq(1), event.kind.eq(Event.FRAMING_ERROR)]
        with m.Elif(receiver.overrun):
            m.d.comb += [events.w_en.eq(1), event.kind.eq(Event.OVERRUN)]
        with m.Elif(receiver.output.valid & ~held):
            m.d.comb += [events.w_en.eq(1), event.data.eq(receiver.output.payload.data)]
        return m


def component(params: Params) -> LoopBack:
    """The component that embodies `link.uart`: all of it, judged by what comes round."""
    return LoopBack(params)
