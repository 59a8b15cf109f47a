"""A package whose lines between dies have errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import DomainRenamer, Module
from amaranth.lib.wiring import In

from spikelock.models.package.dies import Params
from spikelock.models.ports import Port
from spikelock.rtl.package.die import Die
from spikelock.rtl.package.top import Package
from spikelock.rtl.ports import carried

from .chiplet.noisy_bridges import RATE_BITS, RATES, NoisyLanes


def noise_port(params: Params) -> Port:
    """How often lines have errors: `RATES`, of all of them alike."""
    rates = {name: q for name, q in RATES.fields.items() if not name.startswith("dead")}
    return Port(rates, kind="level", clock=params.host)


def noise(params: Params, bit_errors: float) -> Mapping[str, int]:
    """Values of `noise_port`. A wire is drawn twice a beat, of all that a line has."""
    framing = params.bridge.framing
    wires = framing.lanes + framing.check_lanes + 1
    return {"bit_errors": round(bit_errors * wires / 2 * (1 << RATE_BITS)), "bursts": 0, "stops": 0}


class NoisyPackage(Package):
    """A package with one more input, `noise`."""

    _lines = 0

    def __init__(self, params: Params, dies: Mapping[str, Die] | None = None) -> None:
        super().__init__(params, {"noise": In(carried(noise_port(params)))}, dies)

    def _line(self, m: Module, clock: str, sent: Any, taken: Any, runs: Any) -> None:
        number = self._lines = self._lines + 1
        lanes = NoisyLanes(sent.shape(), number)
        m.submodules[f"lanes{number}"] = DomainRenamer(clock)(lanes)
        for name in self.noise.shape().members:
            m.d.comb += lanes.rates[name].eq(self.noise[name])
        m.d.comb += [lanes.input.eq(sent), taken.eq(lanes.output), runs.eq(lanes.runs)]
