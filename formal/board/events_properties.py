"""What is claimed of what carries events and credits between packets and the chain."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal

from spikelock.models.fixed import unsigned
from spikelock.models.link.protocol import Channel
from spikelock.models.ports import Port

from ..properties import Inside, assume, claim, cover, helper
from .streams import Followed, Words, stays

RECORD = Port({"record": unsigned(11)})
BYTES = 2
"""Of a word that carries a record."""

DEPTH = 4
FULL = 2
"""Words that fill a packet, where the buffer holds four records."""

QUIET = 512
MOST_GRANTED = 65_535
"""Credits of a channel, at most (rule 4.1 of `docs/link.md`)."""


def unpacker(m: Module, core: Any, inside: Inside) -> None:
    """Words of packets as records, in order."""
    source, out = core.input, core.output
    words = Words(m, source.valid & source.ready, source.payload, BYTES)
    goes = out.valid & out.ready
    kept = Signal(name="kept")
    record = words.word[: RECORD.width]
    followed = Followed(m, inside, DEPTH, kept, record, goes)
    full = followed.count == DEPTH
    m.d.comb += kept.eq(words.complete & ~full)
    claim(m, "every byte is taken at once", source.ready)
    claim(
        m, "a word is dropped where there is no room, and only there", core.dropped == (words.complete & full)
    )
    claim(m, "a word cut short is refused, once", core.refused == words.cut)
    claim(
        m,
        "records leave in order, as they came",
        out.payload.record == followed.record,
        when=followed.leaves & out.valid,
    )
    claim(m, "nothing leaves that has not come", followed.count != 0, when=out.valid)
    claim(m, "a place is free when a record leaves", core.freed == goes)
    claim(m, "the level is the number of records", core.level == followed.count)
    claim(m, "what waits at the output stays", stays(m, out, "output"))
    hidden = Signal(range(4), name="cycles_hidden")
    m.d.sync += hidden.eq(Mux((followed.count != 0) & ~out.valid, hidden + 1, 0))
    claim(m, "what has come is offered in the next cycle but one", hidden <= 1)
    _bytes_so_far(m, inside, words)
    helper(m, "hidden for one cycle", out.valid | (followed.count == 0), when=hidden != 0)
    cover(m, "a record is dropped", core.dropped)
    cover(
        m, "a second packet's record leaves", goes & (followed.ahead == 0) & followed.inside & (hidden == 0)
    )


def _bytes_so_far(m: Module, inside: Inside, words: Words) -> None:
    """Helpers: the bytes of a word that the core keeps are those that came."""
    before = inside.register("before")
    helper(m, "bytes of the word", inside.register("at") == words.at)
    for number, byte in enumerate(words.bytes_before):
        for count in range(number + 1, len(words.bytes_before) + 1):
            start = len(before) - 8 * (count - number)
            helper(m, f"byte {number} of {count}", before[start : start + 8] == byte, when=words.at == count)


def packer(m: Module, core: Any, inside: Inside) -> None:
    """Records as words of packets, in order, and not more than there are credits."""
    source, out = core.input, core.output
    beat = out.payload
    within = Signal(name="within_packet")
    leaves = out.valid & out.ready
    words = Words(m, leaves & within, beat, BYTES)
    with m.If(leaves):
        m.d.sync += within.eq(~beat.last)
    count = Signal(range(FULL + 1), name="words_of_packet")
    with m.If(words.complete):
        m.d.sync += count.eq(Mux(beat.last, 0, count + 1))

    came = source.valid & source.ready
    fetching, sending = inside.in_state("FETCH"), inside.in_state("WORD")
    pop = fetching & inside.register("buffer.r_rdy")
    followed = Followed(m, inside, DEPTH, came, source.payload.record, pop)
    held = Signal(
        name="followed_is_sent"
    )  # the record that is followed has left the buffer, and not the board
    with m.If(pop):
        m.d.sync += held.eq(followed.leaves)
    claim(m, "words leave in order, as they came", words.word == followed.record, when=words.complete & held)
    claim(
        m,
        "the channel comes first, and is not all",
        (beat.data == Channel.EVENTS) & ~beat.last,
        when=out.valid & ~within,
    )
    claim(m, "a packet ends with a word", ~words.cut)
    claim(m, "a packet ends when it is full, or before", beat.last, when=words.complete & (count == FULL - 1))
    claim(
        m,
        "records are taken while there is room",
        source.ready == (inside.register("buffer.inner_level") != DEPTH - 1),
    )
    claim(m, "the level is the number of records", core.level == followed.count)
    claim(m, "what waits at the output stays", stays(m, out, "output"))

    credit = Signal(range(MOST_GRANTED + 1), name="credit")  # words granted and not sent
    more = Mux(core.granted, core.more, 0)
    assume(m, "not more is granted than rule 4.1 allows", credit + more <= MOST_GRANTED)
    m.d.sync += credit.eq(credit + more - words.complete)
    claim(m, "a word is sent for a credit", credit != 0, when=out.valid & within)
    helper(m, "credits are neither lost nor doubled", inside.register("credits") + sending == credit)

    _packer_progress(m, core, inside, within, followed, credit)
    left, at = inside.register("left"), inside.register("at")
    waits, names = inside.in_state("WAIT"), inside.in_state("CHANNEL")
    helper(m, "a state that there is", waits | names | fetching | sending)
    helper(m, "before and behind the channel", within == (fetching | sending))
    helper(m, "bytes of the word to come", at == BYTES - 1 - words.at, when=sending)
    helper(m, "no byte before its word", words.at == 0, when=~sending)
    to_come = names | fetching
    helper(m, "words to come", (left != 0) & (left <= followed.count) & (left <= credit), when=to_come)
    helper(m, "words to come behind this one", (left <= followed.count) & (left < credit), when=sending)
    helper(m, "words of this packet", count + left + sending <= FULL, when=~waits)
    helper(m, "none before the first", count == 0, when=waits | names)
    just = followed.ahead == 2 * DEPTH - 1
    helper(m, "the followed record has just left the buffer", just, when=sending & held)
    now = followed.record >> (8 * words.at)
    helper(m, "the followed record is sent", inside.register("word") == now, when=sending & held)
    first = [words.at == 0, words.bytes_before[0] == followed.record[:8]]
    helper(m, "what was sent of it", first[0] | first[1], when=sending & held)
    cover(m, "a packet of two words", words.complete & beat.last & (count == 1) & held)
    cover(
        m,
        "a packet of one word for want of credit",
        words.complete & beat.last & (count == 0) & (followed.count == 2),
    )


def _packer_progress(
    m: Module, core: Any, inside: Inside, within: Any, followed: Followed, credit: Any
) -> None:
    """A packet leaves when it is full, or when none has come for a while, if there are credits."""
    came = core.input.valid & core.input.ready
    quiet = Signal(range(QUIET + 1), name="cycles_quiet")
    with m.If(came | (followed.count == 0)):
        m.d.sync += quiet.eq(0)
    with m.Elif(quiet != QUIET):
        m.d.sync += quiet.eq(quiet + 1)
    due = ~within & ~core.output.valid & (credit != 0) & ((followed.count >= FULL) | (quiet == QUIET))
    late = Signal(range(4), name="cycles_late")
    m.d.sync += late.eq(Mux(due, late + 1, 0))
    claim(m, "what is due leaves at once", late <= 1)
    helper(m, "quiet cycles", quiet == inside.register("quiet"))
    helper(m, "due no longer", ~inside.in_state("WAIT"), when=late != 0)
    only = inside.in_state("WORD") & (inside.register("at") == BYTES - 1)
    helper(m, "not quiet where there is nothing", (quiet == 0) | (followed.count != 0) | only)
    helper(m, "it waits where nothing is sent", inside.in_state("WAIT") == (~within & ~core.output.valid))


def granted(m: Module, core: Any, inside: Inside) -> None:
    """Words of credit, read."""
    source = core.input
    words = Words(m, source.valid & source.ready, source.payload, 3)
    claim(m, "every byte is taken at once", source.ready)
    claim(m, "a credit is shown for each whole word", core.valid == words.complete)
    claim(m, "the channel that the word names", core.channel == words.word[:8], when=core.valid)
    claim(m, "as many as the word says", core.more == words.word[8:], when=core.valid)
    claim(m, "a word cut short is refused, once", core.refused == words.cut)
    _bytes_so_far(m, inside, words)
    again = Signal(name="one_before")
    with m.If(core.valid & ~source.payload.last):
        m.d.sync += again.eq(1)
    cover(m, "a second word of a packet", core.valid & again)


class Granting:
    """What a host sees of the packets that grant it places.

    complete, more: one is whole in this cycle, and grants so many. quiet: cycles without one.
    """

    def __init__(self, m: Module, out: Any, channel: int, depth: int) -> None:
        self.at = Signal(2, name="byte_of_credit")
        self.low = Signal(8, name="low_byte")
        leaves = out.valid & out.ready
        with m.If(leaves):
            m.d.sync += [self.at.eq(self.at + 1), self.low.eq(out.payload.data)]
        self.complete = leaves & (self.at == 3)
        self.more = Cat(self.low, out.payload.data)
        begins = ((self.at != 0) | (out.payload.data == Channel.CREDIT)) & (
            (self.at != 1) | (out.payload.data == channel)
        )
        claim(m, "a word of credit for the channel", begins, when=out.valid)
        claim(m, "each in a packet of its own", out.payload.last == (self.at == 3), when=out.valid)
        claim(
            m,
            "a quarter of the places, or more",
            (self.more >= depth // 4) & (self.more <= depth),
            when=self.complete,
        )
        claim(m, "what waits to be granted stays", stays(m, out, "credits"))


def granting(m: Module, core: Any, inside: Inside) -> None:
    """Each place that is free is granted once."""
    _granting(m, core.output, inside, "", core.freed, 8, Channel.EVENTS)


def _granting(
    m: Module, out: Any, inside: Inside, path: str, freed: Any, depth: int, channel: int
) -> tuple[Granting, Signal]:
    credit = Granting(m, out, channel, depth)
    places = Signal(range(depth + 1), init=depth, name="places_not_granted")
    assume(m, "no place is freed that was not granted", places + freed <= depth)
    granted_now = Mux(credit.complete, credit.more, 0)
    m.d.sync += places.eq(places + freed - granted_now)
    claim(m, "only what is free is granted", credit.more <= places, when=credit.complete)
    waited = Signal(range(4), name="cycles_not_granted")
    m.d.sync += waited.eq(Mux((places >= depth // 4) & ~out.valid, waited + 1, 0))
    claim(m, "a quarter that is free is granted at once", waited <= 1)
    sending, free = inside.in_state("SEND", f"{path}fsm"), inside.register(f"{path}free")
    more = inside.register(f"{path}more")
    helper(m, "places are neither lost nor doubled", free + Mux(sending, more, 0) == places)
    helper(m, "a grant", (more >= depth // 4) & (more <= depth), when=sending)
    helper(m, "bytes of the grant", inside.register(f"{path}at") == credit.at, when=sending)
    helper(m, "none before it", credit.at == 0, when=~sending)
    helper(m, "its low byte", credit.low == more[:8], when=credit.at == 3)
    helper(m, "granted at once", sending, when=waited != 0)
    cover(m, "a second grant", credit.complete & (credit.more == depth // 4))
    return credit, places


def incoming(m: Module, core: Any, inside: Inside) -> None:
    """A host that sends a word only for a credit loses none, and gets all its credits back."""
    source = core.input
    words = Words(m, source.valid & source.ready, source.payload, BYTES)
    freed = core.output.valid & core.output.ready
    credit = Signal(range(DEPTH + 1), name="credit")  # words that the host may send
    grant, places = _granting(m, core.granting, inside, "credits.", freed, DEPTH, Channel.EXPECTED)
    assume(m, "the host sends a word only for a credit", ~words.complete | (credit != 0))
    m.d.sync += credit.eq(credit + Mux(grant.complete, grant.more, 0) - words.complete)
    claim(m, "no word is dropped", ~core.dropped)
    claim(m, "credits, records and places are as many as at first", credit + core.level + places == DEPTH)
    _buffer(m, inside)
    helper(m, "bytes of the word", inside.register("unpacker.at") == words.at)
    used = Signal(name="all_were_used")
    with m.If(core.level == DEPTH):
        m.d.sync += used.eq(1)
    cover(m, "the buffer is full, and then empty", used & (core.level == 0))
    cover(m, "a credit comes back", used & grant.complete)


def _buffer(m: Module, inside: Inside) -> None:
    """Helpers: what the buffer's counts can be."""
    level, shown = inside.register("unpacker.buffer.inner_level"), inside.register("unpacker.buffer.r_rdy")
    helper(m, "the buffer's count", level <= DEPTH - 1)
    helper(m, "the buffer shows what it has", shown | (level <= 1))
