"""Registers as the words of a bus: what the register cores of this family have in common.

Register i is the word at byte address i · data_width / 8, its bits lowest. A write takes the bytes whose
strobes are set, and keeps the others; bits above a register's own are dropped, and read as 0. A read-only
register keeps its reset value. The low bits of an address, within a word, say nothing: strobes do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Q, signed, unsigned
from spikelock.models.ports import Layout, Register, RegisterMap, index_bits

EXAMPLE = (
    ("threshold", Register(signed(16), -300, "an example of a signed value")),
    ("period", Register(unsigned(5), 9, "an example of a short one")),
    ("mask", Register(unsigned(32), 0xC0FFEE11, "an example of one that fills a word")),
    ("enable", Register(unsigned(1), 1, "an example of the shortest")),
    ("identifier", Register(unsigned(24), 0x5A17E5, "an example of one that is only read")),
)


@dataclass(frozen=True)
class RegisterSpace:
    """Registers by name, in the order of their addresses, and the bus that reaches them."""

    registers: tuple[tuple[str, Register], ...] = EXAMPLE
    read_only: tuple[str, ...] = ("identifier",)
    data_width: int = 32
    address_width: int = 12

    WIDTHS: ClassVar[tuple[int, ...]] = (8, 16, 32, 64)

    def __post_init__(self) -> None:
        if not self.registers or len(self.map) != len(self.registers):
            raise BadInput("registers: one or more are needed, each with a name of its own")
        if self.data_width not in self.WIDTHS:
            raise RangeError(
                f"data_width = {self.data_width}: one of {', '.join(map(str, self.WIDTHS))} bits"
            )
        for name, register in self.registers:
            if register.q.width > self.data_width:
                raise RangeError(
                    f"register {name} has {register.q.width} bits; a word of this bus has {self.data_width}"
                )
        if unknown := set(self.read_only) - self.map.keys():
            raise BadInput(f"read_only: no register {min(unknown)!r}; there are: {', '.join(self.map)}")
        if not self.writable.fields:
            raise BadInput("read_only: all registers are named; at least one must be writable")
        least = index_bits(len(self.registers)) + self.lane_bits
        if not least <= self.address_width <= 64:
            raise RangeError(f"address_width = {self.address_width}: {least} … 64 bits reach all registers")

    @property
    def map(self) -> RegisterMap:
        """The registers by name."""
        return dict(self.registers)

    @property
    def strobes(self) -> int:
        """Bytes of a word."""
        return self.data_width // 8

    @property
    def lane_bits(self) -> int:
        """Bits of an address that tell the bytes of a word apart."""
        return (self.strobes - 1).bit_length()

    @property
    def writable(self) -> Layout:
        """The registers that can be written, and their formats."""
        return Layout({name: r.q for name, r in self.registers if name not in self.read_only})

    @property
    def can_write(self) -> tuple[bool, ...]:
        """Whether each register can be written."""
        return tuple(name not in self.read_only for name in self.map)

    @property
    def address(self) -> Q:
        """Format of a byte address."""
        return unsigned(self.address_width)

    @property
    def data(self) -> Q:
        """Format of a word."""
        return unsigned(self.data_width)


class Answer(IntEnum):
    """What becomes of an access, in the code of AXI's responses: OKAY, SLVERR, DECERR."""

    DONE = 0
    READ_ONLY = 2
    NO_REGISTER = 3


Words = tuple[int, ...]
"""The bits of every register."""


def reset_words(space: RegisterSpace) -> Words:
    """The registers after reset."""
    return tuple(register.reset % (1 << register.q.width) for _, register in space.registers)


def read(space: RegisterSpace, words: Words, address: int) -> tuple[Answer, int]:
    """The word at a byte address, 0 where there is none."""
    number = address >> space.lane_bits
    if number >= len(words):
        return Answer.NO_REGISTER, 0
    return Answer.DONE, words[number]


def write(space: RegisterSpace, words: Words, address: int, data: int, strobe: int) -> tuple[Answer, Words]:
    """The registers after a write."""
    number = address >> space.lane_bits
    if number >= len(words):
        return Answer.NO_REGISTER, words
    if not space.can_write[number]:
        return Answer.READ_ONLY, words
    mask = sum(0xFF << 8 * lane for lane in range(space.strobes) if strobe >> lane & 1)
    merged = (words[number] & ~mask | data & mask) % (1 << space.registers[number][1].q.width)
    return Answer.DONE, (*words[:number], merged, *words[number + 1 :])
