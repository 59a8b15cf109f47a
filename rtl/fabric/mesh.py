"""Routers and nodes, joined by wires: a mesh, or what a die has of one; see `models/fabric/mesh.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from spikelock.models.aer.router import counters as router_counters
from spikelock.models.fabric.mesh import CORE, Params, counters, link_name, prefix
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.mapping.machine import OPPOSITE
from spikelock.models.network.mapping.machine import Port as RouterPort
from spikelock.models.ports import Records

from ..aer.router import Router
from ..counter_stream import CounterStream
from ..distributor import Distributor
from ..ports import signature
from .node import Node


class Mesh(wiring.Component):
    """Ports as declared in `models/fabric/mesh.py`; `load` reaches all memories and is always ready.

    contents: what the memories of tiles hold from power-up, as in `Tile`. shows_idle: adds the output `idle`:
    it holds nothing but marks that wait for others, and does nothing before something comes.
    """

    def __init__(
        self,
        params: Params | None = None,
        contents: Mapping[str, Records] | None = None,
        *,
        shows_idle: bool = False,
    ) -> None:
        self.params = params or Params()
        self.contents = contents or {}
        self.shows_idle = shows_idle
        here = self.params.here
        self.routers = {n: Router(self.params.routers[n], shows_idle=shows_idle) for n in here}
        self.nodes = {
            n: Node(sizes, self._contents_of(n), shows_idle=shows_idle)
            for n, sizes in self.params.nodes.items()
            if n in here
        }
        super().__init__(signature(CORE, self.params) | ({"idle": Out(1)} if shows_idle else {}))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        routers, nodes = self.routers, self.nodes
        m.d.comb += self.load.ready.eq(1)
        first_memory = 0
        for number, router in routers.items():
            m.submodules[f"router{number}"] = router
            first_memory = self._load(m, router, first_memory, 1)
            self._set(m, router, number)
            for name in router_counters(router.params).fields:
                m.d.comb += self.counters[prefix(number) + name].eq(router.counters[name])
            if number in nodes:
                m.submodules[f"node{number}"] = node = nodes[number]
                first_memory = self._load(m, node, first_memory, TILE_MEMORIES)
                self._set(m, node, number)
                m.d.comb += self.counters[prefix(number) + "faults"].eq(node.counters.faults)
                wiring.connect(m, _output(router, RouterPort.LOCAL), node.input)
                wiring.connect(m, node.output, _input(router, RouterPort.LOCAL))
        for (number, port), other in params.joined.items():
            if other in routers:
                wiring.connect(m, _output(routers[number], port), _input(routers[other], OPPOSITE[port]))
            else:
                self._lead_out(m, routers[number], port, link_name(number, port))
        if host := routers.get(params.machine.host):
            wiring.connect(m, wiring.flipped(self.input), _input(host, RouterPort.HOST))
            wiring.connect(m, _output(host, RouterPort.HOST), wiring.flipped(self.output))
        if self.shows_idle:
            parts: list[Any] = [*routers.values(), *nodes.values()]
            m.d.comb += self.idle.eq(Cat(part.idle for part in parts).all())
        return m

    def _lead_out(self, m: Module, router: Router, port: RouterPort, name: str) -> None:
        """A link to another die becomes ports."""
        wiring.connect(m, _output(router, port), wiring.flipped(getattr(self, f"to_{name}")))
        wiring.connect(m, wiring.flipped(getattr(self, f"from_{name}")), _input(router, port))

    def _load(self, m: Module, part: Router | Node, first: int, count: int) -> int:
        """Gives a part the loads of `count` memories from a number on; returns the number behind them."""
        load = self.load.payload
        own = load.memory - first
        m.d.comb += [
            part.load.payload.memory.eq(own),
            part.load.payload.address.eq(load.address),
            part.load.payload.data.eq(load.data),
            part.load.valid.eq(self.load.valid & (load.memory >= first) & (load.memory < first + count)),
        ]
        return first + count

    def _set(self, m: Module, part: Router | Node, number: int) -> None:
        for name in part.registers.shape().members:
            m.d.comb += part.registers[name].eq(self.registers[prefix(number) + name])

    def _contents_of(self, number: int) -> dict[str, Records]:
        start = prefix(number)
        return {n.removeprefix(start): c for n, c in self.contents.items() if n.startswith(start)}


TILE_MEMORIES = 3
"""Of a tile: rows, synapses, bias."""


def _input(router: Router, port: int) -> Any:
    return getattr(router, f"input{int(port)}")


def _output(router: Router, port: int) -> Any:
    return getattr(router, f"output{int(port)}")


class Split(wiring.Component):
    """A mesh whose output is split by tile, and silent until an event has come; and what its counters say."""

    def __init__(self, params: Params, contents: Mapping[str, Records] | None = None) -> None:
        self.params = params
        self.mesh = Mesh(replace(params, split=False, payload_width=params.number_bits), contents)
        super().__init__(signature(CORE, params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        mesh, placed = self.mesh, self.params.placed
        m.submodules.mesh = mesh
        m.submodules.splitter = splitter = Distributor(mesh.params.event, len(placed))
        m.submodules.counting = counting = CounterStream(self.params.event, counters(mesh.params))
        wiring.connect(m, wiring.flipped(self.load), mesh.load)
        wiring.connect(m, wiring.flipped(self.input), counting.input)
        wiring.connect(m, counting.counted, wiring.flipped(self.counted))
        given = counting.output
        begun = Signal()
        m.d.comb += [
            mesh.registers.eq(self.registers),
            counting.counters.eq(mesh.counters),
            counting.answered.eq(
                splitter.input.valid & splitter.input.ready & (splitter.input.payload.kind == Kind.TICK)
            ),
            mesh.input.payload.kind.eq(given.payload.kind),
            mesh.input.payload.address.eq(given.payload.address),
            mesh.input.valid.eq(given.valid),
            given.ready.eq(mesh.input.ready),
            splitter.input.payload.eq(mesh.output.payload),
            splitter.input.valid.eq(mesh.output.valid & begun),
            mesh.output.ready.eq(splitter.input.ready & begun),
        ]
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += begun.eq(1)
        for position, number in enumerate(placed):
            own, output = getattr(splitter, f"output{position}"), getattr(self, f"output{number}")
            m.d.comb += [
                output.payload.kind.eq(own.payload.kind),
                output.payload.address.eq(own.payload.address),
                output.valid.eq(own.valid),
                own.ready.eq(output.ready),
            ]
        return m


def component(params: Params, contents: Mapping[str, Records] | None = None) -> Mesh | Split:
    """The component that embodies `fabric.mesh`."""
    return Split(params, contents) if params.split else Mesh(params, contents)
