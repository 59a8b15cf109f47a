"""What is claimed of `link.rmii`, for frames of two bytes at most."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnySeq
from amaranth.hdl import Module, Mux, Signal, Value

from spikelock.models.link.rmii import Drop

from ..properties import Inside, claim, cover, helper

LONGEST = 2
CAPACITY = 4
"""Beats that a buffer has room for."""

POINTER_BITS = 3
GAP = 48
"""Cycles of 96 bit times."""

BEFORE = 32
"""Cycles of preamble and delimiter."""


class Pointers:
    """A buffer's pointers. level: beats from the one to be fetched to the one to be written; ready: of those,
    the ones of whole packets.
    """

    def __init__(self, m: Module, inside: Inside, part: str) -> None:
        self.written, self.begun, self.fetched = (
            inside.register(f"{part}.buffer.{name}") for name in ("written", "begun", "fetched")
        )
        self.shown = inside.register(f"{part}.buffer.shown")
        self.level = (self.written - self.fetched)[:POINTER_BITS]
        self.ready = (self.begun - self.fetched)[:POINTER_BITS]
        helper(m, "no more is ready than is there", self.ready <= self.level)
        helper(m, "no more is there than has room", self.level <= CAPACITY)


def _free_packets(inside: Inside) -> Value:
    """Any packets come to the transmitter. Gives the beat that is offered."""
    inside.free("input__valid")
    return Value.cast(inside.free("input__payload"))


def line(m: Module, core: Any, inside: Inside) -> None:
    """What the transmitter puts on the line, whatever packets come."""
    _free_packets(inside)
    tx_en, txd = inside.register("transmitter.tx_en"), inside.wire("transmitter.txd")
    takes = inside.wire("transmitter.output__ready")
    valid, beat = (
        inside.wire("transmitter.buffer.output__valid"),
        inside.read_data("transmitter.buffer.memory"),
    )
    since = Signal(range(BEFORE + 1))  # cycles of the frame that have gone
    rest = Signal(range(GAP + 1), init=GAP)  # cycles for which the line rests, since a frame
    place = Signal(2)
    byte = Signal(8, name="taken_byte")
    final, ended, sent = Signal(), Signal(), Signal()
    in_frame = tx_en & (since == BEFORE)
    ends = in_frame & (place == 3) & final
    m.d.sync += [
        since.eq(Mux(tx_en, since + (since != BEFORE), 0)),
        rest.eq(Mux(tx_en, 0, rest + (rest != GAP))),
        place.eq(Mux(in_frame, place + 1, 0)),
        ended.eq(ends),
        sent.eq(tx_en),
    ]
    with m.If(takes):
        m.d.sync += [byte.eq(beat.data), final.eq(beat.last)]
    claim(m, "a preamble", txd == 1, when=tx_en & (since < BEFORE - 1))
    claim(m, "a delimiter", txd == 3, when=tx_en & (since == BEFORE - 1))
    claim(m, "a byte, its lowest bits first", txd == byte.word_select(place, 2), when=in_frame)
    needed = (tx_en & (since == BEFORE - 1)) | (in_frame & (place == 3) & ~final)
    claim(m, "a byte is taken where one is needed", takes == needed)
    claim(m, "and is there", valid, when=takes)
    claim(m, "a frame goes on until its last byte has gone", tx_en == ~ended, when=sent)
    claim(m, "the line rests for 96 bit times", rest == GAP, when=tx_en & (since == 0))
    cover(m, "a frame of two bytes ends", ends & (byte == 0x4E) & (rest == 0))

    pointers = Pointers(m, inside, "transmitter")
    waits = pointers.ready != 0
    before_begun = inside.memory("transmitter.buffer.memory", (pointers.begun - 1)[:POINTER_BITS])
    helper(m, "packets end", ~waits | before_begun.last)
    helper(m, "the last one ends", ~pointers.shown | waits | beat.last)
    helper(m, "the next byte waits", pointers.shown, when=in_frame & ~final)
    helper(m, "a packet waits", ~(tx_en & (since != BEFORE)) | pointers.shown)
    count, bits = inside.register("transmitter.count"), inside.register("transmitter.bits")
    states = {name: inside.in_state(name, "transmitter.fsm") for name in ("GAP", "IDLE", "PREAMBLE", "FRAME")}
    helper(m, "before the frame", states["PREAMBLE"] == (tx_en & (since != BEFORE)))
    helper(m, "in the frame", states["FRAME"] == in_frame)
    helper(m, "at rest", (states["GAP"] | states["IDLE"]) == ~tx_en)
    helper(m, "cycles before the frame", count == since, when=states["PREAMBLE"])
    helper(m, "cycles of rest", (count == rest) & (rest < GAP - 1), when=states["GAP"])
    helper(m, "no more is counted", (rest <= GAP) & (since <= BEFORE))
    helper(m, "enough rest", rest >= GAP - 1, when=states["IDLE"])
    helper(m, "its bits", bits == byte >> (place << 1), when=in_frame)
    own = inside.register("transmitter.place")
    helper(m, "its place", own == Mux(in_frame, place, 0))
    helper(m, "place at rest", in_frame | (place == 0))
    helper(m, "its last", inside.register("transmitter.beat")[8] == final, when=in_frame)
    preamble = Mux(since < BEFORE - 4, 0x55, 0xD5) >> ((since[:2]) << 1)
    helper(m, "the preamble's bits", bits == preamble, when=states["PREAMBLE"])


def _free_line(inside: Inside) -> None:
    for pin in ("crs_dv", "rxd", "rx_er"):
        inside.free(pin)


def receiver(m: Module, core: Any, inside: Inside) -> None:
    """What the receiver makes of the line, whatever is on it."""
    _free_line(inside)
    carrier, data = inside.wire("receiver.crs_dv.carrier"), inside.wire("receiver.rxd.data")
    error = inside.wire("receiver.rx_er.error")
    before = Signal(name="carrier_of_the_cycle_before")
    armed, preamble, frame = Signal(), Signal(), Signal()
    at = Signal(2)
    coming, byte = Signal(8), Signal(8, name="byte_that_came")
    count = Signal(range(LONGEST + 2), name="bytes_that_came")
    hurt = Signal()
    m.d.sync += before.eq(carrier)
    over = frame & at[0] & ~carrier
    comes = frame & (at == 3) & carrier
    with m.If(frame):
        m.d.sync += [at.eq(at + 1), frame.eq(~over), hurt.eq(hurt | error)]
        m.d.sync += coming.word_select(at, 2).eq(data)
    with m.Elif(preamble):
        delimiter = carrier & (data == 3)
        m.d.sync += [frame.eq(delimiter), preamble.eq(carrier & (data == 1)), hurt.eq(hurt | error)]
    with m.Elif(armed):
        m.d.sync += [at.eq(0), count.eq(0), hurt.eq(0)]
        with m.If(carrier & (data != 0)):
            m.d.sync += [armed.eq(0), preamble.eq(data == 1)]
    with m.Elif(~carrier & ~before):
        m.d.sync += armed.eq(1)
    with m.If(comes):
        m.d.sync += [byte.eq(coming[:6] | (data << 6)), count.eq(count + (count <= LONGEST))]

    write, beat = inside.wire("receiver.write"), inside.wire("receiver.beat")
    kept, dropped, reason = (inside.wire(f"receiver.{name}") for name in ("kept", "dropped", "reason"))
    bad = hurt | at[1] | before
    too_long = count > LONGEST
    claim(m, "bytes pass one behind, the last at the end", write == ((comes | over) & (count != 0)))
    claim(m, "the byte that came", beat[:8] == byte, when=write)
    claim(m, "the last is marked, and no other", beat[8] == over, when=write)
    claim(m, "each frame is kept or dropped, at its end", kept ^ dropped, when=write & over)
    claim(m, "nothing else is kept or dropped", ~kept & ~dropped, when=~(write & over))
    claim(m, "only what is right is kept", ~bad & ~too_long, when=kept)
    claim(m, "damaged", bad == (Value.cast(reason) == Drop.DAMAGED), when=dropped)
    claim(m, "too long", (too_long & ~bad) == (Value.cast(reason) == Drop.TOO_LONG), when=dropped)
    cover(m, "a frame after its carrier is kept", kept & (count == LONGEST) & (byte == 0x4E))
    cover(m, "a damaged frame is dropped", dropped & hurt)

    states = {name: inside.in_state(name, "receiver.fsm") for name in ("REST", "IDLE", "PREAMBLE", "FRAME")}
    helper(m, "in a frame", states["FRAME"] == frame)
    helper(m, "in a preamble", states["PREAMBLE"] == preamble)
    helper(m, "between frames", states["IDLE"] == armed)
    helper(m, "one at a time", frame + preamble + armed <= 1)
    helper(m, "carrier", inside.register("receiver.carrier_before") == before)
    begun = frame | preamble
    own = {
        name: inside.register(f"receiver.{name}")
        for name in ("place", "byte", "count", "damaged", "too_long")
    }
    helper(m, "place", own["place"] == at, when=frame)
    helper(m, "no place yet", (at == 0) & (own["place"] == 0), when=preamble)
    helper(m, "damage", own["damaged"] == hurt, when=begun)
    helper(m, "bytes", own["count"] == Mux(too_long, LONGEST, count), when=begun)
    helper(m, "no bytes yet", count == 0, when=preamble)
    helper(m, "length", own["too_long"] == too_long, when=begun)
    helper(m, "the byte", own["byte"] == byte, when=frame & (count != 0))
    bits = inside.register("receiver.bits")
    for done in range(1, 4):
        same = bits[8 - 2 * done :] == coming[: 2 * done]
        helper(m, f"{done} di-bits", same, when=frame & (at == done))


def _queue(m: Module, inside: Inside, part: str) -> tuple[Any, Any]:
    """What leaves a buffer are the beats of the packets that are kept, in order. Gives its write and kept."""
    write, beat = inside.wire(f"{part}.write"), inside.wire(f"{part}.beat")
    kept, fits = inside.wire(f"{part}.buffer.kept"), inside.wire(f"{part}.buffer.fits")
    valid, ready = inside.wire(f"{part}.buffer.output__valid"), inside.wire(f"{part}.output__ready")
    out = Value.cast(inside.read_data(f"{part}.buffer.memory"))
    leaves = valid & ready
    ends = write & beat[8]
    coming = Signal(range(CAPACITY + 1))  # beats of the packet that comes
    waiting = Signal(range(CAPACITY + 2))  # beats of packets that are kept
    lost = Signal()  # one of the packet that comes found no room, or spoils it
    m.d.sync += waiting.eq(waiting + Mux(kept, coming + 1, 0) - leaves)
    with m.If(write):
        m.d.sync += [coming.eq(Mux(ends, 0, coming + fits)), lost.eq(~ends & (lost | ~fits))]
    claim(m, "a packet is kept if all of it fits", kept == (ends & fits & ~lost))
    claim(m, "nothing leaves that was not kept", waiting != 0, when=leaves)

    chosen = Signal(name="chosen")
    m.d.comb += chosen.eq(AnySeq(1))
    tracked, of_kept = Signal(), Signal()
    ahead = Signal(range(CAPACITY + 2))
    wanted = Signal.like(beat, name="wanted")
    pointer = Signal(POINTER_BITS)
    pointers = Pointers(m, inside, part)
    with m.If(tracked & leaves):
        m.d.sync += [ahead.eq(ahead - 1), tracked.eq(ahead != 0)]
    with m.If(tracked & ends):
        m.d.sync += of_kept.eq(1)
        with m.If(~of_kept & ~kept):
            m.d.sync += tracked.eq(0)
    with m.If(~tracked & chosen & write & fits & (kept | ~beat[8])):
        m.d.sync += [
            tracked.eq(1),
            of_kept.eq(kept),
            wanted.eq(beat),
            ahead.eq(waiting + coming - leaves),
            pointer.eq(pointers.written),
        ]
    here = leaves & tracked & (ahead == 0)
    claim(m, "a beat leaves as it came, in its turn", of_kept & (out == wanted), when=here)
    cover(m, "a beat leaves after another", here & (wanted[:8] == 0x4E))

    shown, level = pointers.shown, pointers.level
    offset = (pointer - pointers.fetched)[:POINTER_BITS]
    stored = Value.cast(inside.memory(f"{part}.buffer.memory", pointer))
    helper(m, "all that is kept", waiting == pointers.ready + shown)
    helper(m, "all that comes", lost | (coming == level - pointers.ready))
    helper(m, "none more comes", coming <= level - pointers.ready)
    helper(m, "lost", inside.register(f"{part}.buffer.overflowed") == lost)
    helper(m, "it is stored", Mux(offset < level, stored, out) == wanted, when=tracked)
    helper(m, "where it is", (offset < level) | (shown & (offset == (1 << POINTER_BITS) - 1)), when=tracked)
    helper(m, "its turn", (ahead == (offset + shown)[:POINTER_BITS]) | ~tracked)
    helper(m, "kept", of_kept == ((offset < pointers.ready) | (offset >= level)), when=tracked)
    return write, kept


def received(m: Module, core: Any, inside: Inside) -> None:
    """What leaves the receiver, whatever is on the line."""
    _free_line(inside)
    _queue(m, inside, "receiver")


def sent(m: Module, core: Any, inside: Inside) -> None:
    """What leaves the transmitter's buffer is all that came, cut after its longest, whatever packets come."""
    came = _free_packets(inside)
    write, kept = _queue(m, inside, "transmitter")
    beat = inside.wire("transmitter.beat")
    index = Signal(range(LONGEST + 1), name="bytes_of_the_packet")
    with m.If(write):
        m.d.sync += index.eq(Mux(beat[8], 0, index + 1))
    claim(m, "every packet is kept", kept, when=write & beat[8])
    claim(m, "none is longer than it may be", index < LONGEST)
    claim(m, "a beat keeps its data", beat[:8] == came[:8], when=write)
    pointers_level = (
        inside.register("transmitter.buffer.written") - inside.register("transmitter.buffer.fetched")
    )[:POINTER_BITS]
    helper(m, "index", inside.register("transmitter.index") == index)
    helper(m, "nothing is lost", ~inside.register("transmitter.buffer.overflowed"))
    helper(m, "room was seen to", pointers_level <= CAPACITY - LONGEST + index, when=index != 0)
