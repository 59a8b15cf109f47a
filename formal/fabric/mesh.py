"""Proofs of `fabric.mesh`, and the broken cores that they catch.

That no event is lost, doubled, or passes a mark is proved of each router and each node, whatever its
neighbours do. What a mesh adds is wires: that they lead where they should is proved here. That the whole
never stands still is shown for small ones in `mesh_deadlock.py`, and argued for all in `docs/mesh.md`.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst, AnySeq
from amaranth.hdl import Array, Module, Signal, Value

from spikelock.models.aer.router import registers as registers_of_router
from spikelock.models.fabric.mesh import CORE, Params, prefix
from spikelock.models.fabric.node import registers as registers_of_node
from spikelock.models.fabric.tile import Params as TileParams
from spikelock.models.network.mapping.machine import Machine

from ..proof import Proof
from ..properties import Inside, assume, claim, cover
from . import mesh_mutants as broken
from .tile import NEURON


def settings(m: Module, core: Any, inside: Inside) -> None:
    """Every word that is loaded is in the memory it was loaded to, until the next one; registers likewise."""
    load = core.load.payload
    address = Signal.like(load.address, name="chosen_address")
    m.d.comb += address.eq(AnyConst(address.shape()))
    for number, (name, memory) in enumerate(CORE.memories(core.params).items()):
        place, _, inner = name.partition("_")
        chosen = core.load.valid & (load.memory == number)
        if memory.depth < 1 << len(load.address):
            assume(m, f"addresses of {name} lie within it", ~chosen | (load.address < memory.depth))
        last = Signal(memory.layout.width, name=f"last_of_{name}", reset_less=True)
        with m.If(chosen & (load.address == address)):
            m.d.sync += last.eq(load.data)
        if inner == "table":
            parts = [
                inside.register(f"{place.replace('node', 'router')}.entry{n}") for n in range(memory.depth)
            ]
            word: Any = Array(map(Value.cast, parts))[address]
        else:
            word = Value.cast(inside.memory(f"{place}.tile.{inner}", address))
        claim(m, f"{name} holds what was loaded last", word == last, when=address < memory.depth)
        cover(m, f"{name} holds a word", (address < memory.depth) & word.all())
    for number, sizes in enumerate(core.params.routers):
        parts = [(core.routers[number], registers_of_router(sizes))]
        if number in core.params.nodes:
            parts.append((core.nodes[number], registers_of_node(core.params.nodes[number])))
        for part, names in parts:
            for name in names:
                given = core.registers[prefix(number) + name]
                own = Value.cast(part.registers[name])
                claim(m, f"node {number} has its {name}", own == Value.cast(given))


def wires(m: Module, core: Any, inside: Inside) -> None:
    """Every link leads to the neighbour that it should, and back; doors and the host's port likewise.

    Anything stands in the place of the routers and the nodes.
    """
    width, height = core.params.machine.width, core.params.machine.height
    routers = core.routers
    for number, part in routers.items():
        inside.cut(f"router{number}")
        for port in range(part.params.ports):
            _anything(m, getattr(part, f"input{port}"), getattr(part, f"output{port}"))
    for number, part in core.nodes.items():
        inside.cut(f"node{number}")
        _anything(m, part.input, part.output)
    for number, part in routers.items():
        x, y = number % width, number // width
        if x + 1 < width:
            _joined(m, f"east of {number}", part.output0, routers[number + 1].input2)
            _joined(m, f"west of {number + 1}", routers[number + 1].output2, part.input0)
        if y + 1 < height:
            _joined(m, f"north of {number}", part.output1, routers[number + width].input3)
            _joined(m, f"south of {number + width}", routers[number + width].output3, part.input1)
    for number, part in core.nodes.items():
        _joined(m, f"to the tile of {number}", routers[number].output4, part.input)
        _joined(m, f"from the tile of {number}", part.output, routers[number].input4)
    host = routers[core.params.machine.host]
    _joined(m, "from the host", core.input, host.input5)
    _joined(m, "to the host", host.output5, core.output)


def _anything(m: Module, taken: Any, sent: Any) -> None:
    """What a part that is not there does at its ports."""
    for free in (taken.ready, sent.valid, Value.cast(sent.payload)):
        m.d.comb += free.eq(AnySeq(len(free)))


def _joined(m: Module, name: str, sent: Any, taken: Any) -> None:
    same = (sent.valid == taken.valid) & (sent.ready == taken.ready)
    payload = Value.cast(sent.payload) == Value.cast(taken.payload)
    claim(m, f"the channel {name} is one", same & payload)
    cover(m, f"an event passes {name}", taken.valid & taken.ready & Value.cast(taken.payload).all())


TILE = TileParams(neuron=NEURON, neurons=2, axons=2, synapses=4, weight_width=2)
ROW = Params(Machine(2, 1, entries=2, key_width=2), (TILE, TILE), queue=1, step_width=1)
SQUARE = Params(
    Machine(2, 2, host=1, entries=1, key_width=2), (TILE, None, TILE, TILE), queue=1, step_width=1
)

PROOFS = (
    Proof(
        broken.MESH,
        "settings",
        "Every load reaches the memory and address it names and no other, and every register its router or "
        "node, in a row of two nodes. Assumed: the address of a load lies within the memory that it names.",
        ROW,
        settings,
        (broken.LOAD_TAKEN_TWICE, broken.MEMORIES_SHIFTED, broken.WRONG_SETTINGS),
        bit_level=True,
    ),
    Proof(
        broken.MESH,
        "wires",
        "Every link leads to the neighbour's port on the other side, and every door to its tile, both ways, "
        "in a mesh of 2x2 with three tiles; whatever routers and nodes do.",
        SQUARE,
        wires,
        (broken.LINKS_CROSSED, broken.EVENT_DROPPED),
        depth=2,
    ),
)
