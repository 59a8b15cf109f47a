"""Proofs of `sc.parallel_counter`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.parallel_counter import Params

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

COUNTER = "sc.parallel_counter"

KEEPS_TOTAL = Mutant("a window begins with the count before", COUNTER, "Mux(begins, 0, total)", "total")
WRAPS = Mutant("the count wraps", COUNTER, "Mux(grown > self.params.most, self.params.most, grown)", "grown")
COUNTS_IN_STALL = Mutant(
    "counts while a count waits",
    COUNTER,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)
LOSES_A_STREAM = Mutant(
    "one stream is not counted", COUNTER, "range(self.params.streams)]", "range(self.params.streams - 1)]"
)
OUT_TOO_OFTEN = Mutant(
    "a count for every transaction",
    COUNTER,
    "valid.eq(self.input.valid & self.input.payload.last)",
    "valid.eq(self.input.valid)",
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each count is the ones of its window, cut off at the largest, and the output is a stream."""
    params: Params = core.params
    payload, valid, ready = core.input.payload, core.output.valid, core.output.ready
    took = Signal()
    m.d.comb += took.eq(core.input.valid & core.input.ready)

    ones: Any = Const(0)
    for i in range(params.streams):
        ones = ones + payload.bits[i]
    total, owed, wanted = Signal(params.width), Signal(), Signal(params.width)
    grown = total + ones
    cut = Mux(grown > params.most, params.most, grown)
    with m.If(took & payload.last):
        m.d.sync += [total.eq(0), wanted.eq(cut), owed.eq(1)]
    with m.Else():
        with m.If(took):
            m.d.sync += total.eq(cut)
        with m.If(ready):
            m.d.sync += owed.eq(0)

    full = core.output.payload.full
    claim(m, "a count is out exactly where one is owed", valid == owed)
    claim(m, "each count is the ones of its window", core.output.payload.count == wanted, valid)
    claim(m, "full says that the count is at its end", full == (wanted == params.most), valid)
    claim(m, "bits are taken unless a count waits", core.input.ready == (ready | ~valid))

    begins = inside.register("begins")
    helper(m, "a count that waits begins a window", begins, valid)
    helper(m, "the total of a window that begins is 0", total == 0, begins)
    helper(m, "the total is in the output's register", core.output.payload.count == total, ~begins)

    cover(m, "a window of one", took & payload.last & begins)
    cover(m, "a window of several", took & payload.last & ~begins & (total != 0))
    cover(m, "the count saturates", took & (grown > params.most))
    cover(m, "a stall", valid & ~ready & core.input.valid)


def _proof(streams: int, width: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=COUNTER,
        name=f"{streams} streams, {width} bits",
        says="Each count is the ones of its window, cut off at the largest count, for all inputs, windows of "
        f"any length, stalls and resets: {streams} streams, {width} bits.",
        params=Params(streams, width),
        properties=properties,
        mutants=mutants,
    )


PROOFS = (
    _proof(8, 5, KEEPS_TOTAL, WRAPS, LOSES_A_STREAM),
    _proof(3, 1, COUNTS_IN_STALL, OUT_TOO_OFTEN),
)
