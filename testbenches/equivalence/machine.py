"""A design as a state machine of gates, with its alterations behind the selector.

Memories are taken out: what one is read for becomes an input, what it is given and where it is read become
outputs. So a machine does in one step whatever the design may do in one cycle, with any contents of its
memories.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spikelock.testbenches.alterations import Altering, selector_port
from spikelock.testbenches.lockstep.verilog import TOP
from spikelock.testbenches.yosys import run_yosys

from .graph import Algebra, Value

FLATTEN = f"""
hierarchy -top {TOP}
flatten
async2sync
memory_nordff
opt_clean
write_json flat.json
"""

TO_GATES = f"""
read_json flat.json
hierarchy -top {TOP}
setundef -zero
opt_expr
techmap
dffunmap
simplemap
dfflegalize -cell $_DFF_P_ 01
opt_expr
opt_merge
aigmap
opt_clean
write_aiger -ascii -symbols machine.aag
"""

SYMBOL = re.compile(r"([ilo])(\d+) (\S+)")
BIT = re.compile(r"(.*?)(?:\[(\d+)\])?")

READ, WRITE = "read", "write"
"""What ports of memories are called, as in `read3.DATA`."""

PINS = {"$memrd": (READ, ("ADDR",), ("DATA",)), "$memwr": (WRITE, ("EN", "ADDR", "DATA"), ())}
"""Of a port of a memory: what becomes an output of the machine, and what an input."""


@dataclass(frozen=True, order=True)
class Bit:
    """A bit of a named signal."""

    name: str
    number: int


@dataclass(frozen=True)
class Machine:
    """Gates that give the next state and the outputs for a state and inputs.

    Literals count inputs, then states, then gates, from 1; 0 is false. initial: None where a register has no
    value after reset. gates: each the and of two literals, of inputs, states and gates before it.
    """

    inputs: tuple[Bit, ...]
    states: tuple[Bit, ...]
    initial: tuple[int | None, ...]
    outputs: tuple[Bit, ...]
    gates: tuple[tuple[int, int], ...]
    following: tuple[int, ...]
    results: tuple[int, ...]

    def step(
        self, algebra: Algebra[Value], inputs: Sequence[Value], states: Sequence[Value]
    ) -> tuple[list[Value], list[Value]]:
        """The next state and the outputs."""
        both, invert = algebra.both, algebra.invert
        nodes = [algebra.false, *inputs, *states]
        add = nodes.append
        for a, b in self.gates:
            x, y = nodes[a >> 1], nodes[b >> 1]
            add(both(invert(x) if a & 1 else x, invert(y) if b & 1 else y))

        def value(literal: int) -> Value:
            node = nodes[literal >> 1]
            return invert(node) if literal & 1 else node

        return [value(literal) for literal in self.following], [value(literal) for literal in self.results]


def machine(prepared: str, alterations: Sequence[Altering]) -> Machine:
    """The machine of a prepared design with these alterations. Raises as `run_yosys`."""
    bits = selector_port(alterations).width
    commands = "".join(alteration.commands(bits) for alteration in alterations)
    script = f"read_rtlil prepared.il\n{commands}{FLATTEN}"
    design = json.loads(run_yosys(script, {"prepared.il": prepared}, ["flat.json"])["flat.json"])
    _take_memories_out(design["modules"][TOP])
    made = run_yosys(TO_GATES, {"flat.json": json.dumps(design)}, ["machine.aag"])
    return read_aiger(made["machine.aag"])


def _take_memories_out(module: dict[str, Any]) -> None:
    """Makes ports of what goes into and comes out of memories; of what they hold nothing is left."""
    module.pop("memories", None)
    cells: dict[str, dict[str, Any]] = module["cells"]
    for number, name in enumerate([n for n, cell in cells.items() if cell["type"].startswith("$mem")]):
        cell = cells.pop(name)
        what, outward, inward = PINS.get(cell["type"].partition("_")[0], ("", (), ()))
        for pins, direction in ((outward, "output"), (inward, "input")):
            for pin in pins:
                if bits := cell["connections"][pin]:  # a memory of one record has no address
                    module["ports"][f"{what}{number}.{pin}"] = {"direction": direction, "bits": bits}


def read_aiger(text: str) -> Machine:
    """A machine from the text form of AIGER.

    A. Biere, K. Heljanko and S. Wieringa, "AIGER 1.9 and beyond", Johannes Kepler University Linz (2011).
    """
    lines = iter(text.splitlines())
    _, _, inputs, latches, outputs, gates = (
        int(word) if word.isdigit() else 0 for word in next(lines).split()
    )
    taken = [
        [list(map(int, next(lines).split())) for _ in range(n)] for n in (inputs, latches, outputs, gates)
    ]
    names = {(kind, int(number)): _bit(name) for kind, number, name in _symbols(lines)}
    # AIGER leaves the numbers of nodes to the writer; here they are given in order.
    order = [line[0] >> 1 for part in (taken[0], taken[1], taken[3]) for line in part]
    place = {0: 0} | {node: number for number, node in enumerate(order, 1)}

    def literal(of: int) -> int:
        return 2 * place[of >> 1] + (of & 1)

    return Machine(
        tuple(names["i", n] for n in range(inputs)),
        tuple(names.get(("l", n), Bit(f"register{n}", 0)) for n in range(latches)),
        tuple(_initial(line) for line in taken[1]),
        tuple(names["o", n] for n in range(outputs)),
        tuple((literal(a), literal(b)) for _, a, b in taken[3]),
        tuple(literal(line[1]) for line in taken[1]),
        tuple(literal(line[0]) for line in taken[2]),
    )


def _symbols(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        if line == "c":
            return
        if match := SYMBOL.match(line):
            yield match[1], match[2], match[3]


def _bit(name: str) -> Bit:
    match = BIT.fullmatch(name)
    return Bit(match[1], int(match[2] or 0)) if match else Bit(name, 0)


def _initial(latch: Sequence[int]) -> int | None:
    """The third number of a latch: 0, 1, or the latch itself where it has no value at first."""
    value = latch[2] if len(latch) > 2 else 0
    return value if value in (0, 1) else None
