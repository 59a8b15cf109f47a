"""March tests: every cell of every memory that a host can write, and of those that only neurons write.

March C−, van de Goor, "Testing Semiconductor Memories" (1991), 4.4: up or down through all addresses,

    ⇑(w0); ⇑(r0, w1); ⇑(r1, w0); ⇓(r0, w1); ⇓(r1, w0); ⇑(r0)

finds all stuck-at, transition, address and unlinked coupling faults between words. Then stripes, as many as
it takes to tell any two bits of a word apart, and their complements, are written and read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spikelock.drivers.board import ANSWER_IN, Board
from spikelock.models.board import channels as words
from spikelock.models.fabric import chain
from spikelock.models.fabric.inspection import chain_states
from spikelock.models.fabric.tile import Kind
from spikelock.models.link.protocol import Channel
from spikelock.models.ports import Memory, from_bits, to_bits

from .check import Failed, Subject

AT_ONCE = 32
"""Accesses that are under way at a time."""


def stripes(width: int) -> list[int]:
    """Words with stripes of 1, 2, 4 … bits, so that any two bits differ in one of them; and complements."""
    ones = (1 << width) - 1
    widths = [1 << n for n in range((width - 1).bit_length())]
    found = [sum(1 << bit for bit in range(width) if bit // stripe % 2) for stripe in widths]
    return [*found, *(ones ^ word for word in found)]


def memories(subject: Subject) -> str:
    """Each memory that can be loaded passes March C−, and neurons keep what they are made to hold."""
    board = subject.connected
    board.registers["run"] = 1
    bits = 0
    loaded = chain.memories(board.capability.board.chain)
    for number, (name, memory) in enumerate(loaded.items()):
        _march(board, number, name, memory)
        for word in stripes(memory.layout.width):
            _fill(board, name, memory, word)
        bits += memory.depth * memory.layout.width
    return f"{len(loaded)} memories, {bits:,} bits; {_states(board)}"


def _fill(board: Board, name: str, memory: Memory, word: int) -> None:
    """Writes a word everywhere, then reads it everywhere."""
    board.write_memory(name, from_bits(memory.layout, [word] * memory.depth))
    for address, got in enumerate(to_bits(memory.layout, board.read_memory(name))):
        _check(name, memory, address, word, got)


def _march(board: Board, number: int, name: str, memory: Memory) -> None:
    zero, one = 0, (1 << memory.layout.width) - 1
    up = range(memory.depth)
    down = up[::-1]
    for addresses, read, written in (
        (up, None, zero),
        (up, zero, one),
        (up, one, zero),
        (down, zero, one),
        (down, one, zero),
        (up, zero, None),
    ):
        _element(board, (number, name, memory), addresses, read, written)


def _element(
    board: Board,
    where: tuple[int, str, Memory],
    addresses: Sequence[int],
    read: int | None,
    written: int | None,
) -> None:
    """At each address in turn: reads one word and compares it, then writes another."""
    number, name, memory = where
    link, layout = board.link, memory.layout
    data = b"" if written is None else words.to_bytes(layout, from_bits(layout, [written]))
    for start in range(0, len(addresses), AT_ONCE):
        now = addresses[start : start + AT_ONCE]
        for address in now:
            if read is not None:
                link.send(Channel.MEMORIES, words.memory_request(words.READ, number, address, 1))
            if written is not None:
                link.send(Channel.MEMORIES, words.memory_request(words.WRITE, number, address, 1) + data)
        if read is None:
            continue
        for address in now:
            answer = link.receive(Channel.MEMORIES, ANSWER_IN)
            if answer is None or len(answer) <= words.MEMORY_ANSWER_BYTES:
                raise Failed(f"{name}[{address}] cannot be read: the chain is never idle")
            (got,) = to_bits(layout, words.from_bytes(layout, answer[words.MEMORY_ANSWER_BYTES :]))
            _check(name, memory, address, read, got)


def _check(name: str, memory: Memory, address: int, wanted: int, got: int) -> None:
    if got != wanted:
        wrong = ", ".join(str(bit) for bit in range(memory.layout.width) if (got ^ wanted) >> bit & 1)
        raise Failed(
            f"{name}[{address}] was written as 0x{wanted:X} and reads 0x{got:X}: wrong bits: {wrong}"
        )


def _states(board: Board) -> str:
    """Sets all membrane potentials by the register `rest` and a RESTART, and reads them."""
    params = board.capability.board.chain
    (port,) = chain.inputs(params).values()
    tried = 0
    for number, sizes in enumerate(params.tiles):
        rest = chain.prefix(number) + "rest"
        name = chain.prefix(number) + "neurons"
        if rest not in chain.registers(params):
            continue
        q = sizes.neuron.membrane
        for bits in (0, (1 << q.width) - 1, *stripes(q.width)):
            wanted = bits - (1 << q.width) if bits > q.maximum else bits
            board.chain_registers[rest] = wanted
            board.run(port.from_tuples([(Kind.RESTART, 0)]))
            got = board.read_memory(name)["membrane"]
            if (wrong := np.flatnonzero(got != wanted)).size:
                at = int(wrong[0])
                raise Failed(f"the membrane potential {name}[{at}] was set to {wanted} and reads {got[at]}")
        tried += sizes.neurons
    depth = sum(memory.depth for memory in chain_states(params).values())
    return f"{tried} membrane potentials of {depth} words that only neurons write"
