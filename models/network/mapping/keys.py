"""Keys: every part owns an aligned block of them, a power of two long (rule 1.2 of `docs/mesh.md`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.network.program import Program

from .machine import Machine
from .partition import Part, owners


@dataclass(frozen=True)
class Block:
    """The keys `base` … `base + size - 1`; size is a power of two and divides base."""

    base: int
    size: int

    def mask(self, key_width: int) -> int:
        """The bits that all keys of the block share."""
        return ((1 << key_width) - 1) & ~(self.size - 1)


def allocate(parts: list[Part], machine: Machine) -> tuple[list[Block], int]:
    """The block of each part, and the key by which RESTART reaches every tile.

    The largest blocks come first, so none is moved up to be aligned. Raises BadInput where the machine's keys
    are too narrow.
    """
    sizes = [1 << (len(part.neurons) - 1).bit_length() for part in parts]
    blocks: dict[int, Block] = {}
    base = 0
    for index in sorted(range(len(parts)), key=lambda i: -sizes[i]):
        blocks[index] = Block(base, sizes[index])
        base += sizes[index]
    if base >= 1 << machine.key_width:
        raise BadInput(
            f"keys of {machine.key_width} bits are too narrow: the parts' blocks and RESTART need "
            f"{base.bit_length()}; keys of {base.bit_length()} bits would do"
        )
    return [blocks[index] for index in range(len(parts))], base


def require_disjoint(blocks: Sequence[Block]) -> None:
    """Raises BadInput for a block that is not aligned, and for two that overlap, with where one would fit."""
    for index, block in enumerate(blocks):
        if block.size < 1 or block.size & (block.size - 1) or block.base % block.size:
            raise BadInput(f"{block} is no aligned power of two: Block(base=0, size=16) is one")
        for other in blocks[:index]:
            if other.base < block.base + block.size and block.base < other.base + other.size:
                end = max(one.base + one.size for one in blocks)
                raise BadInput(
                    f"the keys of {other} and {block} overlap: {-(-end // block.size) * block.size:#x} would "
                    "do as the second base"
                )


def keys_of(program: Program, parts: list[Part], blocks: list[Block]) -> Ints:
    """By address of the program: its key."""
    owner = owners(program, parts)
    keys = np.zeros(program.addresses, np.int64)
    for index, (part, block) in enumerate(zip(parts, blocks, strict=True)):
        keys[owner == index] = block.base + np.arange(len(part.neurons))
    return keys
