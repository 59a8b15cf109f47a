"""Flits on the lanes of a line and off them, in hardware: transmitter, receiver, and both joined by a line.

What a flit looks like is stated in `models/chiplet/framing.py`.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.framing import CORE, Drop, Params

from ..ports import signature
from .scrambler import Descrambler, Scrambler
from .secded import Decoder, Encoder


def beat_layout(params: Params) -> data.StructLayout:
    """What the lanes have in one cycle of the forwarded clock."""
    return data.StructLayout({"data": params.lanes, "check": params.check_lanes, "frame": 1})


class Transmitter(wiring.Component):
    """Sends flits, a beat a cycle and one behind the other as long as there is one to send.

    sending: `beat` is one of a flit. place: which of its beats.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "input": In(stream.Signature(params.width)),
                "beat": Out(beat_layout(params)),
                "sending": Out(1),
                "place": Out(range(params.beats)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, lanes = self.params, self.params.lanes
        m.submodules.crc = crc = CRC32_ISO_HDLC(data_width=lanes).create()
        body = Signal(params.body_beats * lanes)
        plain = Signal(lanes)  # before it is scrambled
        place, before = self.place, params.seed_beats + params.body_beats
        in_body = Signal()
        takes = Signal()
        m.d.comb += [
            in_body.eq(self.sending & (place >= params.seed_beats) & (place < before)),
            self.input.ready.eq(~self.sending | (place == params.beats - 1)),
            takes.eq(self.input.valid & self.input.ready),
            crc.data.eq(body[:lanes]),
            crc.valid.eq(in_body),
            crc.start.eq(takes),
            self.beat.frame.eq(self.sending & (place == 0)),
        ]
        with m.If(in_body):
            m.d.comb += plain.eq(body[:lanes])
        with m.Elif(place >= before):
            m.d.comb += plain.eq(crc.crc.word_select((place - before)[: len(place)], lanes))
        with m.If(place >= params.seed_beats):
            m.d.sync += body.eq(body >> lanes)
        with m.If(self.sending):
            m.d.sync += place.eq(place + 1)
        with m.If(self.input.ready):
            m.d.sync += [self.sending.eq(self.input.valid), place.eq(0)]
        with m.If(takes):
            m.d.sync += body.eq(self.input.payload)

        m.d.comb += self.beat.data.eq(plain)
        if params.scrambled:
            m.submodules.scrambler = scrambler = Scrambler(lanes)
            m.d.comb += [
                scrambler.data.eq(plain),
                scrambler.seed.eq(place < params.seed_beats),
                scrambler.step.eq(self.sending),
                self.beat.data.eq(scrambler.line),
            ]
        if params.protected:
            m.submodules.encoder = encoder = Encoder(params.code)
            m.d.comb += [encoder.data.eq(self.beat.data), self.beat.check.eq(encoder.check)]
        return m


class Receiver(wiring.Component):
    """Finds flits and checks them. step: `beat` is one.

    arrives: `body` is that of a good flit, in this cycle only; `corrected`, if a lane was put right in it.
    drops: one is not, and why.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "beat": In(beat_layout(params)),
                "step": In(1),
                "body": Out(params.width),
                "corrected": Out(1),
                "arrives": Out(1),
                "drops": Out(1),
                "reason": Out(Drop),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, lanes = self.params, self.params.lanes
        m.submodules.crc = crc = CRC32_ISO_HDLC(data_width=lanes).create()
        body = Signal(params.body_beats * lanes)
        line = Signal(lanes)  # what came, put right
        plain = Signal(lanes)
        corrected = Signal()
        beyond = Signal()  # more is wrong than can be put right
        begun = Signal()
        upcoming = Signal(range(params.beats))
        place = Signal(range(params.beats))
        belongs = Signal()  # to a flit
        whole = Signal()  # the last beat of a flit was the one before
        was_corrected = Signal()
        was_beyond = Signal()

        m.d.comb += [line.eq(self.beat.data), plain.eq(line)]
        if params.protected:
            m.submodules.decoder = decoder = Decoder(params.code)
            m.d.comb += [
                decoder.data.eq(self.beat.data),
                decoder.check.eq(self.beat.check),
                line.eq(decoder.output),
                corrected.eq(decoder.corrected),
                beyond.eq(decoder.uncorrectable),
            ]
        m.d.comb += [
            place.eq(Mux(self.beat.frame, 0, upcoming)),
            belongs.eq(self.step & (begun | self.beat.frame)),
        ]
        if params.scrambled:
            m.submodules.descrambler = descrambler = Descrambler(lanes)
            m.d.comb += [
                descrambler.line.eq(line),
                descrambler.seed.eq(belongs & (place < params.seed_beats)),
                descrambler.step.eq(self.step),
                plain.eq(descrambler.data),
            ]
        m.d.comb += [
            crc.data.eq(plain),
            crc.start.eq(self.step & self.beat.frame),
            crc.valid.eq(belongs & (place >= params.seed_beats)),
        ]
        with m.If(belongs):
            m.d.sync += [
                begun.eq(place != params.beats - 1),
                upcoming.eq(place + 1),
                was_corrected.eq(corrected | (was_corrected & ~self.beat.frame)),
                was_beyond.eq(beyond | (was_beyond & ~self.beat.frame)),
            ]
            with m.If((place >= params.seed_beats) & (place < params.seed_beats + params.body_beats)):
                m.d.sync += body.eq(Cat(body, plain)[lanes:])
        m.d.sync += whole.eq(belongs & (place == params.beats - 1))

        cut = self.step & self.beat.frame & begun
        good = crc.match_detected & ~was_beyond
        m.d.comb += [
            self.body.eq(body),
            self.corrected.eq(was_corrected),
            self.arrives.eq(whole & good),
            self.drops.eq((whole & ~good) | cut),
            self.reason.eq(Mux(cut, Drop.CUT_SHORT, Mux(was_beyond, Drop.UNCORRECTABLE, Drop.WRONG_CRC))),
        ]
        return m


PLACES = 2
"""For bodies at the end of the joined line."""


class ThereAndBack(wiring.Component):
    """Ports as declared in `models/chiplet/framing.py`: both ends, and a line that does what flits say.

    A flit may be cut short in each of its beats. It begins when the one before is sent, and when all that is
    known by then of those before has left.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, sent = self.params, self.input.payload
        m.submodules.transmitter = transmitter = Transmitter(params)
        m.submodules.receiver = receiver = Receiver(params)
        m.submodules.bodies = bodies = SyncFIFO(width=len(Cat(self.output.payload)), depth=PLACES)
        m.submodules.reasons = reasons = SyncFIFO(width=len(receiver.reason), depth=params.beats + PLACES)
        room = Signal()
        fault = Signal.like(sent)
        m.d.comb += [
            room.eq((bodies.level == 0) & (reasons.level == 0) & ~transmitter.sending),
            transmitter.input.payload.eq(sent.body),
            transmitter.input.valid.eq(self.input.valid & room),
            self.input.ready.eq(transmitter.input.ready & room),
        ]
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += fault.eq(sent)

        came = Signal(beat_layout(params))
        place = transmitter.place
        befallen = (place >= fault.at) & (place < fault.at + fault.length)
        check_flips = fault.check_flips if params.protected else Const(0, 0)
        changed = Cat(fault.flips, check_flips, fault.frame_flip)
        m.d.comb += [
            came.eq(transmitter.beat.as_value() ^ Mux(befallen, changed, 0)),
            receiver.beat.eq(came),
            receiver.step.eq(transmitter.sending),
        ]
        body = {"body": receiver.body} | ({"corrected": receiver.corrected} if params.protected else {})
        m.d.comb += [
            bodies.w_data.eq(Cat(body.values())),
            bodies.w_en.eq(receiver.arrives),
            self.output.payload.eq(bodies.r_data),
            self.output.valid.eq(bodies.r_rdy),
            bodies.r_en.eq(self.output.ready),
            reasons.w_data.eq(receiver.reason),
            reasons.w_en.eq(receiver.drops),
            self.dropped.payload.eq(reasons.r_data),
            self.dropped.valid.eq(reasons.r_rdy),
            reasons.r_en.eq(self.dropped.ready),
        ]
        return m


def component(params: Params) -> ThereAndBack:
    """The component that embodies `chiplet.framing`."""
    return ThereAndBack(params)
