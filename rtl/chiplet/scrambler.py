"""Scrambler and descrambler in hardware. The stream is stated in `models/chiplet/scrambler.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.scrambler import CORE, DEGREE, Params

from ..ports import signature

ONES = (1 << DEGREE) - 1


def following(known: Any, count: int) -> Any:
    """The next `count` bits of the stream after `known`, whose bit 0 is the oldest."""
    stream = [1 << place for place in range(DEGREE)]  # of which bits of `known` each is the sum
    for _ in range(count):
        stream.append(stream[-3] ^ stream[-4] ^ stream[-5] ^ stream[-16])
    return Cat((known & part_of).xor() for part_of in stream[DEGREE:])


class Scrambler(wiring.Component):
    """line: `data` scrambled, or, with `seed`, the stream itself. step: to the next beat."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__({"data": In(width), "seed": In(1), "step": In(1), "line": Out(width)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        known = Signal(DEGREE, init=ONES)
        stream = following(known, self.width)
        m.d.comb += self.line.eq(Mux(self.seed, 0, self.data) ^ stream)
        with m.If(self.step):
            m.d.sync += known.eq(Cat(known, stream)[-DEGREE:])
        return m


class Descrambler(wiring.Component):
    """data: what was scrambled, once the beats with `seed` have told the stream. step: to the next beat."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__({"line": In(width), "seed": In(1), "step": In(1), "data": Out(width)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        known = Signal(DEGREE, init=ONES)
        stream = Signal(self.width)
        m.d.comb += [
            stream.eq(Mux(self.seed, self.line, following(known, self.width))),
            self.data.eq(self.line ^ stream),
        ]
        with m.If(self.step):
            m.d.sync += known.eq(Cat(known, stream)[-DEGREE:])
        return m


class ThereAndBack(wiring.Component):
    """Ports as declared in `models/chiplet/scrambler.py`: both ends, and a line that does what beats say."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.scrambler = scrambler = Scrambler(self.params.width)
        m.submodules.descrambler = descrambler = Descrambler(self.params.width)
        sent, passes = self.input.payload, self.input.valid & self.output.ready
        m.d.comb += [
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
            scrambler.data.eq(sent.data),
            scrambler.seed.eq(sent.seed),
            scrambler.step.eq(passes),
            descrambler.line.eq(scrambler.line ^ sent.flips),
            descrambler.seed.eq(sent.seed),
            descrambler.step.eq(passes & ~sent.lost),
            self.output.payload.line.eq(scrambler.line),
            self.output.payload.data.eq(Mux(sent.lost, Const(0, self.params.width), descrambler.data)),
        ]
        return m


def component(params: Params) -> ThereAndBack:
    """The component that embodies `chiplet.scrambler`."""
    return ThereAndBack(params)
