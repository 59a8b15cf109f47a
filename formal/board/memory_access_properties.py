"""What is claimed of `MemoryAccess`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from spikelock.models.board.channels import CAPABILITY, READ, WRITE
from spikelock.models.fixed import unsigned
from spikelock.models.link.protocol import LONGEST_PACKET, Channel
from spikelock.models.ports import Layout, Memory

from ..properties import Inside, claim, cover, helper
from .streams import stays

LOADED = {
    "wide": Memory(3, Layout({"word": unsigned(11)}), "two bytes"),
    "narrow": Memory(2, Layout({"word": unsigned(5)}), "one byte"),
}
READABLE = {**LOADED, "state": Memory(5, Layout({"word": unsigned(9)}), "two bytes, only read")}
RECORD = bytes((7, 200, 31))
HEADER = 7
"""Bytes of a request before its records."""

ANSWER = 5
"""Bytes of an answer before its records, with the channel."""


def _of(memory: Any, values: list[int], otherwise: int) -> Value:
    """By the number of a memory."""
    found: Value = Const(otherwise, 24)
    for number, value in enumerate(values):
        found = Mux(memory == number, value, found)
    return found


class Request:
    """The request that came last, by rule 5.3, from the bytes that are taken.

    at: bytes of its header that have come. operation, memory, first, count: then. of_record: bytes of this
    record that have come; records: whole records. complete: one is in this cycle, and it is `record`.
    """

    def __init__(self, m: Module, core: Any) -> None:
        beat, taken = core.input.payload, core.input.valid & core.input.ready
        self.at = Signal(range(HEADER + 1), name="byte_of_header")
        header = [Signal(8, name=f"header_{number}") for number in range(HEADER)]
        self.bytes = header
        self.operation, self.memory = header[0], header[1]
        self.first, self.count = Cat(*header[2:5]), Cat(*header[5:7])
        self.low = Signal(8, name="low_byte")
        self.of_record = Signal(1, name="byte_of_record")
        self.records = Signal(17, name="records")
        sizes = [(memory.layout.width + 7) // 8 for memory in READABLE.values()]
        self.one_byte = _of(self.memory, sizes, 1) == 1
        self.in_header = self.at < HEADER
        self.taken, self.ends = taken, taken & beat.last
        self.complete = taken & ~self.in_header & (self.of_record | self.one_byte)
        self.record = Mux(self.one_byte, beat.data, Cat(self.low, beat.data))
        self.finished = Signal(name="request_finished")
        m.d.sync += self.finished.eq(self.ends)
        for number, byte in enumerate(header):
            with m.If(taken & (self.at == number)):
                m.d.sync += byte.eq(beat.data)
        with m.If(taken & self.in_header):
            m.d.sync += [self.at.eq(self.at + 1), self.records.eq(0), self.of_record.eq(0)]
        with m.Elif(taken):
            m.d.sync += [self.of_record.eq(~self.of_record & ~self.one_byte), self.low.eq(beat.data)]
            with m.If(self.complete & ~self.records[-1]):
                m.d.sync += self.records.eq(self.records + 1)
        with m.If(self.ends):
            m.d.sync += self.at.eq(0)

    def tie(self, inside: Inside, m: Module) -> None:
        """Helpers: the header in the core is that which came."""
        header, at = inside.register("header"), inside.register("at")
        in_header, decides, writing = (inside.in_state(s) for s in ("HEADER", "DECIDE", "WRITE"))
        helper(m, "between packets", self.at == 0, when=~(in_header | decides | writing))
        helper(m, "a whole header", (self.at == 0) | ~self.in_header, when=decides)
        helper(m, "a header and no end", ~self.in_header, when=writing)
        helper(m, "half a header", self.in_header & (at == self.at), when=in_header)
        helper(m, "the packet has ended", inside.register("ended") == self.in_header, when=decides)
        helper(m, "at rest", at == 0, when=decides | inside.in_state("END"))
        for number, byte in enumerate(self.bytes):
            for count in range(number + 1, HEADER):
                start = len(header) - 8 * (count - number)
                here = in_header & (self.at == count)
                helper(m, f"header byte {number} of {count}", header[start : start + 8] == byte, when=here)


def writes(m: Module, core: Any, inside: Inside) -> None:
    """What is written, and where."""
    request = Request(m, core)
    load, wide = core.load, request.records.as_unsigned()
    address = request.first + wide  # wider than an address: it does not wrap
    depths = [memory.depth for memory in LOADED.values()]
    there = address < _of(request.memory, depths, 0)
    asked = (request.operation == WRITE) & (wide < request.count)
    claim(
        m,
        "a cell is written for a record of a write, and only so",
        request.complete & asked & there,
        when=load.valid,
    )
    claim(m, "the memory that the request names", load.payload.memory == request.memory, when=load.valid)
    claim(m, "the cell that is the record's", load.payload.address == address, when=load.valid)
    for number, (name, memory) in enumerate(LOADED.items()):
        width = memory.layout.width
        same = load.payload.data[:width] == request.record[:width]
        claim(m, f"what came for it: {name}", same, when=load.valid & (load.payload.memory == number))
    before = Signal(init=1, name="all_before_were_there")
    with m.If(request.in_header):
        m.d.sync += before.eq(1)
    with m.Elif(request.complete):
        m.d.sync += before.eq(before & asked & there)
    due = request.complete & asked & there & before
    claim(m, "each record that has a cell is written, up to the first that has none", load.valid, when=due)
    cover(m, "a second record is written", load.valid & (request.records == 1) & (request.memory == 0))
    cover(m, "a record of one byte is written", load.valid & (request.memory == 1))
    cover(m, "a record beyond the memory", request.complete & asked & ~there & (request.records == 1))

    writing = inside.in_state("WRITE")
    operation, memory, first, count = _header(inside)
    request.tie(inside, m)
    now = [operation == request.operation, memory == request.memory]
    moved = [first == address[:24], count == (request.count - wide)[:16]]
    helper(m, "the request", now[0] & now[1], when=~request.in_header & (writing | inside.in_state("DECIDE")))
    helper(m, "its records", moved[0] & moved[1], when=writing & before)
    waiting = ~request.in_header & inside.in_state("DECIDE")
    helper(
        m,
        "before its records",
        (first == request.first) & (count == request.count) & (wide == 0),
        when=waiting,
    )
    helper(m, "no byte of a record", request.of_record == 0, when=waiting)
    helper(m, "bytes of the record", inside.register("at") == request.of_record, when=writing)
    helper(m, "the first byte", inside.register("word")[:8] == request.low, when=writing & request.of_record)
    helper(m, "one byte has no second", ~request.of_record, when=writing & request.one_byte)
    bad = inside.register("bad")
    helper(m, "all were there", ~bad == before, when=writing & ~request.of_record)
    helper(
        m,
        "all were there, and this one is",
        ~bad == (before & asked & there),
        when=writing & request.of_record,
    )
    helper(m, "nothing is bad yet", ~bad & before, when=waiting)
    helper(m, "not beyond the count", wide <= request.count, when=writing & before)
    end = _of(request.memory, depths, 0)
    helper(m, "nor beyond the memory", (address <= end) | (wide == 0), when=writing & before)


def _header(inside: Inside) -> tuple[Value, Value, Value, Value]:
    header = inside.register("header")
    return header[:8], header[8:16], header[16:40], header[40:]


@dataclass(frozen=True)
class Answer:
    """Where an answer is, from what is sent.

    owed: there is one. at: bytes in front of its records that were sent. second: the second byte of a record
    is next. sent, here: records that were sent, of this read and of this packet. word, shown_before: the
    record that is sent, and that its first byte was offered before. address: of the record that is next.
    data, asked, idle_before: what the memory showed, what it was asked for, and whether the chain was idle, a
    cycle ago. asks: what it has to be asked for.
    """

    owed: Any
    at: Any
    second: Any
    sent: Any
    here: Any
    word: Any
    shown_before: Any
    address: Any
    data: Any
    asked: Any
    idle_before: Any
    asks: Any


def reads(m: Module, core: Any, inside: Inside) -> None:
    """Answers to reads."""
    request, out = Request(m, core), core.output
    leaves = out.valid & out.ready
    at, second = Signal(range(ANSWER + 1), name="byte_of_answer"), Signal(name="second_byte")
    sent = Signal(17, name="records_sent")
    here = Signal(8, name="records_of_answer")
    capability = request.memory == CAPABILITY
    one_byte = request.one_byte
    in_records = at == ANSWER
    whole = leaves & in_records & (second | one_byte)
    finished = leaves & out.payload.last & (~in_records | (sent + 1 == request.count))
    owed = Signal(name="answer_owed")
    is_read = (request.operation == READ) & (request.at == 0) & request.finished
    begins = is_read & (inside.in_state("DECIDE"))
    with m.If(begins):
        m.d.sync += [owed.eq(1), sent.eq(0), here.eq(0)]
    with m.Elif(finished):
        m.d.sync += owed.eq(0)
    with m.If(leaves):
        m.d.sync += at.eq(Mux(out.payload.last, 0, Mux(in_records, ANSWER, at + 1)))
        m.d.sync += second.eq(in_records & ~second & ~one_byte)
    with m.If(whole):
        m.d.sync += [sent.eq(sent + 1), here.eq(Mux(out.payload.last, 0, here + 1))]
    address = request.first + sent
    header = Cat(Const(Channel.MEMORIES, 8), request.memory, address[:24])
    claim(m, "nothing is sent but answers to reads", owed, when=out.valid)
    claim(m, "no request is taken while one is answered", ~core.input.ready, when=owed)
    in_front = out.valid & ~in_records
    claim(m, "memory and address come first", out.payload.data == header.word_select(at, 8), when=in_front)
    depths = [memory.depth for memory in READABLE.values()]
    inside_memory = request.first + sent < _of(request.memory, depths, 0)
    idle = core.inspected.idle
    idle_before, idle_twice = Signal(name="idle_before"), Signal(name="idle_twice")
    asked, asked_twice = (
        Signal(len(Value.cast(core.inspect)), name="asked"),
        Signal(len(Value.cast(core.inspect)), name="asked_twice"),
    )
    data = Signal(len(core.inspected.data), name="data_before")
    fresh = Signal(name="record_is_new")
    m.d.sync += [idle_before.eq(idle), idle_twice.eq(idle_before), data.eq(core.inspected.data)]
    m.d.sync += [asked.eq(core.inspect), asked_twice.eq(asked)]
    shown = out.valid & in_records
    shown_before = Signal(name="shown_before")
    m.d.sync += shown_before.eq(shown & ~whole)
    m.d.comb += fresh.eq(shown & ~shown_before)
    word = Signal(16, name="record_sent")
    now = Mux(fresh, data, word)
    with m.If(fresh):
        m.d.sync += word.eq(data)
    from_chain = shown & ~capability
    byte = Mux(second, now[8:16], now[:8])
    claim(m, "a record is what its cell showed", out.payload.data == byte, when=from_chain)
    place = core.inspect.memory, core.inspect.address
    asks = Cat(request.memory[: len(place[0])], address[: len(place[1])])
    claim(
        m,
        "the cell was asked for while the chain was idle",
        (asked_twice == asks) & idle_twice,
        when=fresh & ~capability,
    )
    claim(m, "an answer begins with a cell of the memory", inside_memory | (here != 0), when=from_chain)
    begun = _in_records(inside) | (inside.in_state("ANSWER") & (at != 0) & ~inside.register("bad"))
    end = _of(request.memory, depths, 0)
    further = owed & (sent != 0) & ~capability
    helper(m, "a read that goes on began with a cell", request.first < end, when=further)
    first_of_answer = begun & (here == 0) & ~capability
    helper(m, "the first cell of an answer is there", inside_memory, when=first_of_answer)
    claim(m, "records that were asked for", sent < request.count, when=shown)
    ends = out.payload.last & leaves
    claim(m, "an answer ends with a whole record, or has none", whole | (at == ANSWER - 1), when=ends)
    claim(m, "what waits at the output stays", stays(m, out, "output"))
    length = Mux(one_byte, here, here << 1) + ANSWER
    claim(m, "an answer fits a packet", length <= LONGEST_PACKET)
    of_record = _of(address, list(RECORD), 0)
    known = capability & (address < len(RECORD))
    claim(m, "a byte of the capability record", out.payload.data == of_record, when=shown & known)
    helper(
        m,
        "it was read",
        Value.cast(inside.read_data("record")) == of_record,
        when=inside.in_state("TAKE") & known,
    )
    helper(m, "it was taken", inside.register("word")[:8] == of_record, when=shown & known)
    cover(m, "a second record is sent", whole & (sent == 1))
    cover(m, "there is no such cell", leaves & out.payload.last & (at == ANSWER - 1) & (request.count != 0))
    answer = Answer(owed, at, second, sent, here, word, shown_before, address, data, asked, idle_before, asks)
    _tie_reads(m, inside, request, answer)


def _in_records(inside: Inside) -> Value:
    """A record is fetched or sent."""
    return inside.in_state("LOOK") | inside.in_state("TAKE") | inside.in_state("RECORD")


def _tie_reads(m: Module, inside: Inside, request: Request, answer: Answer) -> None:
    """Helpers: the core's state is that of the answer it is at."""
    operation, memory, first, count = _header(inside)
    answers, looks, takes, records = (inside.in_state(s) for s in ("ANSWER", "LOOK", "TAKE", "RECORD"))
    decides = inside.in_state("DECIDE")
    busy = answers | looks | takes | records
    request.tie(inside, m)
    helper(m, "an answer is owed", answer.owed == busy)
    helper(m, "just now", request.finished == (request.at == 0), when=decides)
    same = (operation == request.operation) & (memory == request.memory)
    helper(m, "the request", same, when=busy | decides)
    helper(m, "before its records", (first == request.first) & (count == request.count), when=decides)
    helper(
        m,
        "its records",
        (first == answer.address[:24]) & (count == (request.count - answer.sent)[:16]),
        when=busy,
    )
    bad = inside.register("bad")
    capability = request.memory == CAPABILITY
    helper(m, "bytes in front", (answer.at == inside.register("at")) & (answer.at < ANSWER), when=answers)
    helper(m, "behind them", answer.at == ANSWER, when=looks | takes | records)
    helper(m, "none before", (answer.at == 0) & ~answer.second & (answer.here == 0), when=~busy)
    helper(m, "the byte of the record", inside.register("at") == answer.second, when=records)
    helper(m, "the first byte", ~answer.second, when=~records)
    helper(m, "no byte is sent", inside.register("at") == 0, when=looks | takes)
    helper(m, "one byte has no second", ~answer.second | ~request.one_byte)
    helper(
        m,
        "something is asked for",
        answer.sent < request.count,
        when=(looks | takes | records) | (answers & ((answer.sent != 0) | ((answer.at != 0) & ~bad))),
    )
    helper(m, "it is not bad", ~bad, when=looks | takes | records)
    helper(m, "of this answer", answer.here <= answer.sent, when=busy)
    helper(m, "not more than was asked for", answer.sent <= request.count, when=busy)
    helper(
        m, "what was looked at", (answer.asked == answer.asks) & answer.idle_before, when=takes & ~capability
    )
    rest = inside.register("word")
    helper(
        m,
        "what was taken",
        rest[:16]
        == Mux(answer.shown_before, Mux(answer.second, answer.word[8:16], answer.word), answer.data),
        when=records & ~capability,
    )
    helper(m, "shown before", answer.shown_before == answer.second, when=records & answer.second)
    helper(m, "not shown before", ~answer.shown_before, when=looks | takes | answers)
    room = inside.register("room")
    free = LONGEST_PACKET - ANSWER
    used = Mux(request.one_byte, answer.here + room, (answer.here + room) << 1)
    helper(m, "room", (used <= free) & (room != 0), when=looks | takes | records)
    helper(m, "none in front", answer.here == 0, when=answers)
