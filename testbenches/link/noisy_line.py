"""Two endpoints at the ends of a line of bytes that is as bad as it is told to be: hardware for a soak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.fixed import unsigned
from spikelock.models.link import frame_decoder, frame_encoder
from spikelock.models.link.endpoint import HEADER, Fault, Params, Role, packets
from spikelock.models.link.protocol import CRC_BYTES
from spikelock.models.ports import Port
from spikelock.rtl.faulty_line import FaultyLine
from spikelock.rtl.link.endpoint import component
from spikelock.rtl.link.frame_decoder import FrameDecoder
from spikelock.rtl.link.frame_encoder import FrameEncoder
from spikelock.rtl.ports import carried

FAULTS = ("loss", "duplication", "reordering", "stalls", "bit_errors", "truncation", "disconnects")
RATES = Port({name: unsigned(16) for name in FAULTS}, kind="level")
"""How often each fault happens, in 1/65,536: the first four to frames, the others to bytes."""

COUNTS = Port(
    {name: unsigned(32) for name in ("frames", "dropped", "replays", "ignored", *FAULTS)}, kind="level"
)
"""Frames sent to the line; what decoders dropped; what both endpoints counted; faults of the line."""

DEAD = 1000
"""Cycles for which a line is disconnected."""

CODE_AND_DELIMITER = 2


def xorshift(m: Module, seed: int) -> Signal:
    """Random bits, 32 a cycle: the generator of Marsaglia (2003), doi:10.18637/jss.v008.i14."""
    state = Signal(32, init=seed)
    first = state ^ (state << 13)[:32]
    second = first ^ (first >> 17)
    m.d.sync += state.eq(second ^ (second << 5)[:32])
    return state


def chosen(m: Module, draw: Any, rates: Any, names: Sequence[str]) -> Signal:
    """A bit for each fault: one of them is set, each as likely as its rate says, or none."""
    bits = Signal(len(names))
    below: Any = 0
    for bit, name in enumerate(names):
        m.d.comb += bits[bit].eq((draw >= below) & (draw < below + rates[name]))
        below = below + rates[name]
    return bits


class NoisyLine(wiring.Component):
    """Bytes in one direction. happens: a bit for each of `FAULTS`."""

    def __init__(self, longest: int, seed: int) -> None:
        self.longest, self.seed = longest, seed
        byte = stream.Signature(data.StructLayout({"data": 8}))
        members = {
            "input": In(byte),
            "output": Out(byte),
            "rates": In(carried(RATES)),
            "happens": Out(len(FAULTS)),
        }
        super().__init__(members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        shape = data.StructLayout({"data": 8, "last": 1})
        m.submodules.frames = frames = FaultyLine(shape, self.longest)
        draw, more = xorshift(m, self.seed), xorshift(m, self.seed ^ 0x5EED)
        to_frame, to_byte = (
            chosen(m, draw[:16], self.rates, FAULTS[:4]),
            chosen(m, draw[16:], self.rates, FAULTS[4:]),
        )
        flips, cuts, dies = to_byte
        cut, dead = Signal(), Signal(range(DEAD + 1))
        beat, free = frames.output.payload, ~self.output.valid | self.output.ready
        takes = frames.output.valid & free
        m.d.comb += [
            frames.input.valid.eq(self.input.valid),
            frames.input.payload.data.eq(self.input.payload.data),
            frames.input.payload.last.eq(self.input.payload.data == 0),
            self.input.ready.eq(frames.input.ready),
            frames.faults.valid.eq(1),
            frames.output.ready.eq(free),
            self.happens[:4].eq(Mux(frames.faults.ready & frames.input.valid, to_frame, 0)),
            self.happens[4:].eq(Mux(takes, to_byte, 0)),
        ]
        for bit, fault in zip(to_frame, (Fault.DROP, Fault.DOUBLE, Fault.HOLD, Fault.STALL), strict=True):
            with m.If(bit):
                m.d.comb += frames.faults.payload.fault.eq(fault)
        with m.If(dead != 0):
            m.d.sync += dead.eq(dead - 1)
        with m.If(self.output.ready):
            m.d.sync += self.output.valid.eq(0)
        with m.If(takes):
            lost = (cut & ~(beat.last & more[8])) | (dead != 0) | cuts | dies
            m.d.sync += [
                self.output.valid.eq(~lost),
                self.output.payload.data.eq(Mux(flips, beat.data ^ (1 << more[:3]), beat.data)),
                cut.eq((cut | cuts) & ~beat.last),
            ]
            with m.If(dies):
                m.d.sync += dead.eq(DEAD)
        return m


class NoisyLink(wiring.Component):
    """A host and a board, each behind its frame encoder and decoder. board: in place of the core's own."""

    def __init__(self, params: Params, board: Any = None) -> None:
        self.params, self.board = params, board
        ports = {"to_board": packets(params), "to_host": packets(params), "rates": RATES}
        self.inputs: Mapping[str, Port] = ports
        self.outputs = {"at_board": packets(params), "at_host": packets(params), "counts": COUNTS}
        members = {name: In(carried(port)) for name, port in self.inputs.items()}
        super().__init__(members | {name: Out(carried(port)) for name, port in self.outputs.items()})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        longest = self.params.longest + HEADER
        m.submodules.host = host = component(replace(self.params, role=Role.HOST))
        m.submodules.board = board = self.board or component(replace(self.params, role=Role.BOARD))
        counts = self.counts
        m.d.comb += [
            counts.replays.eq(host.counters.replays + board.counters.replays),
            counts.ignored.eq(host.counters.ignored + board.counters.ignored),
        ]
        lines, ended, dropped = [], [], []
        for name, sender, receiver, seed in (("down", host, board, 1), ("up", board, host, 2)):
            encoder = FrameEncoder(frame_encoder.Params(longest=longest))
            line = NoisyLine(longest + CRC_BYTES + CODE_AND_DELIMITER, seed)
            decoder = FrameDecoder(frame_decoder.Params(longest=longest))
            parts = {"encoder": encoder, "line": line, "decoder": decoder}
            for part, submodule in parts.items():
                m.submodules[f"{part}_{name}"] = submodule
            wiring.connect(m, sender.outgoing, encoder.input)
            wiring.connect(m, encoder.output, line.input)
            wiring.connect(m, line.output, decoder.input)
            wiring.connect(m, decoder.output, receiver.incoming)
            m.d.comb += [line.rates.eq(self.rates), encoder.dropped.ready.eq(1), decoder.dropped.ready.eq(1)]
            lines.append(line)
            ended.append(line.input.valid & line.input.ready & (line.input.payload.data == 0))
            dropped.append(decoder.dropped.valid)
        for bit, name in enumerate(FAULTS):
            happened = sum(line.happens[bit] for line in lines)
            m.d.sync += counts[name].eq(counts[name] + happened)
        m.d.sync += [
            counts.frames.eq(counts.frames + ended[0] + ended[1]),
            counts.dropped.eq(counts.dropped + dropped[0] + dropped[1]),
        ]
        wiring.connect(m, wiring.flipped(self.to_board), host.send)
        wiring.connect(m, wiring.flipped(self.to_host), board.send)
        wiring.connect(m, host.receive, wiring.flipped(self.at_host))
        wiring.connect(m, board.receive, wiring.flipped(self.at_board))
        return m
