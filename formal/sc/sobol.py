"""Proofs of `sc.sobol`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.sobol import Params

from ..number_source import IGNORES_RESTART, NEVER_STARTED, STALL_STEPS, requests
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

SOBOL = "sc.sobol"

LAST_MISSING = Mutant(
    "the last direction number is never added",
    SOBOL,
    "lowest = carry[k] if k == self.places",
    "lowest = Const(0, 1) if k == self.places",
)
ALL_BELOW = Mutant(
    "direction numbers of higher bits are added too", SOBOL, "carry[k] & ~index[k]", "~index[k]"
)
OLD_SHIFT = Mutant(
    "a restart forgets the shift", SOBOL, "Cat(self.registers.shift, ", "Cat(Const(0, self.params.width), "
)


def point(m: Module, params: Params, index: Any, shift: Any) -> Signal:
    """Number `index` of the sequence, from the Gray code of the index."""
    gray = Signal(params.width)
    m.d.comb += gray.eq(index ^ (index >> 1))
    total: Any = shift
    for k, direction in enumerate(params.directions):
        total = total ^ Mux(gray[k], Const(direction, params.width), 0)
    result = Signal(params.width)
    m.d.comb += result.eq(total)
    return result


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each number is that of its index since the last restart, by the closed form."""
    params: Params = core.params
    asked = requests(m, core, inside)
    value = core.output.payload.value

    index = Signal(params.width)  # of the number that is out
    shift = Signal(params.width, init=params.shift)
    with m.If(asked.took):
        m.d.sync += index.eq(Mux(asked.restart | ~asked.started, 0, index + 1))
        with m.If(asked.restart):
            m.d.sync += shift.eq(core.registers.shift)

    claim(m, "each number is that of its index", value == point(m, params, index, shift), asked.valid)
    state = core.state
    helper(m, "the core counts", state.index == index[: params.width - 1], asked.started)
    helper(m, "the number stays", state.value == point(m, params, index, shift), asked.started)
    helper(m, "the index begins at 0", index == 0, ~asked.started)
    helper(m, "the shift is at first that of the parameters", shift == params.shift, ~asked.started)

    cover(m, "another shift than that of the parameters", asked.valid & (shift != params.shift))


def _proof(dimension: int, width: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=SOBOL,
        name=f"dimension {dimension}, {width} bits",
        says="Each number is that of its index, by the closed form, over the whole period and on into the "
        f"next, for all requests, shifts, stalls and resets: dimension {dimension}, {width} bits.",
        params=Params(dimension, width, 3),
        properties=properties,
        mutants=mutants,
        depth=12,
    )


PROOFS = (
    _proof(0, 16, IGNORES_RESTART, OLD_SHIFT),
    _proof(1, 3, LAST_MISSING),
    _proof(5, 16, STALL_STEPS, NEVER_STARTED, ALL_BELOW),
)
