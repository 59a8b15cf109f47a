"""A register map, told once: what every view of it is made from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from spikelock.models.board.registers import CHAIN_REGISTERS, CONTROL, REGISTERS
from spikelock.models.core import find_core
from spikelock.models.errors import BadInput
from spikelock.models.fabric.chain import CORE as CHAIN
from spikelock.models.fixed import Q
from spikelock.models.ports import RegisterMap

BOARD = "board"
"""What the board's own registers are called, among the names of cores."""


@dataclass(frozen=True)
class Described:
    """Registers and what they belong to.

    name: of the core, or `board`. first: address of the first on the link; those of a core that is not on a
    board count from 0. read_only: names of those that cannot be written.
    """

    name: str
    registers: RegisterMap
    first: int = 0
    read_only: frozenset[str] = frozenset()

    @property
    def identifier(self) -> str:
        """The name as one word."""
        return re.sub(r"\W", "_", self.name)

    @property
    def word_bytes(self) -> int:
        """Bytes of a word that holds each of them, at least four: that of `bus.axi4_lite`."""
        return 4 if all(register.q.width <= 32 for register in self.registers.values()) else 8


def format_of(q: Q) -> str:
    """A format in words."""
    fraction = f", {q.fraction} of them fraction" if q.fraction else ""
    return f"{'signed' if q.signed else 'unsigned'}, {q.width} bit{'s' * (q.width > 1)}{fraction}"


def describe(name: str, params: Any = None) -> Described:
    """The registers of a core, or of the board. Raises BadInput where there are none."""
    if name == BOARD:
        return Described(BOARD, REGISTERS, read_only=frozenset(REGISTERS.keys() - CONTROL.keys()))
    core = find_core(name)
    registers = core.registers(core.params() if params is None else params)
    if not registers:
        raise BadInput(f"{name} has no registers with these parameters; 'spikelock cores' lists who has")
    return Described(name, registers, CHAIN_REGISTERS if name == CHAIN.name else 0)
