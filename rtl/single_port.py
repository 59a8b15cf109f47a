"""Memories in the single-port RAM of an iCE40 UltraPlus: large, empty at power-up, one access a cycle.

Amaranth asks a platform for its memories (`get_memory`), so a core need not know. It says by an attribute
which of its memories are never read and written in one cycle.
Source: Lattice, "Memory usage guide for iCE40 devices" and "iCE40 SPRAM usage guide" (FPGA-TN-02022).
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory

ONE_AT_A_TIME = {"read_or_written": 1}
"""Attributes of a memory that is never read in a cycle in which it is written."""

DEPTH = 16_384
WIDTH = 16
BLOCK = 4_096
"""Bits of a block RAM: what fits into one stays there, as there are only four of the large ones."""


def fits(memory: Memory) -> bool:
    """Whether a memory may, and should, lie in single-port RAM."""
    return (
        all(memory.attrs.get(name) == value for name, value in ONE_AT_A_TIME.items())
        and memory.depth * len(Value.cast(memory.write_ports[0].data)) > BLOCK
        and memory.depth <= DEPTH
        and len(memory.read_ports) == len(memory.write_ports) == 1
        and not any(memory.init)
    )


class SinglePortMemory(wiring.Component):
    """Takes the place of a memory that `fits`: joins its two ports to one.

    What is read in a cycle in which it is written means nothing.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        super().__init__({})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        (read,), (write,) = self.memory.read_ports, self.memory.write_ports
        address = Mux(write.en, write.addr, read.addr)
        word = Value.cast(write.data)
        banks = -(-len(word) // WIDTH)
        padded = Cat(word, Const(0, banks * WIDTH - len(word)))
        outputs = [Signal(WIDTH, name=f"output{bank}") for bank in range(banks)]
        for bank, output in enumerate(outputs):
            m.submodules[f"bank{bank}"] = Instance(
                "SB_SPRAM256KA",
                i_CLOCK=ClockSignal(),
                i_ADDRESS=Cat(address, Const(0, 14 - len(address))),
                i_DATAIN=padded[bank * WIDTH : (bank + 1) * WIDTH],
                i_MASKWREN=Const(0b1111, 4),
                i_WREN=write.en,
                i_CHIPSELECT=Const(1, 1),
                i_STANDBY=Const(0, 1),
                i_SLEEP=Const(0, 1),
                i_POWEROFF=Const(1, 1),  # low when the power is off
                o_DATAOUT=output,
            )
        m.d.comb += Value.cast(read.data).eq(Cat(*outputs))
        return m


def ultraplus_memory(memory: Memory) -> Any:
    """The `get_memory` of a platform with an iCE40 UltraPlus."""
    return SinglePortMemory(memory) if fits(memory) else memory.elaborate(None)
