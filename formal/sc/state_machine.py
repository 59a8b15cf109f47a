"""Proofs of `sc.state_machine`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, signed

from spikelock.models.mutant import Mutant
from spikelock.models.sc.state_machine import Function, Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

MACHINE = "sc.state_machine"

PAST_THE_TOP = Mutant(
    "goes past the upper end",
    MACHINE,
    "m.If(self.input.payload.bit & (state != top))",
    "m.If(self.input.payload.bit)",
)
PAST_ZERO = Mutant("goes past the lower end", MACHINE, ".bit & (state != 0)", ".bit")
STARTS_AT_ZERO = Mutant("starts at the lower end", MACHINE, "init=self.params.states // 2", "init=0")
MOVES_IN_STALL = Mutant(
    "moves while the output is stalled",
    MACHINE,
    "with m.If(self.input.ready & self.input.valid):",
    "with m.If(self.input.valid):",
)
LAST_LEFT_OUT = Mutant("the last of the ones is a zero", MACHINE, "state <= last", "state < last")


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each bit is that of the state, which follows the equation, and the output is a stream."""
    params: Params = core.params
    valid = core.output.valid
    took = one_for_one(m, core)

    middle = params.states // 2
    walked = Signal(signed(params.states.bit_length() + 1))  # from the middle
    step = Signal(signed(params.states.bit_length() + 2))
    m.d.comb += step.eq(walked + 1)
    with m.If(~core.input.payload.bit):
        m.d.comb += step.eq(walked - 1)
    with m.If(took & (step >= -middle) & (step < middle)):
        m.d.sync += walked.eq(step)

    wanted = {
        Function.TANH: walked >= 0,
        Function.EXPONENTIAL: walked < middle - params.gain,
        Function.SATURATION: walked == middle - 1,
    }[params.function]
    claim(m, "each bit is that of the state", core.output.payload.bit == wanted, valid)
    helper(m, "the state is as far from the middle", inside.register("state") == walked + middle)
    helper(m, "the state is one of the states", (walked >= -middle) & (walked < middle))

    cover(m, "pushed against the upper end", took & core.input.payload.bit & (walked == middle - 1))
    cover(m, "pushed against the lower end", took & ~core.input.payload.bit & (walked == -middle))
    cover(m, "a one", valid & core.output.payload.bit)
    cover(m, "a zero", valid & ~core.output.payload.bit)


def _proof(function: Function, states: int, gain: int, *mutants: Mutant) -> Proof:
    return Proof(
        core=MACHINE,
        name=f"{function.value}, {states} states",
        says="Each bit is that of the state, which moves by one and stops at its ends, for all inputs, "
        f"stalls and resets: {function.value}, {states} states.",
        params=Params(function, states, gain),
        properties=properties,
        mutants=mutants,
        depth=10,
    )


PROOFS = (
    _proof(Function.TANH, 8, 1, MOVES_IN_STALL, STARTS_AT_ZERO, PAST_THE_TOP),
    _proof(Function.EXPONENTIAL, 10, 3, LAST_LEFT_OUT, PAST_ZERO),
    _proof(Function.SATURATION, 6, 1, LAST_LEFT_OUT),
)
