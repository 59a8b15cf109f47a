"""A mesh that is cut into dies, as hardware: what is on each die, and which bridges join them.

A die is what `fabric.mesh` has of it (`Params.die` there), with a clock of its own. Each link from one die to
another is a bridge (`chiplet.bridge`): an end on each of the two, that carries the channel of each direction.
A word is an event. See `docs/mesh.md`, section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from spikelock.models.chiplet import bridge, power_gate
from spikelock.models.chiplet.bridge import Params as BridgeParams
from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput
from spikelock.models.fabric import mesh
from spikelock.models.fabric.mesh import Params as MeshParams
from spikelock.models.fixed import Q
from spikelock.models.network.mapping.machine import OPPOSITE
from spikelock.models.network.mapping.machine import Port as RouterPort
from spikelock.models.ports import Port, Records, load_records

SLOWEST = 5
"""Times that a clock of a package may be as slow as another."""

Link = tuple[int, RouterPort]
"""A node, and a port of its router."""


@dataclass(frozen=True)
class Params:
    """mesh: of all dies together, which `mesh.machine.dies` cuts. lanes: of data, of each bridge. gated: a
    power gate (`chiplet.power_gate`) stands between the mesh of each die and its bridges and host's port.

    Raises BadInput for a mesh that is one die, or what is on one already.
    """

    mesh: MeshParams
    lanes: int = 8
    gated: bool = False

    def __post_init__(self) -> None:
        if len(self.mesh.machine.die_places) == 1 or self.mesh.die is not None or self.mesh.split:
            raise BadInput("a package has two dies or more: cut the mesh, as in Machine(2, 2, dies=(2, 1))")
        assert self.bridge

    @cached_property
    def dies(self) -> Mapping[str, MeshParams]:
        """By name, in order of their numbers. The name is that of its clock, too."""
        places = self.mesh.machine.die_places
        return {f"die{n}": replace(self.mesh, die=place) for n, place in enumerate(places)}

    @cached_property
    def bridge(self) -> BridgeParams:
        """Of every bridge. Its times are long enough for any clocks that a package may have."""
        sizes = BridgeParams(width=self.mesh.event.port().width, lanes=self.lanes)
        there_and_back = SLOWEST * (4 * sizes.framing.beats + 20)
        return replace(sizes, timeout=2 * there_and_back, silence=there_and_back)

    @property
    def host(self) -> str:
        """The die with the host's port."""
        return self.die_of(self.mesh.machine.host)

    def die_of(self, node: int) -> str:
        """Name of the die that a node is on."""
        return next(name for name, part in self.dies.items() if node in part.here)

    @property
    def lines(self) -> Mapping[Link, Link]:
        """The links that leave a die; with each, the same link seen from its other end."""
        return {
            (node, port): (part.joined[node, port], OPPOSITE[port])
            for part in self.dies.values()
            for node, port in part.cut
        }


def pins(params: Params) -> dict[str, Port]:
    """Every input: what the host sends; of each die, its memories, registers and gate's control."""
    found = {"input": replace(params.mesh.event.port(), clock=params.host)}
    for name, part in params.dies.items():
        own = mesh.CORE.pins(part)
        found |= {f"{name}_{pin}": replace(own[pin], clock=name) for pin in ("load", "registers")}
        if params.gated:
            found[f"{name}_gate_control"] = replace(gate_control(), clock=name)
    return found


def outputs(params: Params) -> dict[str, Port]:
    """What the host receives; of each die, what its routers and nodes count, how its bridges and gate are."""
    found = {"output": replace(params.mesh.event.port(), clock=params.host)}
    for name, part in params.dies.items():
        found[f"{name}_counters"] = replace(mesh.counters(part), clock=name)
        found[f"{name}_bridges"] = replace(bridges(params, part), clock=name)
        if params.gated:
            found[f"{name}_gate_status"] = replace(gate_status(), clock=name)
    return found


def gate_control() -> Port:
    """What a gate is told: its registers `on` and `rate`."""
    registers = power_gate.CORE.registers(power_gate.Params())
    return Port({name: register.q for name, register in registers.items()}, kind="level")


def gate_status() -> Port:
    """How a gate is: its state, and what it counts."""
    own = power_gate.outputs(power_gate.Params())
    return Port({**own["status"].fields, **own["counters"].fields}, kind="level")


def bridges(params: Params, die: MeshParams) -> Port:
    """Status and counters of the bridges' ends on a die, the name of the link in front: `node0_east_up`."""
    own = bridge.outputs(params.bridge)
    fields: dict[str, Q] = {}
    for link in die.cut:
        for port in ("status", "counters"):
            fields |= {f"{mesh.link_name(*link)}_{field}": q for field, q in own[port].fields.items()}
    return Port(fields, kind="level")


def loads(params: Params, configuration: Configuration) -> dict[str, Records]:
    """What each die's `load` is given, from the configuration of the whole mesh."""
    return {
        f"{name}_load": load_records(mesh.memories(part), configuration.memories)
        for name, part in params.dies.items()
    }


def settings(params: Params, configuration: Configuration) -> dict[str, dict[str, int]]:
    """What each die's `registers` are, from the configuration of the whole mesh."""
    values = configuration.registers
    return {
        f"{name}_registers": {register: values[register] for register in mesh.registers(part)}
        for name, part in params.dies.items()
    }


def controls(
    params: Params, rates: Mapping[str, int] | None = None, on: bool = True
) -> dict[str, dict[str, int]]:
    """What each die's `gate_control` is: all on, or all off. rates: by die, else the full rate."""
    given = rates or {}
    return {
        f"{name}_gate_control": {"on": int(on), "rate": given.get(name, power_gate.FULL_RATE)}
        for name in (params.dies if params.gated else ())
    }
