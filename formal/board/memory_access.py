"""Proofs of `MemoryAccess`, and the broken ones that they catch."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

from ..proof import Proof
from .memory_access_properties import LOADED, READABLE, RECORD, reads, writes

MEMORY_ACCESS = "board.memory_access"


def _broken(breaks: str, old: str, new: str) -> Mutant:
    return Mutant(breaks, MEMORY_ACCESS, old, new)


PARAMS = (LOADED, READABLE, RECORD)
SIZES = "Memories of 3 and 2 cells, of two bytes and of one, a third to read only, a record of three bytes."

PROOFS = (
    Proof(
        MEMORY_ACCESS,
        "writes",
        "A record of a write (rule 5.3) is written to the cell that it addresses, first + n of the memory "
        "that the request names, and to no other; none is written beyond the count, beyond the memory, or "
        "behind such a record. " + SIZES,
        PARAMS,
        writes,
        (
            _broken(
                "records beyond the count are written",
                "wanted = (operation == WRITE) & (count != 0)",
                "wanted = (operation == WRITE)",
            ),
            _broken(
                "a record goes to the cell before its own",
                "self.load.payload.address.eq(first)",
                "self.load.payload.address.eq(first - 1)",
            ),
            _broken(
                "a write goes on behind a bad record",
                "self.load.valid.eq(wanted & ~bad)",
                "self.load.valid.eq(wanted)",
            ),
            _broken(
                "a read with records writes them", "wanted = (operation == WRITE) & (count", "wanted = (count"
            ),
            _broken(
                "memories that are only read are written",
                "& inside & (memory < len(self.loaded))",
                "& inside",
            ),
        ),
        depth=16,
        bit_level=True,
    ),
    Proof(
        MEMORY_ACCESS,
        "reads",
        "A read is answered with the records of the cells it names, in order, as many as it asks for, each "
        "as its cell showed while the chain was idle, in packets that say which memory and address they "
        "begin with; nothing else is "
        "sent. " + SIZES,
        PARAMS,
        reads,
        (
            _broken(
                "a record is taken before its memory shows it",
                "m.If(capability | self.inspected.idle):",
                "m.If(1):",
            ),
            _broken(
                "a cell that is not there is read",
                "there = capability | (inside & self.inspected.idle)",
                "there = capability | self.inspected.idle",
            ),
            _broken(
                "the address comes before the memory",
                "answer = Cat(Const(Channel.MEMORIES, 8), memory, first)",
                "answer = Cat(Const(Channel.MEMORIES, 8), first, memory)",
            ),
        ),
        depth=22,
        bit_level=True,
        timeout=600,
    ),
)
