"""Broken chains that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

CHAIN = "fabric.chain"

LOAD_TAKEN_TWICE = Mutant(
    "a load for an earlier or later tile is taken as well", CHAIN, " & (chosen < memories)", ""
)
MEMORIES_SHIFTED = Mutant(
    "the second tile's memories begin one too late",
    CHAIN,
    "first_memory += memories",
    "first_memory += memories + 1",
)
WRONG_REGISTERS = Mutant(
    "a tile has the registers of the one before",
    CHAIN,
    "self.registers[next(registers)]",
    "self.registers['tile0_' + name]",
)
EVENT_DROPPED = Mutant(
    "a tile does not wait until the next one is ready",
    CHAIN,
    "wiring.connect(m, events, tile.input)",
    "m.d.comb += [tile.input.valid.eq(events.valid), tile.input.payload.eq(events.payload), "
    "events.ready.eq(1)]",
)
