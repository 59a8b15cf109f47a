"""Proofs of `fabric.chain`, and the broken cores that they catch.

That every event leaves is proved of each tile, whatever its neighbours do. What a chain adds is wires: loads
and registers reach the tile that they are meant for, and events run through the tiles in order.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Cat, Module, Signal, Value

from spikelock.models.fabric.chain import CORE, Params, prefix
from spikelock.models.fabric.tile import CORE as TILE
from spikelock.models.fabric.tile import Kind
from spikelock.models.fabric.tile import Params as TileParams
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, assume, claim, cover
from .chain_mutants import CHAIN, EVENT_DROPPED, LOAD_TAKEN_TWICE, MEMORIES_SHIFTED, WRONG_REGISTERS
from .tile import NEURON
from .tile_properties import same


def settings(m: Module, core: Any, inside: Inside) -> None:
    """Every word that is loaded is in the memory it was loaded to, until the next one; registers likewise."""
    load = core.load.payload
    address = Signal.like(load.address, name="chosen_address")
    m.d.comb += address.eq(AnyConst(address.shape()))
    for number, (name, memory) in enumerate(CORE.memories(core.params).items()):
        tile_name, _, inner = name.partition("_")
        chosen = core.load.valid & (load.memory == number)
        if (memory.depth - 1).bit_length() < len(load.address):  # else a word beyond it is just not written
            assume(m, f"addresses of {name} lie within it", ~chosen | (load.address < memory.depth))
        word = Value.cast(inside.memory(f"{tile_name}.{inner}", address))
        last = Signal(len(word), name=f"last_of_{name}", reset_less=True)
        with m.If(chosen & (load.address == address)):
            m.d.sync += last.eq(load.data)
        claim(m, f"{name} holds what was loaded last", word == last, when=address < memory.depth)
        cover(m, f"{name} holds a word", (address < memory.depth) & word.all())
    for number, sizes in enumerate(core.params.tiles):
        own = [core.registers[prefix(number) + name] for name in TILE.registers(sizes)]
        steps_with = inside.wire(f"tile{number}.registers")
        claim(m, f"tile {number} has its registers", steps_with == Cat(Value.cast(value) for value in own))


def events(m: Module, core: Any, inside: Inside) -> None:
    """Events leave in the order in which they came; spikes leave in order, before their tick mark."""
    event, out = core.input.payload, core.output
    axons = core.params.tiles[0].axons
    chosen = Signal(4, name="chosen_event")
    m.d.comb += chosen.eq(AnyConst(4))
    accepted = Signal(4)
    passed_on = Signal(4)
    expected = Signal.like(out.payload, name="expected")
    of_a_tile = (out.payload.kind == Kind.SPIKE) & (out.payload.address >= axons)

    with m.If(core.input.valid & core.input.ready):
        m.d.sync += accepted.eq(accepted + 1)
        with m.If(accepted == chosen):
            is_mark = (event.kind == Kind.TICK) | (event.kind == Kind.RESTART)
            unknown = (event.kind == Kind.SPIKE) & (event.address >= axons)
            m.d.sync += [
                expected.kind.eq(event.kind | unknown.replicate(2)),
                expected.address.eq(event.address),
            ]
            with m.If(is_mark):
                m.d.sync += expected.address.eq(0)
    spiked = Signal()  # a tile's spike has left, and its tick mark has not
    last = Signal.like(out.payload.address, name="last_spike")
    with m.If(out.valid & out.ready):
        m.d.sync += [spiked.eq(of_a_tile), last.eq(out.payload.address)]
        with m.If(~of_a_tile):
            m.d.sync += passed_on.eq(passed_on + 1)

    event_leaves = out.valid & ~of_a_tile
    claim(m, "no more events leave than have come", accepted != passed_on, when=event_leaves)
    its_turn = event_leaves & (passed_on == chosen)
    claim(m, "events leave in the order in which they came", same(out.payload, expected), when=its_turn)
    spike_leaves = out.valid & of_a_tile
    claim(
        m,
        "spikes of a tick leave in the order of addresses",
        out.payload.address > last,
        when=spike_leaves & spiked,
    )
    claim(m, "no tick mark is overtaken", out.payload.kind == Kind.TICK, when=event_leaves & spiked)
    cover(
        m,
        "a spike of the second tile right after one of the first",
        spike_leaves & spiked & (last == axons + 1),
    )
    cover(m, "a tick mark leaves after spikes", event_leaves & spiked & out.ready)
    cover(m, "two events under way", (accepted == 2) & (passed_on == 0))
    cover(m, "a fault leaves third", event_leaves & (passed_on == 2) & (out.payload.kind == Kind.FAULT))


TWO_TILES = Params(
    tiles=(
        TileParams(neuron=NEURON, neurons=2, axons=1, synapses=2, weight_width=2),
        TileParams(neuron=NEURON, neurons=1, axons=3, synapses=2, weight_width=2),
    )
)

PROOFS = (
    Proof(
        CHAIN,
        "settings",
        "Every load reaches the memory and address it names and no other, and every register its tile, in a "
        "chain of two tiles of 2 and 1 neurons. Assumed: where a memory sees fewer bits of an address than "
        "there are, the address lies within it.",
        TWO_TILES,
        settings,
        (
            LOAD_TAKEN_TWICE,
            MEMORIES_SHIFTED,
            WRONG_REGISTERS,
        ),
        bit_level=True,
    ),
    Proof(
        CHAIN,
        "events",
        "Events leave in the order in which they came, and the spikes of both tiles in the order of "
        "addresses before their tick mark, in a chain of two tiles of 2 and 1 neurons.",
        TWO_TILES,
        events,
        (
            EVENT_DROPPED,
            Mutant(
                "a tile takes an event twice while the next one is busy",
                "fabric.tile",
                "self.input.ready.eq(1)",
                "self.input.ready.eq(self.output.ready)",
            ),
            Mutant(
                "spikes have each other's address",
                "fabric.tile",
                "params.axons + index",
                "params.axons + params.neurons - 1 - index",
            ),
        ),
        depth=16,
        induction=None,
        bit_level=True,
    ),
)
