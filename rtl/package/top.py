"""A package: dies with clocks of their own, and the lanes of their bridges between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import DomainRenamer, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Member, Out

from spikelock.models.fabric.mesh import link_name
from spikelock.models.package.dies import Link, Params, outputs, pins

from ..ports import carried
from .die import Die


class Package(wiring.Component):
    """Ports as declared in `models/package/dies.py`. Each die's clock is the domain of its name.

    more: members besides, for lines that are told what to do. dies: some, in place of its own.
    """

    def __init__(
        self,
        params: Params,
        more: Mapping[str, Member] | None = None,
        dies: Mapping[str, Die] | None = None,
    ) -> None:
        self.params = params
        given = dies or {}
        self.dies = {name: given.get(name) or Die(params, name) for name in params.dies}
        members = {name: In(carried(port)) for name, port in pins(params).items()}
        members |= more or {}
        super().__init__(members | {name: Out(carried(port)) for name, port in outputs(params).items()})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        for name, die in self.dies.items():
            forwarded = {f"line_{link_name(*link)}": params.die_of(params.lines[link][0]) for link in die.cut}
            m.submodules[name] = DomainRenamer({"sync": name, **forwarded})(die)
            wiring.connect(m, wiring.flipped(getattr(self, f"{name}_load")), die.load)
            m.d.comb += [
                die.registers.eq(getattr(self, f"{name}_registers")),
                getattr(self, f"{name}_counters").eq(die.counters),
                getattr(self, f"{name}_bridges").eq(die.bridges),
            ]
            if params.gated:
                m.d.comb += [
                    die.gate_control.eq(getattr(self, f"{name}_gate_control")),
                    getattr(self, f"{name}_gate_status").eq(die.gate_status),
                    die.powered.eq(die.power),  # a supply without delay
                ]
        host = self.dies[params.host]
        wiring.connect(m, wiring.flipped(self.input), host.input)
        wiring.connect(m, host.output, wiring.flipped(self.output))
        for source, target in params.lines.items():
            here, there = params.die_of(source[0]), params.die_of(target[0])
            sent = getattr(self.dies[here], f"to_line_{link_name(*source)}")
            taken, runs = (
                getattr(self.dies[there], name + link_name(*target)) for name in ("from_line_", "runs_")
            )
            self._line(m, source, sent, taken, runs)
        return m

    def _line(self, m: Module, source: Link, sent: Any, taken: Any, runs: Any) -> None:
        """The lanes of one direction, from the die that sends, at its clock."""
        m.d.comb += [taken.eq(sent), runs.eq(1)]
