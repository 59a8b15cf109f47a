"""Proofs of `sc.gate`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux

from spikelock.models.mutant import Mutant
from spikelock.models.sc.gate import Gate, Params

from ..proof import Proof
from ..properties import Inside, claim, cover

GATE = "sc.gate"

TABLES = {
    Gate.NOT: (1, 0),
    Gate.AND: (0, 0, 0, 1),
    Gate.XNOR: (1, 0, 0, 1),
    Gate.OR: (0, 1, 1, 1),
    Gate.XOR: (0, 1, 1, 0),
    Gate.MUX: (0, 0, 1, 1, 0, 1, 0, 1),
}
"""Truth tables: the bit for a + 2·b + 4·select."""

BROKEN = {
    Gate.NOT: Mutant("a wire", GATE, "return ~operands[0]", "return operands[0]"),
    Gate.AND: Mutant("nand", GATE, "Gate.AND: a & b", "Gate.AND: ~(a & b)"),
    Gate.XNOR: Mutant("xor in its place", GATE, "~(a ^ b)", "a ^ b"),
    Gate.OR: Mutant("xor in its place", GATE, "a | b", "a ^ b"),
    Gate.XOR: Mutant("or in its place", GATE, "Gate.XOR: a ^ b", "Gate.XOR: a | b"),
    Gate.MUX: Mutant(
        "the operands are exchanged", GATE, "a, b, select = operands", "b, a, select = operands"
    ),
}


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Every bit is that of the truth table, and nothing is held back."""
    params: Params = core.params
    operands = [core.input.payload[name] for name in params.operands]
    valid, bits = core.output.valid, core.output.payload.bits
    for lane in range(params.lanes):
        row = Cat(operand[lane] for operand in operands)
        wanted: Any = Const(0, 1)
        for number, bit in enumerate(TABLES[params.gate]):
            wanted = Mux(row == number, bit, wanted)
        claim(m, f"lane {lane} is the gate of its operands", bits[lane] == wanted, valid)
        cover(m, f"lane {lane} gives a one", valid & bits[lane])
        cover(m, f"lane {lane} gives a zero", valid & ~bits[lane])
    claim(m, "bits come with their operands", valid == core.input.valid)
    claim(m, "operands pass with their bits", core.input.ready == core.output.ready)


PROOFS = tuple(
    Proof(
        core=GATE,
        name=gate.value,
        says=f"Each bit is the {gate.value} of its operands, for all operands and stalls: 3 lanes.",
        params=Params(gate, 3),
        properties=properties,
        mutants=(BROKEN[gate],),
        depth=3,
    )
    for gate in Gate
)
