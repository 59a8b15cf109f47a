"""Routers alone, joined to a mesh as in `fabric.mesh`; their doors are led out, on both sides.

    input{node}_{door} ─▶ held until it is due ─▶ router … router ─▶ output{node}_{door}

What is not taken waits in front of the mesh: the array of transactions is the queue of the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.aer import router
from spikelock.models.fabric import mesh, tile
from spikelock.models.fixed import unsigned
from spikelock.models.network.mapping.loads import Channel, channels_of
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Machine
from spikelock.models.ports import Port, load_port
from spikelock.rtl.aer.router import Router
from spikelock.rtl.ports import carried

CYCLE_WIDTH = 24
"""Bits of the number of a cycle."""

NUMBER_WIDTH = 20
"""Bits of the number of an event, which travels as its payload."""


@dataclass(frozen=True)
class Params:
    """machine: the mesh, and the host's node. queue: of each output of a router."""

    machine: Machine
    queue: int = 4

    @cached_property
    def routers(self) -> tuple[router.Params, ...]:
        """By node: as they would be beside tiles."""
        beside = (tile.Params(),) * self.machine.nodes
        return mesh.Params(self.machine, beside, self.queue, payload_width=NUMBER_WIDTH).routers

    @property
    def doors(self) -> list[Channel]:
        """Where events enter and leave."""
        return [(node, port) for node, port in channels_of(self.machine) if port not in LINKS]


def name(door: Channel) -> str:
    """Of a door's ports, behind `input` and `output`."""
    return f"{door[0]}_{door[1].name.lower()}"


def inputs(params: Params) -> Mapping[str, Port]:
    """A channel a door, whose events name the cycle before which they are not sent; `now`, the cycle.

    Besides, by router: its table's `load`, and its registers.
    """
    cycle = {"cycle": unsigned(CYCLE_WIDTH)}
    found = {"now": Port(cycle, kind="level")}
    for node, sizes in enumerate(params.routers):
        found[f"load{node}"] = load_port(sizes.table)
        registers = {name: register.q for name, register in router.registers(sizes).items()}
        found[f"registers{node}"] = Port(registers, kind="level")
    for door in params.doors:
        event = params.routers[door[0]].event.port()
        found[f"input{name(door)}"] = Port({**event.fields, **cycle})
    return found


def outputs(params: Params) -> Mapping[str, Port]:
    """A channel a door; what each router counts."""
    found = {f"output{name(door)}": params.routers[door[0]].event.port() for door in params.doors}
    counts = {f"counters{node}": router.counters(sizes) for node, sizes in enumerate(params.routers)}
    return {**found, **counts}


class Routers(wiring.Component):
    """Ports as declared above."""

    def __init__(self, params: Params) -> None:
        self.params = params
        members = {name: In(carried(port)) for name, port in inputs(params).items()}
        super().__init__(members | {name: Out(carried(port)) for name, port in outputs(params).items()})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        routers = [Router(sizes) for sizes in params.routers]
        for node, one in enumerate(routers):
            m.submodules[f"router{node}"] = one
            wiring.connect(m, wiring.flipped(getattr(self, f"load{node}")), one.load)
            m.d.comb += [
                one.registers.eq(getattr(self, f"registers{node}")),
                getattr(self, f"counters{node}").eq(one.counters),
            ]
        for (node, port), other in params.machine.links.items():
            source = getattr(routers[node], f"output{int(port)}")
            wiring.connect(m, source, getattr(routers[other], f"input{int(OPPOSITE[port])}"))
        for door in params.doors:
            node, port = door
            self._hold(m, getattr(self, f"input{name(door)}"), getattr(routers[node], f"input{int(port)}"))
            wiring.connect(
                m,
                getattr(routers[node], f"output{int(port)}"),
                wiring.flipped(getattr(self, f"output{name(door)}")),
            )
        return m

    def _hold(self, m: Module, given: Any, into: Any) -> None:
        """An event waits until it is due."""
        due = Value.cast(given.payload.cycle <= self.now.cycle)
        m.d.comb += [
            getattr(into.payload, field).eq(getattr(given.payload, field))
            for field in into.payload.shape().members
        ]
        m.d.comb += [into.valid.eq(given.valid & due), given.ready.eq(into.ready & due)]
