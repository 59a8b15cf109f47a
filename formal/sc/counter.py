"""Proof of `sc.counter`, and the broken cores that it catches."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.counter import Params

from ..number_source import IGNORES_RESTART, NEVER_STARTED, STALL_STEPS, requests
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

COUNTER = "sc.counter"

BACKWARDS = Mutant("counts down", COUNTER, "self.state + 1", "self.state - 1")
OLD_START = Mutant("a restart goes to 0", COUNTER, "return self.registers.start", "return Const(0)")


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each number is its start and how many requests there have been since."""
    params: Params = core.params
    asked = requests(m, core, inside)
    value = core.output.payload.value

    start = Signal(params.width, init=params.start)
    since = Signal(params.width)
    with m.If(asked.took):
        m.d.sync += since.eq(Mux(asked.restart | ~asked.started, 0, since + 1))
        with m.If(asked.restart):
            m.d.sync += start.eq(core.registers.start)

    wanted = (start + since)[: params.width]
    claim(m, "each number is its start and what has been counted", value == wanted, asked.valid)
    helper(m, "the number stays", value == wanted, asked.started)
    helper(m, "at first the start is that of the parameters", start == params.start, ~asked.started)
    cover(m, "the counter wraps", asked.valid & (value == 0) & (since != 0))


PROOFS = (
    Proof(
        core=COUNTER,
        name="16 bits",
        says="Each number is the start and how many requests there have been since, for all requests, "
        "starts, stalls and resets: 16 bits.",
        params=Params(16, 7),
        properties=properties,
        mutants=(BACKWARDS, OLD_START, IGNORES_RESTART, NEVER_STARTED, STALL_STEPS),
    ),
)
