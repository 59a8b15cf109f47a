"""One dimension of the Sobol sequence in hardware; what it gives is stated in `models/sc/sobol.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import data

from spikelock.models.sc.sobol import CORE, Params

from ..number_source import NumberSource


class Sobol(NumberSource):
    """Ports as declared in `models/sc/sobol.py`; the state is the number and its index in the sequence.

    The index has no highest bit: the last direction number is added wherever all lower bits are 1.
    """

    def __init__(self, params: Params | None = None) -> None:
        super().__init__(CORE, params or Params())
        self.places = self.params.width - 1
        self.state = Signal(data.StructLayout({"value": self.params.width, "index": self.places}))

    def first(self) -> Any:
        return Cat(Const(self.params.shift, self.params.width), Const(0, self.places))

    def following(self, m: Module) -> Any:
        """The lowest 0 of the index says which direction number is added; if there is none, the last is."""
        value, index, width = self.state.value, self.state.index, self.params.width
        carry = Signal(width)
        m.d.comb += carry.eq(Cat(Const(1, 1), *(index[: k + 1].all() for k in range(self.places))))
        flip = Const(0, width)
        for k, direction in enumerate(self.params.directions):
            lowest = carry[k] if k == self.places else carry[k] & ~index[k]
            flip = flip ^ (Const(direction, width) & lowest.replicate(width))
        return Cat(value ^ flip, (index + 1)[: self.places])

    def restarted(self) -> Any:
        return Cat(self.registers.shift, Const(0, self.places))

    def value(self) -> Any:
        return self.state.value


def component(params: Params) -> Sobol:
    """The component that embodies `sc.sobol`."""
    return Sobol(params)
