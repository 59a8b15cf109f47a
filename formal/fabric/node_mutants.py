"""Broken nodes that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

NODE = "fabric.node"

NO_FIRST_MARK = Mutant(
    "the first mark is not sent",
    NODE,
    "with m.If(~begun):\n            m.d.comb += [mark.eq(1), queue.w_en.eq(1)]",
    "with m.If(~begun):\n            m.d.comb += [mark.eq(1), queue.w_en.eq(0)]",
)
EVERY_STEP = Mutant(
    "the neurons take a tick in every step", NODE, "restart | (step == self.registers.step)", "1"
)
RESTART_IS_A_TICK = Mutant(
    "a restart is taken for a tick", NODE, "Mux(is_tick & restart, Kind.RESTART, event.kind)", "event.kind"
)
RESTART_COUNTS = Mutant(
    "the step that a restart ends counts",
    NODE,
    "with m.If(restart | (step + 1 >= self.registers.steps)):",
    "with m.If(step + 1 >= self.registers.steps):",
)
PASSED_ON = Mutant(
    "what comes in is sent on as the tile's own",
    NODE,
    "own.eq((sent.kind == Kind.SPIKE) & (sent.address >= self.params.tile.axons))",
    "own.eq(sent.kind == Kind.SPIKE)",
)
NO_BASE = Mutant("spikes are sent under the wrong key", NODE, "self.registers.base + index", "index")
DROPPED_ON_FULL = Mutant(
    "what the tile sends is dropped when the queue is full",
    NODE,
    "tile.output.ready.eq(queue.w_rdy)",
    "tile.output.ready.eq(1)",
)
DOUBLED_ON_STALL = Mutant(
    "what is taken while an event waits at the input leaves again",
    NODE,
    "queue.r_en.eq(self.output.ready)",
    "queue.r_en.eq(self.output.ready & ~self.input.valid)",
)

MARK_DROPPED = Mutant(
    "a mark in a step of others is dropped when the queue is full",
    NODE,
    "self.input.ready.eq(tile.input.ready & begun & queue.w_rdy)",
    "self.input.ready.eq(tile.input.ready & begun)",
)
TICK_OVERTAKES = Mutant(
    "a mark is sent on when it comes, before the spikes of its tick",
    NODE,
    "with m.If(~to_tile):\n                    m.d.comb += [mark.eq(1)",
    "with m.If(1):\n                    m.d.comb += [mark.eq(1)",
)
NOT_WAITED_FOR = Mutant(
    "a mark does not wait until the tile has done with what came before",
    NODE,
    "self.input.ready.eq(tile.input.ready & begun & queue.w_rdy)",
    "self.input.ready.eq((tile.input.ready | (is_tick & ~to_tile)) & begun & queue.w_rdy)",
)
SHALLOW = Mutant(
    "the queue is full when it has all spikes of a tick, and the mark",
    NODE,
    "depth=params.tile.neurons + 2",
    "depth=params.tile.neurons + 1",
)
UNCOUNTED = Mutant("a key without a row is not counted", NODE, "faults, faults + 1", "faults, faults")
