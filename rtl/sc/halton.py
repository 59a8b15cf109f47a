"""One dimension of the Halton sequence in hardware; what it gives is stated in `models/sc/halton.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data

from spikelock.models.sc.halton import CORE, Params

from ..number_source import NumberSource


class Halton(NumberSource):
    """Ports as declared in `models/sc/halton.py`; the state is a counter of digits."""

    def __init__(self, params: Params | None = None) -> None:
        super().__init__(CORE, params or Params())
        bits = (self.params.base - 1).bit_length()
        self.state = Signal(data.ArrayLayout(bits, len(self.params.weights)))

    def first(self) -> Any:
        return Const(0, len(self.state.as_value()))

    def following(self, m: Module) -> Any:
        """One more: the lowest digit that is not the last one grows, those below begin anew."""
        carry: Any = Const(1, 1)
        digits = []
        for digit in self.state:
            last = digit == self.params.base - 1
            digits.append(Mux(carry, Mux(last, 0, digit + 1), digit)[: len(digit)])
            carry = carry & last
        return Cat(digits)

    def restarted(self) -> Any:
        return self.first()

    def value(self) -> Any:
        return sum(
            (digit * weight for digit, weight in zip(self.state, self.params.weights, strict=True)), Const(0)
        )


def component(params: Params) -> Halton:
    """The component that embodies `sc.halton`."""
    return Halton(params)
