"""What is claimed of `link.frame_decoder`.

The property decodes the line itself and keeps, for each half of the buffer, the bytes that the blocks of a
frame make up; a frame is judged at its delimiter. What leaves is held against the bodies of the frames that
pass.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value

from spikelock.models.link.protocol import Drop

from ..properties import Inside, claim, cover, helper
from .crc32 import ALL, crc32_after
from .frames import Halves, never_closed, select

RESIDUE = 0xDEBB20E3
"""The register of a CRC-32 after any bytes followed by their own CRC-32, low byte first."""

FRAMED_ONE = b"\x31" + 0x83DCEFB7.to_bytes(4, "little")
"""A body of one byte, the text `1`, and its CRC-32."""


class Line:
    """The frame that is coming: its blocks, and what becomes of it at its delimiter."""

    def __init__(self, m: Module, core: Any, whole_crc: Any) -> None:
        params = core.params
        self.byte = core.input.payload.data
        self.accepted = core.input.valid & core.input.ready
        self.delimiter = self.accepted & (self.byte == 0)
        self.begun = Signal(name="line_begun")
        self.to_come = Signal(8)  # bytes of the block
        self.implied = Signal()  # a 0 follows the block
        self.count = Signal(range(params.longest + 5), name="line_count")
        self.beyond = Signal()  # a byte more has come
        code = self.to_come == 0
        self.data = Signal(8, name="line_data")
        m.d.comb += self.data.eq(Mux(code, 0, self.byte))
        self.makes_byte = self.accepted & (self.byte != 0) & (~code | self.implied)
        self.room = self.count < params.longest + 4
        with m.If(self.accepted & (self.byte != 0)):
            m.d.sync += [self.begun.eq(1), self.to_come.eq(Mux(code, self.byte, self.to_come) - 1)]
            with m.If(code):
                m.d.sync += self.implied.eq(self.byte < 255)
        with m.If(self.makes_byte):
            m.d.sync += [self.count.eq(self.count + self.room), self.beyond.eq(self.beyond | ~self.room)]
        with m.If(self.delimiter):
            m.d.sync += [signal.eq(0) for signal in (self.begun, self.to_come, self.implied, self.count)]
            m.d.sync += self.beyond.eq(0)
        self.wrong = [
            (self.beyond, Drop.TOO_LONG),
            (self.to_come > 0, Drop.WRONG_CODE),
            (self.count < params.shortest + 4, Drop.TOO_SHORT),
            (~whole_crc, Drop.WRONG_CRC),
        ]
        passes = Value.cast(1)
        for is_so, _ in self.wrong:
            passes &= ~is_so
        self.passes = self.delimiter & self.begun & passes


def bodies(m: Module, core: Any, inside: Inside) -> None:
    """What leaves is the bodies of the frames that pass; the others leave the reason. For any check."""
    params = core.params
    halves = Halves(m, inside)
    line = Line(m, core, inside.free("crc.match_detected"))
    most = params.longest + 4
    kept = [[Signal(8, name=f"kept_{half}_{place}") for place in range(most)] for half in range(2)]
    length = [Signal(range(most + 1), name=f"length_{half}") for half in range(2)]
    for half in range(2):
        for place in range(most):
            with m.If(line.makes_byte & (halves.filling == half) & (line.count == place)):
                m.d.sync += kept[half][place].eq(line.data)
        with m.If(line.passes & (halves.filling == half)):
            m.d.sync += length[half].eq(line.count - 4)

    owed = Signal(range(3))  # bodies that have passed and have not left
    gone = Signal(range(most + 1))  # bytes of the body that leaves
    out = core.output
    leaves = out.valid & out.ready
    with m.If(leaves):
        m.d.sync += gone.eq(Mux(out.payload.last, 0, gone + 1))
    m.d.sync += owed.eq(owed + line.passes - (leaves & out.payload.last))
    whose = halves.sending
    claim(m, "nothing leaves before its check", owed != 0, when=out.valid)
    claim(m, "nothing is taken while two bodies wait", owed != 2, when=line.accepted)
    data_is_so = out.payload.data == select([select(bytes_, gone) for bytes_ in kept], whose)
    claim(m, "the byte that leaves is the body's", data_is_so, when=out.valid)
    last_is_so = out.payload.last == (gone + 1 == select(length, whose))
    claim(m, "the body leaves whole, without its CRC", last_is_so, when=out.valid)

    due = Signal()
    reason = Signal(2)
    with m.If(core.dropped.ready):
        m.d.sync += due.eq(0)
    with m.If(line.delimiter & line.begun & ~line.passes):
        m.d.sync += due.eq(1)
        for is_so, why in reversed(line.wrong):
            with m.If(is_so):
                m.d.sync += reason.eq(why)
    claim(m, "a frame that is dropped leaves its reason, and no other", core.dropped.valid == due)
    claim(m, "the reason that leaves", core.dropped.payload.reason == reason, when=core.dropped.valid)
    closed = never_closed(m, "closed", core.input.ready | out.valid | core.dropped.valid, 1)
    claim(m, "it is never closed on all sides for more than a cycle", closed <= 1)
    stalled, before = Signal(), Signal(9)
    m.d.sync += [stalled.eq(out.valid & ~out.ready), before.eq(Value.cast(out.payload))]
    claim(m, "a stalled output holds", out.valid & (Value.cast(out.payload) == before), when=stalled)

    helper(m, "begun", inside.register("begun") == line.begun)
    helper(m, "bytes of the block", inside.register("remaining") == line.to_come)
    helper(m, "a 0 follows", inside.register("zero_due") == line.implied)
    helper(m, "bytes of the frame", inside.register("decoded") == line.count)
    helper(m, "too many", inside.register("too_long") == line.beyond)
    helper(m, "there is room for what has begun", ~select(halves.full, halves.filling), when=line.begun)
    helper(m, "a frame begins empty", (line.count == 0) & (line.to_come == 0), when=~line.begun)
    helper(m, "bytes fit", line.count <= most)
    helper(m, "bodies owed", owed == halves.full[0] + halves.full[1])
    helper(m, "bytes gone", gone == halves.at)
    helper(m, "closed while both wait", (closed == 0) | out.valid | core.input.ready | core.dropped.valid)
    for half in range(2):
        full, begun = halves.full[half], line.begun & (halves.filling == half)
        helper(m, f"{half}: its last byte", halves.last[half] + 1 == length[half], when=full)
        sizes = (length[half] >= params.shortest) & (length[half] <= params.longest)
        helper(m, f"{half}: its length", sizes, when=full)
        for place in range(most):
            there = (begun & (line.count > place)) | (full & (length[half] > place))
            same = halves.words[half][place] == kept[half][place]
            helper(m, f"{half}: byte {place}", same, when=there)

    cover(m, "two bodies wait", owed == 2)
    cover(m, "a body of two bytes leaves", leaves & out.payload.last & (gone == 1))
    for why in Drop:
        cover(m, f"dropped: {why.name}", due & (reason == why))


class Checked:
    """The CRC of the bytes that the blocks of a frame make up, as it should be."""

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        line = Line(m, core, inside.wire("crc.match_detected"))
        self.register = Signal(32, init=ALL, name="expected_crc")
        seen = Signal(8 * len(FRAMED_ONE))  # bytes, the latest one lowest
        with m.If(line.makes_byte & line.room):
            m.d.sync += self.register.eq(crc32_after(m, self.register, line.data))
            m.d.sync += seen.eq(Cat(line.data, seen[:-8]))
        with m.If(line.delimiter):
            m.d.sync += self.register.eq(ALL)
        one = int.from_bytes(FRAMED_ONE, "big")
        self.is_one = (line.count == len(FRAMED_ONE)) & (seen == one)
        self.is_so = inside.register("crc.crc_reg")[::-1] == self.register
        helper(m, "bytes of the block", inside.register("remaining") == line.to_come)
        helper(m, "a 0 follows", inside.register("zero_due") == line.implied)
        helper(m, "bytes of the frame", inside.register("decoded") == line.count)
        helper(m, "bytes fit", line.count <= core.params.longest + 4)


def crc(m: Module, core: Any, inside: Inside) -> None:
    """The CRC is that of the bytes that the blocks of a frame make up."""
    checked = Checked(m, core, inside)
    claim(m, "the CRC is that of the bytes of the blocks", checked.is_so)
    cover(m, "the frame of the body 31", checked.is_one)


def passing(m: Module, core: Any, inside: Inside) -> None:
    """A frame passes only where the bytes of its blocks leave the residue of the CRC-32."""
    checked, passes = Checked(m, core, inside), inside.wire("commit")
    helper(m, "the CRC is that of the bytes of the blocks", checked.is_so)
    # No `when`: a solver that looks for any frame that passes has to invert the CRC.
    claim(m, "what passes leaves the residue", ~passes | (checked.register == RESIDUE))
    cover(m, "the frame of the body 31 passes", passes & checked.is_one)
