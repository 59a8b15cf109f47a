"""Proofs of `sc.encoder`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal

from spikelock.models.mutant import Mutant
from spikelock.models.sc.encoder import Params

from ..one_for_one import one_for_one
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

ENCODER = "sc.encoder"
STREAMS = "bit_streams"

AT_MOST = Mutant(
    "a number equal to the threshold gives a one",
    STREAMS,
    "return number < value",
    "return number <= value",
)
TURNS_BACK = Mutant("turns to the right", ENCODER, "rotate_left", "rotate_right")
NOT_BIPOLAR = Mutant("the sign is not turned", STREAMS, "~number[-1]", "number[-1]")
SHIFTS_IN_STALL = Mutant(
    "the delay line goes on while the output is stalled",
    ENCODER,
    "with m.If(self.input.ready & self.input.valid):\n            m.d.sync += self",
    "with m.If(self.input.valid):\n            m.d.sync += self",
)
ONE_VALUE = Mutant(
    "all lanes have the value of the first", ENCODER, 'values[f"value{lane}"]', 'values["value0"]'
)
STARTS_AT_ZERO = Mutant(
    "the delay line starts with zeros", ENCODER, "init=-1 & ((1 << params.width) - 1)", "init=0"
)


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each bit is the comparison of its lane's number and value, and the output is a stream."""
    params: Params = core.params
    payload, valid = core.input.payload, core.output.valid
    took = one_for_one(m, core)

    top = (1 << params.width) - 1
    history = [payload.number]
    for age in range(1, max(params.delays) + 1):
        held = Signal(params.width, init=top, name=f"held_{age}")
        with m.If(took):
            m.d.sync += held.eq(history[-1])
        helper(m, f"number {age} before is held", held == inside.register(f"number_{age}"))
        history.append(held)

    values = core.registers if params.held else payload
    wanted = Signal(params.lanes)
    bits = []
    for lane in range(params.lanes):
        number, turn = history[params.delays[lane]], params.rotations[lane]
        turned = Cat(number[(i - turn) % params.width] for i in range(params.width))
        offset = 1 << (params.width - 1) if params.bipolar else 0
        bits.append(turned < values[f"value{lane}"] + offset)
    with m.If(took):
        m.d.sync += wanted.eq(Cat(bits))

    claim(m, "each bit is the comparison of its lane", core.output.payload.bits == wanted, valid)
    cover(m, "a one and then a zero", took & valid & wanted[0] & ~bits[0])
    cover(m, "a zero and then a one", took & valid & ~wanted[0] & bits[0])


def _proof(name: str, params: Params, *mutants: Mutant) -> Proof:
    return Proof(
        core=ENCODER,
        name=name,
        says="Each bit is the comparison of its lane's number, delayed and turned, with its value, for all "
        f"inputs, stalls and resets: lanes {params.lanes}, of {params.width} bits.",
        params=params,
        properties=properties,
        mutants=mutants,
    )


PROOFS = (
    _proof("unipolar", Params(), AT_MOST),
    _proof("bipolar", Params(bipolar=True), AT_MOST, NOT_BIPOLAR),
    _proof(
        "lanes",
        Params(8, True, (0, 3, 7), (0, 2, 3)),
        TURNS_BACK,
        SHIFTS_IN_STALL,
        STARTS_AT_ZERO,
    ),
    _proof("held values", Params(6, True, (0, 2), (0, 1), held=True), ONE_VALUE, TURNS_BACK),
)
