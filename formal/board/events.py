"""Proofs of what carries events and credits, and the broken ones that they catch."""

from __future__ import annotations

from spikelock.models.link.protocol import Channel
from spikelock.models.mutant import Mutant

from ..proof import Proof
from .events_properties import DEPTH, RECORD, granted, granting, incoming, packer, unpacker

EVENTS = "board.events"


def _broken(breaks: str, old: str, new: str) -> Mutant:
    return Mutant(breaks, EVENTS, old, new)


SIZES = "Records of 11 bits in words of two bytes, a buffer of four."

PROOFS = (
    Proof(
        EVENTS,
        "unpacker",
        "The records that leave are the whole words of the packets (rule 4), in order, each once and "
        f"unchanged; a word is dropped exactly where there is no room, a word cut short is refused. {SIZES}",
        ("Unpacker", RECORD, DEPTH),
        unpacker,
        (
            _broken(
                "a word cut short is kept in part",
                "with m.Elif(self.input.payload.last):\n                m.d.comb += self.refused.eq(1)\n   "
                "             m.d.sync += at.eq(0)\n            with m.Else()",
                "with m.Elif(0):\n                m.d.comb += self.refused.eq(1)\n                m.d.sync "
                "+= at.eq(0)\n            with m.Else()",
            ),
            _broken(
                "the last byte of a word is its lowest",
                "buffer.w_data.eq(Cat(before, self.input.payload.data))",
                "buffer.w_data.eq(Cat(self.input.payload.data, before))",
            ),
            _broken(
                "records leave as if all were taken", "buffer.r_en.eq(self.output.ready)", "buffer.r_en.eq(1)"
            ),
            _broken(
                "what has no room is dropped silently", "self.dropped.eq(~buffer.w_rdy)", "self.dropped.eq(0)"
            ),
        ),
        depth=14,
        bit_level=True,
    ),
    Proof(
        EVENTS,
        "packer",
        "Each record is sent once, in order and unchanged, as a word (rule 4) of a packet of its channel; "
        "packets are of one or two whole words; a word is sent for a credit, and none is lost or doubled; "
        "what is due, a full packet or a record after 512 quiet cycles, begins to leave in the next cycle "
        "but one. Assumes that at most 65,535 words are granted and not used (rule 4.1). So what a packer "
        f"sends, an unpacker gives back. {SIZES}",
        ("Packer", RECORD, DEPTH, Channel.EVENTS),
        packer,
        (
            _broken(
                "a grant replaces what was left",
                "credits.eq(credits + Mux(self.granted, self.more, 0)",
                "credits.eq(Mux(self.granted, self.more, credits)",
            ),
            _broken(
                "as many words as wait, whatever the credits",
                "left.eq(Mux(credits < enough, credits, enough))",
                "left.eq(enough)",
            ),
            _broken(
                "a stalled byte is sent again as the next",
                "with m.If(sent):\n                    m.d.sync += [word.eq(word >> 8)",
                "with m.If(1):\n                    m.d.sync += [word.eq(word >> 8)",
            ),
            _broken(
                "a packet ends before its last word", "(left == 0) & (at == 0)", "(left <= 1) & (at == 0)"
            ),
        ),
        depth=13,
        bit_level=True,
    ),
    Proof(
        EVENTS,
        "granted",
        "Each whole word of a packet of the channel CREDIT is shown once, as it came; a word cut short is "
        "refused.",
        ("Granted",),
        granted,
        (
            _broken(
                "the channel is the last byte",
                "Cat(self.channel, self.more[:8]).eq(before)",
                "Cat(self.more[:8], self.channel).eq(before)",
            ),
            _broken(
                "every byte is a credit",
                "with m.If(at == 2):\n                m.d.comb += self.valid.eq(1)\n                "
                "m.d.sync += at.eq(0)",
                "with m.If(at <= 2):\n                m.d.comb += self.valid.eq(1)\n                "
                "m.d.sync += at.eq(0)",
            ),
        ),
        depth=10,
    ),
    Proof(
        EVENTS,
        "granting",
        "Each place that is free is granted once, a quarter of the buffer or more at a time, in a packet "
        "of the channel CREDIT, under any stall. Assumes that not more places are freed than were granted. "
        "With eight places.",
        ("Granting", Channel.EVENTS, 8),
        granting,
        (
            _broken(
                "a place freed while others are granted is lost",
                "free.eq(Mux(taken, 0, free) + self.freed)",
                "free.eq(Mux(taken, 0, free + self.freed))",
            ),
            _broken(
                "places are granted again and again", "m.d.comb += taken.eq(1)", "m.d.comb += taken.eq(0)"
            ),
            _broken(
                "a grant is cut short",
                "self.output.payload.last.eq(at == 3)",
                "self.output.payload.last.eq(at == 2)",
            ),
            _broken("each place for itself", "with m.If(free >= self.depth // 4)", "with m.If(free != 0)"),
        ),
        depth=16,
    ),
    Proof(
        EVENTS,
        "credits",
        "The credits of a host, the records that wait and the places not yet granted are always as many as "
        "the buffer has places: none is lost, doubled or negative; and a host that sends a word only for a "
        f"credit loses none. {SIZES}",
        ("Incoming", RECORD, DEPTH, Channel.EXPECTED),
        incoming,
        (
            _broken(
                "a place is free before its record has left",
                "self.freed.eq(self.output.valid & self.output.ready)",
                "self.freed.eq(self.output.valid)",
            ),
            _broken("a place is granted again", "Mux(taken, 0, free)", "Mux(taken, 1, free)"),
        ),
        depth=22,
        bit_level=True,
    ),
)
