"""Proofs of `sc.divider`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.divider import Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

DIVIDER = "sc.divider"

NOTHING_REPEATED = Mutant(
    "a divisor bit of 0 gives 0",
    DIVIDER,
    "Mux(payload.divisor, payload.dividend, repeated)",
    "payload.divisor & payload.dividend",
)
STORES_ALWAYS = Mutant(
    "bits that came with a divisor bit of 0 are stored, too",
    DIVIDER,
    "with m.If(payload.divisor):",
    "with m.If(1):",
)
MOVES_IN_STALL = Mutant(
    "goes on while the output is stalled",
    DIVIDER,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)
STARTS_AT_ZERO = Mutant("starts with zeros", DIVIDER, "init=start", "init=0")
TURNED_AROUND = Mutant(
    "the oldest bit is at address 0",
    DIVIDER,
    "Cat(payload.dividend, past)",
    "Cat(past[1:], payload.dividend)",
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each bit is the dividend's, or that of the address among those that came with a one of the divisor."""
    params: Params = core.params
    payload, valid = core.input.payload, core.output.valid
    took = one_for_one(m, core)
    wanted, quotient = Signal(), Signal()
    m.d.comb += quotient.eq(payload.dividend)

    past = [Signal(init=address & 1, name=f"past_{address}") for address in range(params.depth)]
    with m.If(took & payload.divisor):
        for newer, older in zip([payload.dividend, *past], past, strict=False):
            m.d.sync += older.eq(newer)
    for address, bit in enumerate(past):
        chosen = payload.address == address if params.depth > 1 else 1
        with m.If(~payload.divisor & chosen):
            m.d.comb += quotient.eq(bit)
        helper(m, f"past bit {address} is held", inside.register("past")[address] == bit)
    with m.If(took):
        m.d.sync += wanted.eq(quotient)

    claim(m, "each bit is the quotient's", core.output.payload.quotient == wanted, valid)
    for bit in (0, 1):
        cover(
            m,
            f"a {bit} that came before",
            took & ~payload.divisor & (quotient == bit) & (payload.dividend != bit),
        )
        cover(m, f"a {bit} of the dividend", took & payload.divisor & (payload.dividend == bit))


def _proof(depth: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=DIVIDER,
        name=f"depth {depth}",
        says="Each bit of the quotient is that of the equation, for all inputs, stalls and resets: "
        f"depth {depth}.",
        params=Params(depth),
        properties=properties,
        mutants=mutants,
        depth=10,
    )


PROOFS = (
    _proof(1, NOTHING_REPEATED, STORES_ALWAYS, MOVES_IN_STALL),
    _proof(4, STARTS_AT_ZERO, TURNED_AROUND),
)
