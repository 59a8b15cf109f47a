"""What clocks and resets the registers of a module, read from its logic rather than from names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from spikelock.models.errors import SpikelockError
from spikelock.testbenches.lockstep.verilog import read_verilog

Kind = Literal["synchronous", "asynchronous"]
Active = Literal["high", "low"]
Edge = Literal["rising", "falling"]

FIND_REGISTERS = """hierarchy -check -top {top}
proc
flatten
opt_expr
opt_dff
opt_clean
write_json found.json"""


class ResetUse(NamedTuple):
    """That registers are reset by a port: how."""

    port: str
    kind: Kind
    active: Active


@dataclass(frozen=True)
class Clocking:
    """How many flip-flops each port clocks, by edge, and resets, by kind and polarity."""

    clocks: Counter[tuple[str, Edge]] = field(default_factory=Counter)
    resets: Counter[ResetUse] = field(default_factory=Counter)


def read_clocking(text: str, top: str) -> Clocking:
    """What Yosys finds in the module `top`; nothing where it is missing, or cannot read the module."""
    try:
        found = read_verilog(text, top, FIND_REGISTERS.format(top=top), "found.json")
    except SpikelockError:
        return Clocking()
    module = json.loads(found)["modules"][top]
    inverse = {"$not", "$logic_not", "$_NOT_"}
    inverted = {
        cell["connections"]["Y"][0]: cell["connections"]["A"][0]
        for cell in module["cells"].values()
        if cell["type"] in inverse and len(cell["connections"]["A"]) == 1
    }
    inputs = {
        port["bits"][0]: name
        for name, port in module["ports"].items()
        if port["direction"] == "input" and len(port["bits"]) == 1
    }

    def trace(bit: Any, high: bool) -> tuple[str | None, bool]:
        """The port behind a bit, and whether it acts when the port is high."""
        while bit in inverted:
            bit, high = inverted[bit], not high
        return inputs.get(bit), high

    clocking = Clocking()
    for cell in module["cells"].values():
        pins, parameters = cell["connections"], cell["parameters"]
        if "CLK" in pins:
            port, rising = trace(pins["CLK"][0], _is_set(parameters, "CLK_POLARITY"))
            if port:
                clocking.clocks[port, "rising" if rising else "falling"] += len(pins["Q"])
        kinds: dict[str, Kind] = {"ARST": "asynchronous", "SRST": "synchronous"}
        for pin, kind in kinds.items():
            if pin in pins:
                port, high = trace(pins[pin][0], _is_set(parameters, f"{pin}_POLARITY"))
                if port:
                    use = ResetUse(port, kind, "high" if high else "low")
                    clocking.resets[use] += len(pins["Q"])
    return clocking


def _is_set(parameters: Mapping[str, str], name: str) -> bool:
    return int(parameters[name], 2) != 0
