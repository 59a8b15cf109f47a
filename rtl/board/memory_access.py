"""Carries out requests of the channel MEMORIES: loads what the chain's `load` takes, reads what it shows."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory as BlockRAM
from amaranth.lib.wiring import In, Out

from spikelock.models.board.channels import CAPABILITY, MEMORY_ANSWER_BYTES, MEMORY_REQUEST_BYTES, READ, WRITE
from spikelock.models.link.protocol import LONGEST_PACKET, Channel
from spikelock.models.ports import MemoryMap, inspect_port, inspected_port, load_port

from ..ports import carried
from .events import bytes_of
from .packets import PACKETS


class MemoryAccess(wiring.Component):
    """Writes go to `load`, reads to `inspect`, except those of the capability record, which is kept here.

    loaded: memories that can be written; inspected: memories that can be read, the loaded ones first. record:
    the capability record. A read of a memory that is not there, or while the chain is not idle, is answered
    without records. refused: a packet with a write was cut short or too long, or went beyond its memory.
    """

    def __init__(self, loaded: MemoryMap, inspected: MemoryMap, record: bytes) -> None:
        self.loaded = loaded
        self.readable = inspected
        self.record = record
        super().__init__(
            {
                "input": In(PACKETS),
                "output": Out(PACKETS),
                "load": Out(carried(load_port(loaded))),
                "inspect": Out(carried(inspect_port(inspected))),
                "inspected": In(carried(inspected_port(inspected))),
                "refused": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        depth = 1 << (len(self.record) - 1).bit_length()
        m.submodules.record = record = BlockRAM(shape=8, depth=depth, init=list(self.record))
        record_read = record.read_port()

        header = Signal(8 * MEMORY_REQUEST_BYTES)
        operation, memory, first, count = header[:8], header[8:16], header[16:40], header[40:]
        size = Signal(range(self._longest + 1))  # bytes of a record of this memory, less one
        whole = Signal(8)  # its records that fit a packet
        inside = Signal()  # `first` is an address of it
        self._look_up(m, memory, first, size, whole, inside)

        at = Signal(3)  # byte of the header or of a record
        room = Signal(8)  # records that this packet has room for
        word = Signal(8 * self._longest)
        ended = Signal()
        bad = Signal()
        capability = Signal()
        byte, last = self.input.payload.data, self.input.payload.last
        collected = Signal.like(word)  # `word` with the byte that comes just now
        m.d.comb += [
            capability.eq(memory == CAPABILITY),
            record_read.addr.eq(first),
            self.inspect.memory.eq(memory),
            self.inspect.address.eq(first),
            self.load.payload.memory.eq(memory),
            self.load.payload.address.eq(first),
            self.load.payload.data.eq(collected),
            collected.eq(word),
        ]
        with m.Switch(at):
            for number in range(self._longest):
                with m.Case(number):
                    m.d.comb += collected.word_select(number, 8).eq(byte)
        answer = Cat(Const(Channel.MEMORIES, 8), memory, first)
        sending = self.output.valid & self.output.ready

        with m.FSM():
            with m.State("HEADER"):
                m.d.comb += self.input.ready.eq(1)
                m.d.sync += [ended.eq(last), bad.eq(0)]
                with m.If(self.input.valid):
                    m.d.sync += [header.eq(Cat(header[8:], byte)), at.eq(at + 1)]
                    with m.If(at == MEMORY_REQUEST_BYTES - 1):
                        m.d.sync += at.eq(0)
                        m.next = "DECIDE"
                    with m.Elif(last):
                        m.d.comb += self.refused.eq(1)
                        m.d.sync += at.eq(0)
            with m.State("DECIDE"):
                with m.If(~ended):
                    m.next = "WRITE"
                with m.Elif(operation == READ):
                    m.next = "ANSWER"
                with m.Else():
                    m.next = "END"
            with m.State("WRITE"):
                wanted = (operation == WRITE) & (count != 0) & inside & (memory < len(self.loaded))
                m.d.comb += self.input.ready.eq(1)
                with m.If(self.input.valid):
                    m.d.sync += [word.eq(collected), at.eq(at + 1), bad.eq(bad | ~wanted)]
                    with m.If(at == size):
                        m.d.comb += self.load.valid.eq(wanted & ~bad)
                        m.d.sync += [at.eq(0), first.eq(first + 1), count.eq(count - 1)]
                    with m.If(last):
                        m.d.sync += at.eq(0)
                        m.next = "END"
            with m.State("END"):
                m.d.comb += self.refused.eq(bad | (count != 0))
                m.next = "HEADER"
            with m.State("ANSWER"):
                there = capability | (inside & self.inspected.idle)
                m.d.sync += room.eq(whole)
                with m.If(at == 0):
                    m.d.sync += bad.eq(~there | (count == 0))
                m.d.comb += [
                    self.output.valid.eq(1),
                    self.output.payload.data.eq(answer.word_select(at, 8)),
                    self.output.payload.last.eq((at == MEMORY_ANSWER_BYTES) & bad),
                ]
                with m.If(sending):
                    m.d.sync += at.eq(at + 1)
                    with m.If(at == MEMORY_ANSWER_BYTES):
                        m.d.sync += at.eq(0)
                        m.next = "LOOK"
                        with m.If(bad):
                            m.next = "HEADER"
            with m.State("LOOK"), m.If(capability | self.inspected.idle):  # the memory takes the address
                m.next = "TAKE"
            with m.State("TAKE"):
                m.d.sync += word.eq(Mux(capability, record_read.data, self.inspected.data))
                m.next = "RECORD"
            with m.State("RECORD"):
                ends = (count == 1) | (room == 1)
                m.d.comb += [
                    self.output.valid.eq(1),
                    self.output.payload.data.eq(word[:8]),
                    self.output.payload.last.eq((at == size) & ends),
                ]
                with m.If(sending):
                    m.d.sync += [word.eq(word >> 8), at.eq(at + 1)]
                    with m.If(at == size):
                        m.d.sync += [at.eq(0), first.eq(first + 1), count.eq(count - 1), room.eq(room - 1)]
                        m.next = "LOOK"
                        with m.If(count == 1):
                            m.next = "HEADER"
                        with m.Elif(room == 1):
                            m.next = "ANSWER"
        return m

    @property
    def _longest(self) -> int:
        """Bytes of the longest record."""
        return max(bytes_of(memory.layout.width) for memory in self.readable.values())

    def _look_up(self, m: Module, memory: Any, first: Any, size: Any, whole: Any, inside: Any) -> None:
        """What depends on the memory: bytes of its records, less one; how many fit a packet; its end."""
        free = LONGEST_PACKET - 1 - MEMORY_ANSWER_BYTES
        m.d.comb += whole.eq(free)  # of the capability record, whose records are bytes
        with m.Switch(memory):
            for number, declared in enumerate(self.readable.values()):
                length = bytes_of(declared.layout.width)
                with m.Case(number):
                    m.d.comb += [
                        size.eq(length - 1),
                        whole.eq(free // length),
                        inside.eq(first < declared.depth),
                    ]


def component(params: tuple[MemoryMap, MemoryMap, bytes]) -> MemoryAccess:
    """Of memories to load, memories to read, and a record, as `Mutant.component` makes it anew."""
    return MemoryAccess(*params)
