"""What is claimed of `link.frame_encoder`.

The property keeps, for each half of the buffer, the bytes that a frame must carry: the body and the four
behind it, which may be any here.
What leaves is held against their COBS in closed form: each 0, and the place in front, is replaced by the
distance to the next 0, or to the end.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from ..properties import Inside, claim, cover, helper
from .frames import Halves, never_closed, select


class Carried:
    """The bytes that a frame must carry, in one half of the buffer, and their COBS."""

    def __init__(self, half: int, most: int) -> None:
        self.most = most
        self.bytes = [Signal(8, name=f"carried_{half}_{place}") for place in range(most)]
        self.count = Signal(range(most + 2), name=f"carried_{half}_count")

    def ends(self, place: int) -> Value:
        """A block ends at this place of the frame: there is a 0, or the end."""
        at_end = self.count + 1 == place
        if place > self.most:
            return at_end
        return at_end | ((self.bytes[place - 1] == 0) & (self.count >= place))

    def distance(self, place: int) -> Value:
        """From a place to the next one at which a block ends."""
        further = range(self.most + 1, place, -1)
        return reduce(lambda rest, p: Mux(self.ends(p), p - place, rest), further, Const(0, 8))

    def encoded(self, place: int) -> Value:
        """The byte at a place of the frame, of which the last is the delimiter."""
        if place == 0:
            return self.distance(0)
        if place > self.most:
            return Const(0, 8)
        byte = self.bytes[place - 1]
        return Mux(self.count + 1 == place, 0, Mux(byte == 0, self.distance(place), byte))


def frames(m: Module, core: Any, inside: Inside) -> None:
    """What leaves is the frames of the bodies, in order; a body that makes none leaves its length."""
    params, state = core.params, inside.in_state
    most = params.longest + 4
    halves = Halves(m, inside)
    carried = [Carried(half, most) for half in range(2)]
    accepted = core.input.valid & core.input.ready
    byte, last = core.input.payload.data, core.input.payload.last

    # What must leave.
    length = Signal(range(params.longest + 2))  # bytes of the body that has begun
    longer = length + 1
    too_long = Signal()
    m.d.comb += too_long.eq(length >= params.longest)
    wrong = too_long | (longer < params.shortest)
    dropped = Signal()
    dropped_length = Signal(8)
    with m.If(core.dropped.ready):
        m.d.sync += dropped.eq(0)
    inside.free("crc.crc")  # what it is, is the proof `crc`
    with m.If(accepted):
        m.d.sync += length.eq(Mux(last, 0, Mux(too_long, params.longest, longer)))
    with m.If(accepted & last & wrong):
        m.d.sync += [dropped.eq(1), dropped_length.eq(Mux(too_long, params.longest + 1, longer))]
    for half, one in enumerate(carried):
        with m.If(accepted & (halves.filling == half)):
            for place in range(params.longest):
                with m.If(length == place):
                    m.d.sync += [one.bytes[place].eq(byte), one.count.eq(place + 1)]
                    with m.If(last & ~wrong):
                        m.d.sync += one.count.eq(place + 5)
        with m.If(state("CRC") & (halves.filling == half)):
            for place in range(params.shortest, most):
                with m.If((inside.register("crc_byte") + one.count) == place + 4):
                    m.d.sync += one.bytes[place].eq(inside.wire("byte"))
    sent = Signal(range(most + 2))
    sending = Signal()
    m.d.comb += sending.eq(core.output.valid & core.output.ready)
    ends = [sent == one.count + 1 for one in carried]
    with m.If(sending):
        m.d.sync += sent.eq(Mux(select(ends, halves.sending), 0, sent + 1))

    data = core.output.payload.data
    places = range(most + 2)
    expected = select([select([one.encoded(p) for p in places], sent) for one in carried], halves.sending)
    claim(m, "the byte that leaves is the frame's", data == expected, when=core.output.valid)
    at_end = select(ends, halves.sending)
    claim(m, "no 0 leaves but the delimiter", (data == 0) == at_end, when=core.output.valid)
    claim(m, "a body that makes no frame leaves its length", core.dropped.valid == dropped)
    same_length = core.dropped.payload.length == dropped_length
    claim(m, "the length that leaves is the body's", same_length, when=core.dropped.valid)
    claim(m, "no body is taken while a length waits", ~core.dropped.valid, when=accepted)
    opened = core.input.ready | core.output.valid | core.dropped.valid
    closed = never_closed(m, "closed", opened, 7)
    claim(m, "it is never closed on all sides for more than 6 cycles", closed <= 6)
    _stalls(m, core)
    _invariants(m, core, inside, halves, carried, length, sent, closed)

    for name, port in (("output", core.output), ("dropped", core.dropped)):
        cover(m, f"{name} is stalled", port.valid & ~port.ready)
    cover(m, "a frame has left", sending & at_end)
    cover(m, "two frames wait", halves.full[0] & halves.full[1])
    cover(m, "a body that is too long", core.dropped.valid & (dropped_length == params.longest + 1))


def _stalls(m: Module, core: Any) -> None:
    """What is stalled holds."""
    for name in ("output", "dropped"):
        port = getattr(core, name)
        stalled, before = Signal(name=f"{name}_stalled"), Signal(8, name=f"{name}_before")
        value = Cat(Value.cast(port.payload))[:8]
        m.d.sync += [stalled.eq(port.valid & ~port.ready), before.eq(value)]
        claim(m, f"a stalled {name} holds", port.valid & (value == before), when=stalled)


def _invariants(
    m: Module,
    core: Any,
    inside: Inside,
    halves: Halves,
    carried: list[Carried],
    length: Signal,
    sent: Signal,
    closed: Signal,
) -> None:
    params, state = core.params, inside.in_state
    most = params.longest + 4
    position, code_at = inside.register("position"), inside.register("code_at")
    crc_byte = inside.register("crc_byte")
    room = ~select(halves.full, halves.filling)
    known = [state(name) for name in ("BODY", "CRC", "DELIMITER", "CODE")]
    helper(m, "one state", sum(known[1:], known[0]) == 1)
    helper(m, "there is room for what has begun", room, when=~state("BODY") | (length != 0))
    helper(m, "a body's bytes are counted to the longest", length <= params.longest)
    helper(m, "bytes of a body are counted", position == length + 1, when=state("BODY"))
    helper(m, "none of the body waits behind it", length == 0, when=~state("BODY"))
    helper(m, "bytes of the CRC are counted", crc_byte == 0, when=~state("CRC"))
    helper(m, "the code of a body that has not begun", code_at == 0, when=position == 1)
    helper(m, "bytes sent", sent == halves.at)
    helper(m, "closed while it works", closed <= crc_byte, when=state("CRC"))
    helper(m, "closed at the delimiter", closed <= 4, when=state("DELIMITER"))
    helper(m, "closed at the code", closed <= 5, when=state("CODE"))
    helper(m, "closed before a body", closed <= 6, when=state("BODY"))
    helper(m, "closed, and two frames wait", room | halves.valid | (closed == 0), when=state("BODY"))
    for half, one in enumerate(carried):
        filling = (halves.filling == half) & room
        put = position - 1
        words = halves.words[half]
        body = one.count - 4
        lengths = [one.count == n + 4 for n in range(params.shortest, params.longest + 1)]
        helper(m, f"{half}: a length", sum(lengths, Const(0)) == 1, when=filling & ~state("BODY"))
        helper(m, f"{half}: bytes put", put == body + crc_byte, when=filling & state("CRC"))
        all_put = state("DELIMITER") | state("CODE")
        helper(m, f"{half}: all is put", put == one.count, when=filling & all_put)
        helper(
            m, f"{half}: the body so far", one.count == length, when=filling & state("BODY") & (length != 0)
        )
        helper(m, f"{half}: the delimiter", select(words, position) == 0, when=filling & state("CODE"))
        code_due = Const(0, 8)
        for place in range(1, most + 1):
            is_put = filling & (put >= place)
            byte = one.bytes[place - 1]
            helper(m, f"{half}: byte {place}", words[place] == byte, when=is_put & (byte != 0))
            for before in range(place):
                begins = Const(1) if before == 0 else one.bytes[before - 1] == 0
                for between in range(before + 1, place):
                    begins &= one.bytes[between - 1] != 0
                helper(
                    m,
                    f"{half}: the code at {before} for {place}",
                    words[before] == place - before,
                    when=is_put & begins & (byte == 0),
                )
            code_due = Mux((put >= place) & (byte == 0), place, code_due)
        helper(m, f"{half}: the code that is open", code_at == code_due, when=filling)
        helper(m, f"{half}: its last byte", halves.last[half] == one.count + 1, when=halves.full[half])
        counts = (one.count >= params.shortest + 4) & (one.count <= most)
        helper(m, f"{half}: its length", counts, when=halves.full[half])
        for place in range(most + 2):
            in_frame = halves.full[half] & (one.count + 1 >= place)
            helper(m, f"{half}: the frame at {place}", words[place] == one.encoded(place), when=in_frame)
