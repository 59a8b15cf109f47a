"""Proofs of `sc.up_down_counter`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.up_down_counter import Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

COUNTER = "sc.up_down_counter"

WRAPS = Mutant("the count wraps upwards", COUNTER, "~down & (count != self.params.count.maximum)", "~down")
WRAPS_DOWN = Mutant("the count wraps downwards", COUNTER, "~up & (count != self.params.count.minimum)", "~up")
UP_WINS = Mutant("a one of each counts up", COUNTER, "up & ~down &", "up &")
MOVES_IN_STALL = Mutant(
    "counts while the output is stalled",
    COUNTER,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each count is that of the equation, and the output is a stream."""
    params: Params = core.params
    payload, valid = core.input.payload, core.output.valid
    took = one_for_one(m, core)

    above = Signal(params.width, init=1 << (params.width - 1))  # its lower end
    top = (1 << params.width) - 1
    sum_ = Signal(params.width + 2)
    m.d.comb += sum_.eq(above + payload.up + Mux(payload.down, 0, 1))  # one more than the new one
    with m.If(took):
        m.d.sync += above.eq(Mux(sum_ == 0, 0, Mux(sum_ > top + 1, top, sum_ - 1)))

    count = core.output.payload.count
    claim(m, "each count is that of the equation", count + (1 << (params.width - 1)) == above, valid)
    helper(m, "the count is that of the equation", count + (1 << (params.width - 1)) == above)
    cover(m, "pushed against the upper end", took & payload.up & ~payload.down & (above == top))
    cover(m, "pushed against the lower end", took & ~payload.up & payload.down & (above == 0))
    cover(m, "two ones", took & payload.up & payload.down)


def _proof(width: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=COUNTER,
        name=f"width {width}",
        says="Each count is the sum of the ups less the downs, between its ends, for all inputs, stalls and "
        f"resets: {width} bits.",
        params=Params(width),
        properties=properties,
        mutants=mutants,
        depth=12,
    )


PROOFS = (_proof(1, UP_WINS), _proof(4, WRAPS, WRAPS_DOWN, MOVES_IN_STALL))
