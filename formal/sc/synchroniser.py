"""Proofs of `sc.synchroniser`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.synchroniser import Kind, Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

SYNCHRONISER = "sc.synchroniser"

FULL_WRAPS = Mutant(
    "a one too many is saved", SYNCHRONISER, "x_alone & (saved != depth)", "x_alone & (saved <= depth)"
)
NOTHING_MEETS = Mutant(
    "the saved one of y is lost where it should meet a one of x",
    SYNCHRONISER,
    "[self.x.eq(saved < 0), self.y.eq(saved < 0)]",
    "[self.x.eq(saved < 0), self.y.eq(0)]",
)
MOVES_IN_STALL = Mutant(
    "saves while the output is stalled",
    SYNCHRONISER,
    "self.took.eq(self.input.ready & self.input.valid)",
    "self.took.eq(self.input.valid)",
)
NO_TURNS = Mutant("no turns are taken", SYNCHRONISER, "stays = oldest ^ saved[0]", "stays = oldest")
RETURNS_TO_X = Mutant(
    "every one comes back in x",
    SYNCHRONISER,
    "[self.x.eq(~oldest), self.y.eq(oldest)]",
    "[self.x.eq(1), self.y.eq(0)]",
)
STAYS_IN_BOTH = Mutant("the one that is saved passes, too", SYNCHRONISER, "self.y.eq(~stays)", "self.y.eq(1)")


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each pair is that of the equation, no more than `depth` ones are held back, and none is made."""
    params: Params = core.params
    depth, payload = params.depth, core.input.payload
    valid = core.output.valid
    took = one_for_one(m, core)

    # ones of each stream that came in and have not gone out
    kept_x, kept_y = (Signal(range(2 * depth + 2), name=f"kept_{name}") for name in "xy")
    pair, wanted = Signal(2), Signal(2)  # x in the lower bit
    if params.kind is Kind.SYNCHRONISER:
        _synchroniser(m, depth, payload, pair, kept_x, kept_y)
        helper(m, "saved ones are counted in two directions", inside.register("saved") == kept_x - kept_y)
        claim(m, "ones of one stream at most are held back", (kept_x == 0) | (kept_y == 0))
        most = depth
    else:
        saves, returns = _desynchroniser(m, depth, payload, pair, kept_x, kept_y, took)
        oldest, saved = inside.register("oldest"), inside.register("saved")
        helper(m, "what is saved is what is kept", saved == kept_x + kept_y)
        helper(m, "the oldest is the next to come back", oldest == returns)
        helper(m, "turns follow from the number saved", (saves ^ returns) == saved[0])
        helper(
            m, "streams are held back alike", kept_x + (saved[0] & oldest) == kept_y + (saved[0] & ~oldest)
        )
        most = (depth + 1) // 2
    with m.If(took):
        m.d.sync += [
            wanted.eq(pair),
            kept_x.eq(kept_x + payload.x - pair[0]),
            kept_y.eq(kept_y + payload.y - pair[1]),
        ]

    out = Cat(core.output.payload.x, core.output.payload.y)
    claim(m, "each pair of bits is that of the equation", out == wanted, valid)
    claim(m, "no more ones are held back than there is room for", (kept_x <= most) & (kept_y <= most))

    cover(m, "as many ones of x are saved as can be", kept_x == most)
    cover(m, "as many ones of y are saved as can be", kept_y == most)
    for before in range(4):
        passes = took & (Cat(payload.x, payload.y) == before)
        cover(m, f"x, y = {before & 1}, {before >> 1} pass", passes & (pair == before))
        if (before in (1, 2)) == (params.kind is Kind.SYNCHRONISER):
            cover(m, f"x, y = {before & 1}, {before >> 1} do not pass", passes & (pair != before))


def _synchroniser(m: Module, depth: int, payload: Any, pair: Signal, kept_x: Signal, kept_y: Signal) -> None:
    m.d.comb += pair.eq(Cat(payload.x, payload.y))
    with m.If(payload.x != payload.y):
        with m.If(Mux(payload.x, kept_y, kept_x) != 0):
            m.d.comb += pair.eq(0b11)
        with m.Elif(Mux(payload.x, kept_x, kept_y) < depth):
            m.d.comb += pair.eq(0b00)


def _desynchroniser(
    m: Module, depth: int, payload: Any, pair: Signal, kept_x: Signal, kept_y: Signal, took: Signal
) -> tuple[Signal, Signal]:
    """Whether the next one to be saved, and the next to come back, is of y."""
    saves, returns = Signal(), Signal()
    m.d.comb += pair.eq(Cat(payload.x, payload.y))
    with m.If(payload.x & payload.y & (kept_x + kept_y < depth)):
        m.d.comb += pair.eq(Mux(saves, 0b01, 0b10))
        with m.If(took):
            m.d.sync += saves.eq(~saves)
    with m.If(~payload.x & ~payload.y & (kept_x + kept_y > 0)):
        m.d.comb += pair.eq(Mux(returns, 0b10, 0b01))
        with m.If(took):
            m.d.sync += returns.eq(~returns)
    return saves, returns


def _proof(kind: Kind, depth: int, *mutants: Mutant) -> Proof:
    most = depth if kind is Kind.SYNCHRONISER else (depth + 1) // 2
    return Proof(
        core=SYNCHRONISER,
        name=f"{kind.value}, depth {depth}",
        says="Each pair of bits is that of the equation; the ones of each stream that went out are those "
        f"that came in, less 0 … {most}; for all inputs, stalls and resets: {kind.value} of depth {depth}.",
        params=Params(kind, depth),
        properties=properties,
        mutants=mutants,
        depth=10,
    )


PROOFS = (
    _proof(Kind.SYNCHRONISER, 1, NOTHING_MEETS),
    _proof(Kind.SYNCHRONISER, 3, FULL_WRAPS, MOVES_IN_STALL),
    _proof(Kind.DESYNCHRONISER, 1, RETURNS_TO_X, STAYS_IN_BOTH),
    _proof(Kind.DESYNCHRONISER, 4, NO_TURNS),
)
