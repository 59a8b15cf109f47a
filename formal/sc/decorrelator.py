"""Proofs of `sc.decorrelator`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, signed

from spikelock.models.mutant import Mutant
from spikelock.models.sc.decorrelator import Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

DECORRELATOR = "sc.decorrelator"

NOT_STORED = Mutant(
    "bits are not stored", DECORRELATOR, "buffer.bit_select(address, 1).eq(bit)", "buffer.eq(buffer)"
)
STARTS_AT_ZERO = Mutant("starts with zeros", DECORRELATOR, "init=start", "init=0")
MOVES_IN_STALL = Mutant(
    "stores while the output is stalled",
    DECORRELATOR,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)
NOTHING_PASSES = Mutant(
    "no bit passes the buffer by",
    DECORRELATOR,
    "m.d.sync += self.output.payload.bit.eq(bit)",
    "m.d.sync += self.output.payload.bit.eq(buffer[0])",
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each bit is that of the place its address names, and the ones that are held back are those stored."""
    params: Params = core.params
    payload, valid = core.input.payload, core.output.valid
    took = one_for_one(m, core)
    wanted, leaves = Signal(), Signal()
    m.d.comb += leaves.eq(payload.bit)
    places = [Signal(init=address & 1, name=f"place_{address}") for address in range(params.depth)]
    for address, place in enumerate(places):
        with m.If(payload.address == address):
            m.d.comb += leaves.eq(place)
            with m.If(took):
                m.d.sync += place.eq(payload.bit)
        helper(m, f"place {address} holds its bit", inside.register("buffer")[address] == place)

    # by how much more ones came in than went out
    kept = Signal(signed(params.depth.bit_length() + 2))
    with m.If(took):
        m.d.sync += [wanted.eq(leaves), kept.eq(kept + payload.bit - leaves)]
    stored = sum(places, start=-(params.depth // 2))
    helper(m, "ones that are held back are stored, but for those after reset", kept == stored)

    claim(m, "each bit is that of its place", core.output.payload.bit == wanted, valid)
    most, least = params.depth - params.depth // 2, -(params.depth // 2)
    claim(m, "ones out are ones in, but for half of the buffer", (kept <= most) & (kept >= least))
    cover(m, "all that is stored are ones", kept == most)
    cover(m, "all that is stored are zeros", kept == least)
    cover(m, "a one goes by", took & (payload.address >= params.depth) & payload.bit)


def _proof(depth: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=DECORRELATOR,
        name=f"depth {depth}",
        says="Each bit is that of the place its address names; the ones that went out are those that "
        f"came in, but for {-(depth // 2)} … {depth - depth // 2}; for all inputs, stalls and resets: "
        f"depth {depth}.",
        params=Params(depth),
        properties=properties,
        mutants=mutants,
        depth=10,
    )


PROOFS = (
    _proof(1, NOTHING_PASSES),
    _proof(6, NOT_STORED, STARTS_AT_ZERO, MOVES_IN_STALL),
    _proof(7, NOT_STORED),
)
