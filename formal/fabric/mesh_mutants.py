"""Broken meshes that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

MESH = "fabric.mesh"

LINKS_CROSSED = Mutant(
    "a link ends at the wrong port of the neighbour",
    MESH,
    "_input(routers[other], OPPOSITE[port])",
    "_input(routers[other], port)",
)
EVENT_DROPPED = Mutant(
    "a tile's router does not wait until the node takes an event",
    MESH,
    "wiring.connect(m, _output(router, RouterPort.LOCAL), node.input)",
    "out = _output(router, RouterPort.LOCAL); "
    "m.d.comb += [node.input.valid.eq(out.valid), node.input.payload.eq(out.payload), out.ready.eq(1)]",
)
LOAD_TAKEN_TWICE = Mutant(
    "a load for a part before is taken as well",
    MESH,
    "(load.memory >= first) & (load.memory < first + count)",
    "(load.memory < first + count)",
)
MEMORIES_SHIFTED = Mutant(
    "the memories of the next part begin one too late",
    MESH,
    "return first + count",
    "return first + count + 1",
)
WRONG_SETTINGS = Mutant(
    "all nodes have the settings of the first",
    MESH,
    "self.registers[prefix(number) + name]",
    "self.registers[prefix(0) + (name if name != 'turns5' or number == 0 else 'turns4')]",
)
STEPS_OF_FIRST = Mutant(
    "a tick has as many steps everywhere as in the first node",
    MESH,
    "self.registers[prefix(number) + name]",
    "self.registers[prefix(0 if name == 'steps' else number) + name]",
)
COUNTERS_OF_FIRST = Mutant(
    "all routers show what the first counts",
    MESH,
    ".eq(router.counters[name])",
    ".eq(routers[self.params.here[0]].counters[name])",
)
FAULTS_HIDDEN = Mutant(
    "what the node counts is not shown",
    MESH,
    '[prefix(number) + "faults"].eq(node.counters.faults)',
    '[prefix(number) + "faults"].eq(0)',
)
