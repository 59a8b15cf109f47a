"""Proofs of `chiplet.scrambler`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal

from spikelock.models.chiplet.scrambler import DEGREE, Params
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

SCRAMBLER = "chiplet.scrambler"

WRONG_TAP = Mutant("another polynomial, at both ends", SCRAMBLER, "stream[-5] ^ ", "stream[-6] ^ ")
SEED_UNREAD = Mutant(
    "the far end runs on through a seed",
    SCRAMBLER,
    "Mux(self.seed, self.line, following(known, self.width))",
    "following(known, self.width)",
)
SEED_HIDDEN = Mutant(
    "data are sent in the place of the stream", SCRAMBLER, "Mux(self.seed, 0, self.data) ^", "self.data ^"
)
RUNS_AHEAD = Mutant(
    "the scrambler runs on while a beat is stalled",
    SCRAMBLER,
    "scrambler.step.eq(passes)",
    "scrambler.step.eq(1)",
)


def undone(m: Module, core: Any, inside: Inside) -> None:
    """What is put on the line, and that the far end undoes it."""
    sent, came, valid = core.input.payload, core.output.payload, core.output.valid
    width = core.params.width
    passes = valid & core.output.ready
    past = [Signal(init=1, name=f"stream_{age}_ago") for age in range(1, DEGREE + 1)]
    now = came.line ^ Mux(sent.seed, 0, sent.data)
    ages = [*reversed(past), *(now[place] for place in range(width))]  # the oldest first
    right = Cat(
        ages[n] == ages[n - 3] ^ ages[n - 4] ^ ages[n - 5] ^ ages[n - 16] for n in range(DEGREE, len(ages))
    )
    claim(m, "the line has the data and the stream, added", right.all(), when=valid)
    with m.If(passes):
        m.d.sync += [bit.eq(ages[-1 - age]) for age, bit in enumerate(past)]

    told = Signal(range(DEGREE + 1), init=DEGREE, name="bits_told")  # of the newest, how many the far end has
    spoiled = sent.lost | (sent.seed & (sent.flips != 0))
    with m.If(passes & spoiled):
        m.d.sync += told.eq(0)
    with m.Elif(passes & sent.seed):
        m.d.sync += told.eq(Mux(told + width > DEGREE, DEGREE, told + width))
    with m.Elif(passes & (told != DEGREE)):
        m.d.sync += told.eq(0)
    knows = told == DEGREE
    claim(
        m,
        "once told the stream, the far end undoes it, and what the line changed is changed, and no more",
        came.data == sent.data ^ sent.flips,
        when=valid & knows & ~sent.seed & ~sent.lost,
    )
    claim(m, "a seed gives no data", came.data == 0, when=valid & sent.seed)
    claim(m, "a beat comes when one is sent", valid == core.input.valid)
    claim(m, "a beat passes when it is taken", core.input.ready == core.output.ready)

    here, there = inside.register("scrambler.known"), inside.register("descrambler.known")
    helper(m, "the stream here", here == Cat(*reversed(past)))
    for bit in range(DEGREE):
        helper(m, f"the far end has bit {bit}", there[-1 - bit] == here[-1 - bit], when=told > bit)
    lost = Signal(name="was_lost")
    with m.If(passes & sent.lost):
        m.d.sync += lost.eq(1)
    cover(m, "the far end is told the stream anew", lost & knows & valid & ~sent.seed)


PROOFS = (
    Proof(
        SCRAMBLER,
        "undone",
        "The line has the data and the stated stream, added; and after 16 bits of seeds in a row the far end "
        "gives the data, whatever was before, with just the bits wrong that the line has changed: for beats "
        "of 8 bits.",
        Params(8),
        undone,
        (SEED_UNREAD, WRONG_TAP, SEED_HIDDEN, RUNS_AHEAD),
        depth=8,
        bit_level=True,
    ),
    Proof(
        SCRAMBLER,
        "undone bit by bit",
        "The same for beats of one bit, of which 16 are a seed.",
        Params(1),
        undone,
        (WRONG_TAP,),
        depth=24,
        bit_level=True,
    ),
)
