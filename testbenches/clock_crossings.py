"""Paths from one clock to another in a design: found in its gates, not in what anybody says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .yosys import kept_yosys

TO_GATES = """read_verilog -sv design.v
hierarchy -top {top}
proc
flatten
opt_clean
memory_dff
memory_collect
memory_map
opt_clean
simplemap
rename -wire t:$_*FF*
write_json design.json
"""
"""Memories become flip-flops. These are named by the registers that they are, as OpenROAD's flow does."""


@dataclass(frozen=True, order=True)
class Crossing:
    """From a flip-flop or a port of one clock to a flip-flop of another. Names: see `Gates`."""

    source: str
    source_clock: str
    target: str
    target_clock: str


class Gates:
    """A design in gates. ports: the clock by which each input comes, and of each pin that is a clock, itself.

    A flip-flop is called `module.module.register[bit]$_DFF_P_`.
    """

    def __init__(self, verilog: str, top: str, ports: Mapping[str, str]) -> None:
        text = kept_yosys(TO_GATES.format(top=top), {"design.v": verilog}, "design.json")
        module = json.loads(text)["modules"][top]
        self.ports = ports
        self.cells: Mapping[str, Any] = module["cells"]
        self._inputs: Mapping[str, list[Any]] = {
            name: port["bits"] for name, port in module["ports"].items() if port["direction"] == "input"
        }
        if unknown := self._inputs.keys() - ports.keys():
            raise ValueError(f"inputs of which nobody says the clock: {', '.join(sorted(unknown))}")

    @cached_property
    def flip_flops(self) -> Mapping[str, str]:
        """The clock of each."""
        clock = {bits[0]: self.ports[name] for name, bits in self._inputs.items()}
        return {
            name: clock[cell["connections"]["C"][0]]
            for name, cell in self.cells.items()
            if _is_flip_flop(cell)
        }

    @cached_property
    def _launched(self) -> Mapping[Any, tuple[str, str]]:
        """By net: the flip-flop or port that drives it, and its clock."""
        found = {
            bit: (name, self.ports[name])
            for name, bits in self._inputs.items()
            for bit in bits
            if not name.endswith("clk")
        }
        for name, clock in self.flip_flops.items():
            found[self.cells[name]["connections"]["Q"][0]] = (name, clock)
        return found

    @cached_property
    def _gates(self) -> Mapping[Any, list[Any]]:
        """By net that a gate drives: the nets that go into it."""
        found = {}
        for cell in self.cells.values():
            if not _is_flip_flop(cell):
                sides = cell["port_directions"]
                into = [b for pin, bits in cell["connections"].items() if sides[pin] == "input" for b in bits]
                for pin, bits in cell["connections"].items():
                    if sides[pin] == "output":
                        found.update(dict.fromkeys(bits, into))
        return found

    @cached_property
    def crossings(self) -> list[Crossing]:
        """All of them."""
        return sorted(set(self._crossings()))

    def _crossings(self) -> Iterator[Crossing]:
        for name, clock in self.flip_flops.items():
            pins = self.cells[name]["connections"].items()
            for source, launches in self._behind(
                bit for pin, bits in pins if pin not in "CQ" for bit in bits
            ):
                if launches != clock:
                    yield Crossing(source, launches, name, clock)

    def _behind(self, nets: Iterator[Any]) -> Iterator[tuple[str, str]]:
        """What launches some nets, through gates."""
        waiting = [net for net in nets if isinstance(net, int)]
        seen = set(waiting)
        while waiting:
            net = waiting.pop()
            if net in self._launched:
                yield self._launched[net]
                continue
            more = {bit for bit in self._gates.get(net, ()) if isinstance(bit, int)} - seen
            seen |= more
            waiting += more


def _is_flip_flop(cell: Mapping[str, Any]) -> bool:
    return "FF" in cell["type"]
