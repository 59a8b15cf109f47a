"""Proofs of `sc.lfsr`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal

from spikelock.models.lfsr import Kind
from spikelock.models.mutant import Mutant
from spikelock.models.sc.lfsr import Params

from ..number_source import DROPS_WHEN_STALLED, IGNORES_RESTART, NEVER_STARTED, STALL_STEPS, requests
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

LFSR = "sc.lfsr"

ZERO_STAYS = Mutant(
    "a seed of 0 is loaded",
    LFSR,
    "Mux(self.registers.seed == 0, 1, self.registers.seed)",
    "self.registers.seed",
)
TAPS = Mutant("one tap too few", "fixed", "for tap in lfsr.taps).xor()", "for tap in lfsr.taps[:-1]).xor()")
MASK = Mutant("the mask is inverted", "fixed", "return state[1:] ^ (mask", "return state[1:] ^ (~mask")


def successor(m: Module, params: Params, value: Any) -> Signal:
    """The state after `value`, bit for bit: each bit of a Fibonacci register comes from its neighbour, and
    the free end is the sum of the taps; a Galois register adds the bit that falls out.
    """
    width, taps = params.width, params.generator.taps
    total: Any = Const(0, 1)
    for tap in taps:
        total = total ^ value[tap]
    result = Signal(width)
    for i in range(width):
        if params.kind == "fibonacci_left":
            bit = total if i == 0 else value[i - 1]
        elif params.kind == "fibonacci_right":
            bit = total if i == width - 1 else value[i + 1]
        else:
            above = value[i + 1] if i < width - 1 else Const(0, 1)
            bit = above ^ value[0] if i in taps else above
        m.d.comb += result[i].eq(bit)
    return result


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each value is what the requests so far say, and it is never 0."""
    params: Params = core.params
    value, seed = core.output.payload.value, core.registers.seed
    asked = requests(m, core, inside)

    upcoming = Signal(params.width, init=params.seed)  # what the next request without restart gives
    wanted, given = Signal(params.width), Signal(params.width)
    m.d.comb += given.eq(Mux(asked.restart, Mux(seed == 0, 1, seed), upcoming))
    after = successor(m, params, given)
    with m.If(asked.took):
        m.d.sync += [upcoming.eq(after), wanted.eq(given)]

    claim(m, "each value is that of its request", value == wanted, asked.valid)
    claim(m, "no value is 0", value != 0, asked.valid)

    helper(m, "before the first request the seed is next", upcoming == params.seed, ~asked.started)
    helper(m, "then the successor of the last value", upcoming == successor(m, params, wanted), asked.started)
    helper(m, "the last value stays in the register", value == wanted, asked.started)
    helper(m, "what comes next is not 0", upcoming != 0)
    helper(m, "the last value was not 0", wanted != 0, asked.started)

    cover(m, "a seed of 0", asked.took & asked.restart & (seed == 0))


def _proof(kind: Kind, width: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=LFSR,
        name=f"{kind}, {width} bits",
        says="Each value is what its request asks for, and none is ever 0, for all requests, seeds, stalls "
        f"and resets: {kind}, {width} bits.",
        params=Params(width, kind, 5),
        properties=properties,
        mutants=mutants,
    )


PROOFS = (
    _proof("fibonacci_left", 16, ZERO_STAYS, STALL_STEPS, DROPS_WHEN_STALLED, NEVER_STARTED, TAPS),
    _proof("fibonacci_right", 16, IGNORES_RESTART, TAPS),
    _proof("galois", 16, MASK),
    _proof("galois", 64, MASK),
)
