"""A counter in hardware; what it gives is stated in `models/sc/counter.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal

from spikelock.models.sc.counter import CORE, Params

from ..number_source import NumberSource


class Counter(NumberSource):
    """Ports as declared in `models/sc/counter.py`; the state is the number."""

    def __init__(self, params: Params | None = None) -> None:
        super().__init__(CORE, params or Params())
        self.state = Signal(self.params.width)

    def first(self) -> Any:
        return Const(self.params.start, self.params.width)

    def following(self, m: Module) -> Any:
        return self.state + 1

    def restarted(self) -> Any:
        return self.registers.start


def component(params: Params) -> Counter:
    """The component that embodies `sc.counter`."""
    return Counter(params)
