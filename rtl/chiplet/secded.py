"""SECDED in hardware: an encoder, a decoder, and the two joined by a line; all pure logic.

The code is stated in `models/chiplet/secded.py`.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.chiplet.secded import CORE, Params

from ..ports import signature


def columns(params: Params) -> list[int]:
    """For each bit of a word, which check bits it is part of."""
    numbers = sorted(range(1 << params.check_bits), key=lambda number: (number.bit_count(), number))
    return [number for number in numbers if number.bit_count() % 2 and number.bit_count() > 1][: params.width]


def parity(params: Params, word: Any) -> Any:
    """The check bits of a word."""
    bits = range(params.check_bits)
    return Cat(
        Cat(word[place] for place, column in enumerate(columns(params)) if column >> bit & 1).xor()
        for bit in bits
    )


class Encoder(wiring.Component):
    """check: the check bits of `data`."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__({"data": In(params.width), "check": Out(params.check_bits)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.check.eq(parity(self.params, self.data))
        return m


class Decoder(wiring.Component):
    """output: `data`, with the bit put right that `check` says is wrong, if it is one."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "data": In(params.width),
                "check": In(params.check_bits),
                "output": Out(params.width),
                "corrected": Out(1),
                "uncorrectable": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        syndrome = Signal(self.params.check_bits)
        wrong = Signal(self.params.width)
        of_check = Cat(syndrome == 1 << bit for bit in range(self.params.check_bits))
        m.d.comb += [
            syndrome.eq(parity(self.params, self.data) ^ self.check),
            wrong.eq(Cat(syndrome == column for column in columns(self.params))),
            self.output.eq(self.data ^ wrong),
            self.corrected.eq(wrong.any() | of_check.any()),
            self.uncorrectable.eq(syndrome.any() & ~self.corrected),
        ]
        return m


class ThereAndBack(wiring.Component):
    """Ports as declared in `models/chiplet/secded.py`: an encoder, a line that changes bits, a decoder."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.encoder = encoder = Encoder(self.params)
        m.submodules.decoder = decoder = Decoder(self.params)
        sent, came = self.input.payload, self.output.payload
        m.d.comb += [
            self.output.valid.eq(self.input.valid),
            self.input.ready.eq(self.output.ready),
            encoder.data.eq(sent.data),
            decoder.data.eq(sent.data ^ sent.flips),
            decoder.check.eq(encoder.check ^ sent.check_flips),
            came.data.eq(decoder.output),
            came.check.eq(encoder.check),
            came.corrected.eq(decoder.corrected),
            came.uncorrectable.eq(decoder.uncorrectable),
        ]
        return m


def component(params: Params) -> ThereAndBack:
    """The component that embodies `chiplet.secded`."""
    return ThereAndBack(params)
