"""Proofs of `sc.rectifier`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, signed

from spikelock.models.mutant import Mutant
from spikelock.models.sc.rectifier import Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

RECTIFIER = "sc.rectifier"

NOTHING_FORCED = Mutant(
    "no zero is turned", RECTIFIER, "self.input.payload.bit | (count < 0)", "self.input.payload.bit"
)
FORCED_TOO_EARLY = Mutant("zeros are turned at a count of 0", RECTIFIER, "(count < 0)", "(count <= 0)")
WRAPS = Mutant("the count wraps", RECTIFIER, "with m.Elif(count != most):", "with m.Else():")
COUNTS_INPUT = Mutant(
    "counts what came in", RECTIFIER, "with m.If(~bit):", "with m.If(~self.input.payload.bit):"
)
MOVES_IN_STALL = Mutant(
    "counts while the output is stalled",
    RECTIFIER,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each bit is that of the published unit, and what went out is never worth less than −1 bit."""
    params: Params = core.params
    bit, valid = core.input.payload.bit, core.output.valid
    half, top = 1 << (params.depth - 1), (1 << params.depth) - 1
    took = one_for_one(m, core)
    wanted, gives = Signal(), Signal()
    accumulator = Signal(params.depth, init=half)
    limit = 4 * half  # beyond what the core counts, or any bound would do
    surplus = Signal(signed(params.depth + 3))
    m.d.comb += gives.eq(bit | (accumulator < half))
    with m.If(took):
        m.d.sync += wanted.eq(gives)
        with m.If(gives):
            m.d.sync += accumulator.eq(Mux(accumulator == top, top, accumulator + 1))
            m.d.sync += surplus.eq(Mux(surplus == limit, limit, surplus + 1))
        with m.Else():
            m.d.sync += accumulator.eq(accumulator - 1)
            m.d.sync += surplus.eq(surplus - 1)

    claim(m, "each bit is that of the published unit", core.output.payload.bit == wanted, valid)
    claim(m, "zeros are never more than ones by two", surplus >= -1)
    helper(m, "the count is the accumulator, from its middle", inside.register("count") == accumulator - half)
    helper(m, "the accumulator is at most one below its middle", accumulator >= half - 1)
    helper(m, "the surplus is what is counted, or more", (surplus >= accumulator - half) & (surplus <= limit))

    cover(m, "a zero is turned", took & ~bit & gives)
    cover(m, "a zero passes", took & ~gives)
    cover(m, "the count stays at its upper end", took & bit & (accumulator == top))


def _proof(depth: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=RECTIFIER,
        name=f"depth {depth}",
        says="Each bit is that of the published unit, and of any first bits that went out, zeros are "
        f"never more than ones by two; for all inputs, stalls and resets: depth {depth}.",
        params=Params(depth),
        properties=properties,
        mutants=mutants,
        depth=12,
    )


PROOFS = (_proof(1, NOTHING_FORCED), _proof(3, COUNTS_INPUT, WRAPS, FORCED_TOO_EARLY, MOVES_IN_STALL))
