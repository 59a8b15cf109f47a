"""A package whose lines between dies have errors, and of which one link can be cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import Assert, Cat, DomainRenamer, Module, Signal
from amaranth.lib.wiring import In, Out

from spikelock.models.fabric.mesh import link_name
from spikelock.models.package.dies import Link, Params
from spikelock.models.ports import Port
from spikelock.rtl.package.die import Die
from spikelock.rtl.package.gated import Gated
from spikelock.rtl.package.top import Package
from spikelock.rtl.ports import carried

from .chiplet.noisy_bridges import RATE_BITS, RATES, NoisyLanes
from .cut_ports import COUNT_BITS, cut_port, links, logs


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
    """A package with two more inputs, `noise` and `cut`, and the outputs of `logs`."""

    def __init__(self, params: Params, dies: Mapping[str, Die] | None = None) -> None:
        more = {"noise": In(carried(noise_port(params))), "cut": In(carried(cut_port(params)))}
        more |= {name: Out(carried(port)) for name, port in logs(params).items()}
        super().__init__(params, more, dies)

    def elaborate(self, platform: Any) -> Module:
        self._is_due = Signal()
        m = super().elaborate(platform)
        self._count_to_the_cut(m)
        for name, die in self.dies.items():
            self._log(m, name, die)
            if self.params.gated:
                _watch_idle(m, name, die.mesh)
        return m

    def _count_to_the_cut(self, m: Module) -> None:
        count = Signal(COUNT_BITS)
        m.d.comb += self._is_due.eq(count >= self.cut.cycle)
        with m.If(~self._is_due & ((count != 0) | (self.input.valid & self.input.ready))):
            m.d[self.params.host] += count.eq(count + 1)

    def _log(self, m: Module, name: str, die: Die) -> None:
        log = getattr(self, f"{name}_log")
        cycles = Signal(COUNT_BITS, reset_less=True)
        m.d[name] += cycles.eq(cycles + 1)
        m.d.comb += log.cycles.eq(cycles)
        for link in die.cut:
            up, was_up, down = die.bridges[f"{link_name(*link)}_up"], Signal(), Signal(COUNT_BITS)
            m.d[name] += was_up.eq(up)
            with m.If(was_up & ~up):
                m.d[name] += down.eq(cycles)
            m.d.comb += log[f"{link_name(*link)}_down"].eq(down)

    def _line(self, m: Module, source: Link, sent: Any, taken: Any, runs: Any) -> None:
        params = self.params
        number = 1 + list(params.lines).index(source)
        end = source if source in links(params) else params.lines[source]
        lanes = NoisyLanes(sent.shape(), number)
        m.submodules[f"lanes{number}"] = DomainRenamer(params.die_of(source[0]))(lanes)
        for name in self.noise.shape().members:
            m.d.comb += lanes.rates[name].eq(self.noise[name])
        m.d.comb += [
            lanes.dead.eq(self._is_due & self.cut[link_name(*end)]),
            lanes.input.eq(sent),
            taken.eq(lanes.output),
            runs.eq(lanes.runs),
        ]


def _watch_idle(m: Module, name: str, gated: Gated) -> None:
    """A die that is idle offers nothing, and stays idle until something comes."""
    core, told = gated.core, gated.gate.control
    inward, outward = ([getattr(core, name) for name in names] for names in (gated.inward, gated.outward))
    enters = told.clock & Cat(stream.valid & stream.ready for stream in inward).any()
    offers = Cat(stream.valid for stream in outward).any()
    rests = Signal(name=f"{name}_rests")
    m.d[name] += rests.eq(core.idle & ~enters & ~told.reset)
    m.d.comb += [Assert(told.isolate | ~(core.idle & offers)), Assert(~rests | core.idle)]
