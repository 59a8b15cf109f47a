"""Proofs of `link.udp_receiver`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib.crc.catalog import CRC32_ISO_HDLC

from spikelock.models.link.udp_receiver import Params
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

CORE = "link.udp_receiver"
SHORTEST, LONGEST = 64, 64


class Frame:
    """What came of the frame that comes, or is being answered: its length, check, and one chosen byte."""

    def __init__(self, m: Module, core: Any) -> None:
        self.taken = core.input.valid & core.input.ready
        self.ended = Signal()  # its last byte came, and it causes something still
        self.count = Signal(range(LONGEST + 2))
        self.chosen = Signal(range(128), name="chosen")
        self.byte = Signal(8, name="chosen_byte")
        m.d.comb += self.chosen.eq(AnyConst(7))
        m.submodules.check = self.check = CRC32_ISO_HDLC().create()
        m.d.comb += [self.check.data.eq(core.input.payload.data), self.check.valid.eq(self.taken)]
        with m.If(self.taken):
            m.d.sync += self.ended.eq(core.input.payload.last)
            with m.If(self.count <= LONGEST):
                m.d.sync += self.count.eq(self.count + 1)
            with m.If(self.count == self.chosen):
                m.d.sync += self.byte.eq(core.input.payload.data)
        self.has_byte = self.chosen < self.count

    def end(self, m: Module) -> None:
        """The next one may come."""
        m.d.comb += self.check.start.eq(1)
        m.d.sync += [self.ended.eq(0), self.count.eq(0)]


def answers(m: Module, core: Any, inside: Inside) -> None:
    """Nothing leaves but for a whole and right frame that is for this core; and all of it ends."""
    frame = Frame(m, core)
    payload, replies, peer, dropped = core.payload, core.replies, core.peer, core.dropped
    uses = payload.valid | replies.valid | peer.valid
    sent = Signal(range(LONGEST + 1))  # bytes of payload or reply that have left
    told = Signal()  # the peer has left, or the reason
    deciding = Signal()  # the cycle after the last byte
    m.d.sync += deciding.eq(frame.taken & core.input.payload.last)
    with m.If((payload.valid & payload.ready) | (replies.valid & replies.ready)):
        m.d.sync += sent.eq(sent + 1)
    with m.If((peer.valid & peer.ready) | (dropped.valid & dropped.ready)):
        m.d.sync += told.eq(1)
    done = inside.wire("done")
    with m.If(done):
        frame.end(m)
        m.d.sync += [sent.eq(0), told.eq(0)]

    right = frame.check.match_detected & (frame.count >= SHORTEST) & (frame.count <= LONGEST)
    claim(m, "nothing of a frame is used before it is whole", ~uses | frame.ended)
    claim(m, "nothing of a frame is used unless its check is right", ~uses | right)
    claim(m, "one thing leaves at a time", payload.valid + replies.valid + peer.valid + dropped.valid <= 1)
    claim(m, "a frame is taken when none is answered", core.input.ready == ~frame.ended)
    waits = payload.valid | replies.valid | peer.valid | dropped.valid
    claim(m, "an answer waits for one cycle only", waits, when=frame.ended & ~deciding)
    claim(m, "a reason is told once", ~told, when=dropped.valid)
    claim(m, "who sent it is told first", ~payload.valid | told)
    claim(m, "and told once", ~peer.valid | ~told)
    claim(m, "no more leaves than came", ~(payload.valid | replies.valid) | (sent < frame.count))

    kind = Signal(8)  # low byte of the type: 0 IPv4, 6 ARP
    protocol = Signal(8)
    with m.If(frame.taken & (frame.count == 13)):
        m.d.sync += kind.eq(core.input.payload.data)
    with m.If(frame.taken & (frame.count == 23)):
        m.d.sync += protocol.eq(core.input.payload.data)
    own = core.params.station
    arp, ipv4 = replies.valid & (kind == 6), (replies.valid | payload.valid | peer.valid) & (kind == 0)
    claim(m, "a payload comes by UDP over IPv4", ~payload.valid | ((kind == 0) & (protocol == 17)))
    claim(m, "what is answered is ARP or IPv4", ~uses | (arp | ipv4))
    _are(m, frame, "a request is for this address", 38, own.address, 4, when=arp)
    _are(m, frame, "a packet is for this address", 30, own.address, 4, when=ipv4)
    _are(m, frame, "a packet is for this station", 0, own.mac, 6, when=ipv4)
    _are(m, frame, "a datagram is for this port", 36, own.port, 2, when=payload.valid | peer.valid)
    back = sent + Mux(kind == 6, 22, 6)
    goes_back = replies.valid & (sent < 6) & (frame.chosen == back)
    same = replies.payload.data == frame.byte
    claim(m, "a reply goes back to the station that asked", ~goes_back | same)
    hands_on = payload.valid & (frame.chosen == sent + 42) & (payload.payload.data != 0)
    claim(m, "a payload is what came", ~hands_on | (payload.payload.data == frame.byte))

    _invariants(m, core, inside, frame, sent, told, deciding, kind, protocol)
    cover(m, "a reason is told, and the next frame comes", dropped.valid & dropped.ready)


def _are(m: Module, frame: Frame, name: str, offset: int, number: int, count: int, when: Any) -> None:
    """Claims that the bytes from `offset` on are those of a number."""
    for i in range(count):
        wanted = number >> 8 * (count - 1 - i) & 0xFF
        claim(m, f"{name}: byte {i}", ~when | (frame.chosen != offset + i) | (frame.byte == wanted))


def _invariants(
    m: Module,
    core: Any,
    inside: Inside,
    frame: Frame,
    sent: Signal,
    told: Signal,
    deciding: Signal,
    kind: Signal,
    protocol: Signal,
) -> None:
    """What the registers hold, and when."""
    own = core.params.station
    index = inside.register("judge.index")
    helper(m, "bytes are counted", index == frame.count)
    register = Value.cast(inside.register("judge.crc.crc_reg"))
    helper(m, "the check is of the bytes that came", register[::-1] == ~frame.check.crc)
    helper(m, "collecting", inside.in_state("COLLECT") == ~frame.ended)
    helper(m, "deciding", inside.in_state("DECIDE") == deciding)
    helper(m, "only what has ended is decided", frame.ended | ~deciding)
    answering = inside.in_state("PAYLOAD") | inside.in_state("REPLY")
    used = answering | inside.in_state("PEER")
    helper(m, "only what is not refused is used", ~used | ~inside.wire("judge.refused"))
    helper(m, "what is dropped is refused", ~inside.in_state("DROP") | inside.wire("judge.refused"))
    position, final = inside.register("position"), inside.register("final")
    total = inside.register("judge.total_length")
    is_arp, is_udp = inside.register("judge.arp"), inside.wire("judge.is_udp")
    helper(m, "bytes that leave are counted", position == sent)
    helper(m, "nothing has left before", answering | (sent == 0))
    helper(m, "not beyond the last", ~answering | (sent <= final))
    hands_on = inside.in_state("PEER") | inside.in_state("PAYLOAD")
    helper(m, "the last of a payload", ~hands_on | ((final == total - 28) & is_udp))
    last = Mux(is_arp, 41, total + 13)
    helper(m, "the last of a reply", ~inside.in_state("REPLY") | ((final == last) & ~is_udp))
    helper(m, "told once", told == inside.in_state("PAYLOAD"))
    helper(m, "a frame has bytes", frame.count > 0, when=frame.ended)

    matches = {
        "own_station": (0, own.mac, 6),
        "arp_target": (38, own.address, 4),
        "own_address": (30, own.address, 4),
        "own_port": (36, own.port, 2),
    }
    for name, (offset, number, count) in matches.items():
        match = inside.register(f"judge.{name}")
        for i in range(count):
            wrong = frame.has_byte & (frame.chosen == offset + i)
            wrong &= frame.byte != (number >> 8 * (count - 1 - i) & 0xFF)
            helper(m, f"{name} is of all bytes: {i}", ~match | ~wrong)
    for name, value, seen, wanted in (
        ("arp", kind, 14, 6),
        ("ipv4", kind, 14, 0),
        ("icmp", protocol, 24, 1),
        ("udp", protocol, 24, 17),
    ):
        match = inside.register(f"judge.{name}")
        helper(m, f"{name} is seen", ~match | (frame.count < seen) | (value == wanted))

    stored = frame.has_byte & (frame.chosen < LONGEST)
    helper(m, "bytes are stored", inside.memory("frame", frame.chosen) == frame.byte, when=stored)
    read = inside.read_data("frame")
    offset = Mux(is_udp, 42, Mux(sent < 6, Mux(is_arp, 22, 6), 0))
    reads = answering & (frame.chosen == sent + offset) & (is_udp | (sent < 6)) & (sent != final)
    helper(m, "the byte that leaves is read", ~reads | (read == frame.byte))


PROOFS = (
    Proof(
        core=CORE,
        name="answers",
        says="Nothing of a frame is used before its last byte came and its check was right; ARP and IP are "
        "answered only for this core's address, payloads handed on only for its port; a reply goes back to "
        "the station that asked; every frame has one outcome, of no more bytes than came, without waiting. "
        f"In frames of {LONGEST} bytes. What a CRC-32 is, Amaranth's library says on both sides; the bench "
        "compares it with zlib's, and shows that right frames are used: no solver finds one.",
        params=Params(longest=LONGEST),
        properties=answers,
        mutants=(
            Mutant("what is refused is used", CORE, "with m.If(judge.refused):", "with m.If(0):"),
            Mutant(
                "a reason is told for ever",
                CORE,
                "m.d.comb += done.eq(1)\n                    m.next",
                "m.next",
            ),
            Mutant(
                "a frame is taken while one is answered",
                CORE,
                "m.d.comb += self.dropped.valid.eq(1)",
                "m.d.comb += [self.dropped.valid.eq(1), self.input.ready.eq(1)]",
            ),
        ),
        depth=8,
        bit_level=True,
    ),
)
