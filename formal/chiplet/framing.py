"""Proofs of `chiplet.framing`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal

from spikelock.models.chiplet.framing import Params
from spikelock.models.mutant import Mutant

from ..link.crc32 import ALL, crc32_after
from ..proof import Proof
from ..properties import Inside, claim, cover, helper

FRAMING = "chiplet.framing"
SMALL = Params(width=16, lanes=8, scrambled=False, protected=False)
BODY, BEATS = 2, 6
RIGHT = 0xDEBB20E3
"""The register of a CRC-32 behind any bytes and their CRC, and behind no others."""

UNCHECKED = Mutant(
    "a flit leaves before its check", FRAMING, "good = crc.match_detected", "good = ~crc.match_detected | 1"
)
WRONG_SPAN = Mutant(
    "the CRC leaves the first beat of the body out, at both ends",
    FRAMING,
    "crc.valid.eq(in_body)",
    "crc.valid.eq(in_body & (place != params.seed_beats))",
)
SPAN_OF_BOTH = Mutant(
    "the CRC goes on from the flit before", FRAMING, "crc.start.eq(takes)", "crc.start.eq(0)"
)
STALE_CRC = Mutant(
    "the receiver's CRC goes on from the flit before",
    FRAMING,
    "crc.start.eq(self.step & self.beat.frame)",
    "crc.start.eq(0)",
)
NO_NEW_BEGINNING = Mutant(
    "a flit that is cut short goes on with the next one",
    FRAMING,
    "place.eq(Mux(self.beat.frame, 0, upcoming))",
    "place.eq(Mux(self.beat.frame & ~begun, 0, upcoming))",
)
BEYOND_UNSEEN = Mutant(
    "two wrong lanes are left to the CRC", FRAMING, "crc.match_detected & ~was_beyond", "crc.match_detected"
)


def _crc(m: Module, name: str, begins: Any, passes: Any, byte: Any) -> Signal:
    """The register of a CRC-32 of the bytes that have passed since one that `begins`."""
    register, before = Signal(32, init=ALL, name=name), Signal(32, name=f"{name}_before")
    m.d.comb += before.eq(Mux(begins, ALL, register))
    with m.If(passes):
        m.d.sync += register.eq(crc32_after(m, before, byte))
    return register


def checked(m: Module, core: Any, inside: Inside) -> None:
    """What leaves a receiver, whatever the line has."""
    beat, step = inside.free("came"), inside.free("step")
    arrives, drops = inside.wire("receiver.arrives"), inside.wire("receiver.drops")
    byte, frame = beat[:8], beat[8]
    come = Signal(range(BEATS + 1))  # beats since the last frame began, as far as a flit goes
    body = Signal(16, name="bytes_that_came")
    fresh = Signal()
    crc = _crc(m, "crc_that_came", frame, step, byte)
    begun = (come != 0) & (come != BEATS)
    m.d.sync += fresh.eq(step)
    with m.If(step):
        m.d.sync += come.eq(Mux(frame, 1, Mux(begun, come + 1, 0)))
        with m.If(frame):
            m.d.sync += body[:8].eq(byte)
        with m.Elif(come == 1):
            m.d.sync += body[8:].eq(byte)
    whole = fresh & (come == BEATS)
    right = crc == RIGHT

    claim(m, "a flit leaves only with its last beat, and if its CRC is right", whole & right, when=arrives)
    claim(m, "a flit with a right CRC leaves", arrives, when=whole & right)
    claim(m, "it leaves as it came", inside.wire("receiver.body") == body, when=arrives)
    cut = step & frame & begun
    claim(m, "what does not leave is dropped", drops == ((whole & ~right) | cut))
    was_cut = Signal()
    with m.If(cut):
        m.d.sync += was_cut.eq(1)
    cover(m, "a flit ends after one that was cut short", whole & was_cut & (body == 0x1234))

    helper(m, "nothing is beyond a code that is not there", ~inside.register("receiver.was_beyond"))
    helper(m, "begun", inside.register("receiver.begun") == begun)
    helper(m, "its place", inside.register("receiver.upcoming") == come, when=begun)
    helper(m, "no more are known", come <= BEATS)
    helper(m, "the whole of it", inside.register("receiver.whole") == whole)
    held = inside.register("receiver.body")
    helper(m, "one beat of a body", held[8:] == body[:8], when=come == 1)
    helper(m, "all of a body", held == body, when=come > 1)
    register = inside.register("receiver.crc.crc_reg")[::-1]
    helper(m, "the CRC so far", register == crc, when=come != 0)


def sent(m: Module, core: Any, inside: Inside) -> None:
    """What a transmitter puts on the lanes."""
    inside.free("room")  # flits follow one another as closely as can be, or not
    beat, sending = inside.wire("transmitter.beat"), inside.register("transmitter.sending")
    takes = inside.wire("transmitter.takes")
    body = Signal(16, name="taken_body")
    gone = Signal(range(BEATS + 1), init=BEATS, name="beats_gone")
    with m.If(takes):
        m.d.sync += [body.eq(core.input.payload.body), gone.eq(0)]
    with m.Elif(gone != BEATS):
        m.d.sync += gone.eq(gone + 1)
    taken = gone != BEATS
    byte = body.word_select(gone[0], 8)
    crc = _crc(m, "crc_sent", gone == 0, gone < BODY, byte)
    claim(m, "a flit is sent without a gap", sending == taken)
    claim(m, "its frame is in its first beat", beat[8] == (gone == 0))
    claim(m, "its body first", beat[:8] == byte, when=gone < BODY)
    of_crc = (~crc).word_select((gone - BODY)[:2], 8)
    claim(m, "then its CRC", beat[:8] == of_crc, when=taken & (gone >= BODY))
    cover(m, "a second flit is sent", taken & (gone == BEATS - 1) & (body == 0x1234))

    helper(m, "beats of a flit", gone <= BEATS)
    helper(m, "place", inside.register("transmitter.place") == gone, when=taken)
    held = inside.register("transmitter.body")
    helper(m, "all of the body", held == body, when=gone == 0)
    helper(m, "half of the body", held[:8] == body[8:], when=gone == 1)
    register = inside.register("transmitter.crc.crc_reg")[::-1]
    helper(m, "the CRC so far", register == Mux(gone == 0, ALL, crc), when=taken)


PROOFS = (
    Proof(
        FRAMING,
        "checked",
        "A flit leaves the receiver exactly when the last of its beats has come, all since one with `frame`, "
        "and its CRC-32 is right; as it came, and no part of it before: for any beats on the line, bodies of "
        "2 bytes, 8 lanes, without scrambler and SECDED, which are proved by themselves.",
        SMALL,
        checked,
        (UNCHECKED, NO_NEW_BEGINNING),
        depth=10,
        bit_level=True,
    ),
    Proof(
        FRAMING,
        "sent",
        "A flit on the lanes is its body and the CRC-32 of all of the body, lowest bits first, without a "
        "gap, and its first beat has `frame`: for bodies of 2 bytes and 8 lanes.",
        SMALL,
        sent,
        (WRONG_SPAN, SPAN_OF_BOTH),
        depth=10,
        bit_level=True,
    ),
)
