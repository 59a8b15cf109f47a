"""Proofs of `sc.square_root`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, signed

from spikelock.models.mutant import Mutant
from spikelock.models.sc.square_root import Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

SQUARE_ROOT = "sc.square_root"

WRAPS = Mutant("the counter wraps", SQUARE_ROOT, "bit & ~square & ~count.all()", "bit & ~square")
NOT_SQUARED = Mutant(
    "the counter falls with the output, not with its square",
    SQUARE_ROOT,
    "square.eq(root & last)",
    "square.eq(root)",
)
AT_MOST = Mutant(
    "a number equal to the counter gives a one", SQUARE_ROOT, "number < count", "number <= count"
)
MOVES_IN_STALL = Mutant(
    "counts while the output is stalled",
    SQUARE_ROOT,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)
STARTS_AT_ZERO = Mutant("the counter starts at 0", SQUARE_ROOT, "init=self.params.start", "init=0")


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each bit is the comparison with the counter, which follows its equation between its ends."""
    params: Params = core.params
    payload, valid = core.input.payload, core.output.valid
    top = (1 << params.width) - 1
    took = one_for_one(m, core)
    before = Signal()

    count = Signal(params.width, init=1 << (params.width - 1))
    moved = Signal(signed(params.width + 2))
    compared = payload.number < count
    m.d.comb += moved.eq(count + payload.bit - Mux(compared & before, 1, 0))
    with m.If(took):
        m.d.sync += before.eq(compared)
        m.d.sync += count.eq(Mux(moved < 0, 0, Mux(moved > top, top, moved)))

    claim(m, "each bit is the comparison of its number", core.output.payload.bit == before, valid)
    claim(m, "the counter never goes below 0", moved >= 0)
    helper(m, "the counter is that of the equation", inside.register("count") == count)
    helper(m, "the bit before is the output's", core.output.payload.bit == before)

    cover(m, "the counter stays at its upper end", took & (moved > top))
    cover(m, "the counter is 0", count == 0)
    cover(m, "a one of x and of the square", took & payload.bit & compared & before)


def _proof(width: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=SQUARE_ROOT,
        name=f"width {width}",
        says="Each bit is the comparison of its number with the counter, which follows the equation, for all "
        f"inputs, stalls and resets: width {width}.",
        params=Params(width),
        properties=properties,
        mutants=mutants,
        depth=12,
    )


PROOFS = (_proof(1, AT_MOST), _proof(3, WRAPS, NOT_SQUARED, MOVES_IN_STALL, STARTS_AT_ZERO))
