"""Linear-feedback shift register in hardware; what it gives is stated in `models/sc/lfsr.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal

from spikelock.models.sc.lfsr import CORE, Params

from ..fixed import next_state
from ..number_source import NumberSource


class LFSRSource(NumberSource):
    """Ports as declared in `models/sc/lfsr.py`; the state is the register, and the number."""

    def __init__(self, params: Params | None = None) -> None:
        super().__init__(CORE, params or Params())
        self.state = Signal(self.params.width)

    def first(self) -> Any:
        return Const(self.params.seed, self.params.width)

    def following(self, m: Module) -> Any:
        return next_state(self.params.generator, self.state)

    def restarted(self) -> Any:
        return Mux(self.registers.seed == 0, 1, self.registers.seed)


def component(params: Params) -> LFSRSource:
    """The component that embodies `sc.lfsr`."""
    return LFSRSource(params)
