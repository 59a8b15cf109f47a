"""Proofs of `sc.halton`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.halton import Params

from ..number_source import IGNORES_RESTART, STALL_STEPS, requests
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

HALTON = "sc.halton"

CARRY_LOST = Mutant("a digit carries whenever it is the last", HALTON, "carry = carry & last", "carry = last")
DIGIT_TOO_FAR = Mutant(
    "a digit goes one too far",
    HALTON,
    "last = digit == self.params.base - 1",
    "last = digit == self.params.base",
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """The digits are those of the index since the last restart, and the number is what they count."""
    params: Params = core.params
    asked = requests(m, core, inside)
    value = core.output.payload.value

    index = Signal(range(params.period))  # of the number that is out
    following = Mux(index == params.period - 1, 0, index + 1)
    with m.If(asked.took):
        m.d.sync += index.eq(Mux(asked.restart | ~asked.started, 0, following))

    wanted: Any = Const(0)
    power = 1
    for weight in params.weights:
        wanted = wanted + (index // power) % params.base * weight
        power *= params.base
    claim(m, "each number is that of its index", value == wanted, asked.valid)

    number: Any = Const(0)
    for k, digit in enumerate(core.state):
        number = number + digit * params.base**k
        helper(m, f"digit {k} is one of the base", digit < params.base, asked.started)
    helper(m, "the digits are those of the index", number == index, asked.started)
    helper(m, "the index is in its range", index < params.period)
    helper(m, "the index begins at 0", index == 0, ~asked.started)

    cover(m, "a carry", asked.valid & (index == params.base))


def _proof(base: int, width: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=HALTON,
        name=f"base {base}, {width} bits",
        says="Each number is the radical inverse of its index, over the whole period and on into the next, "
        f"for all requests, stalls and resets: base {base}, {width} bits.",
        params=Params(base, width),
        properties=properties,
        mutants=mutants,
        depth=12,
    )


PROOFS = (
    _proof(2, 8, IGNORES_RESTART, STALL_STEPS, CARRY_LOST),
    _proof(3, 6, CARRY_LOST, DIGIT_TOO_FAR),
)
