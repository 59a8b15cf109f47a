"""Proofs of `link.udp_sender`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Cat, Const, Module, Signal, Value

from spikelock.models.link.udp_sender import Params
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

CORE = "link.udp_sender"
LONGEST = 3
HEADERS = 42


def datagrams(m: Module, core: Any, inside: Inside) -> None:
    """What comes up to a 0 leaves behind its headers, to the peer of that moment, and to nobody else."""
    own, registers, out = core.params.station, core.registers, core.output
    taken, leaves = core.input.valid & core.input.ready, out.valid & out.ready
    zero = core.input.payload.data == 0
    count = Signal(range(LONGEST + 1))  # bytes that have come
    sending = Signal()  # a datagram has begun, and not ended
    first = Signal()  # cycle after its last byte came
    position = Signal(range(HEADERS + LONGEST))  # bytes of it that have left
    chosen = Signal(2)
    m.d.comb += chosen.eq(AnyConst(2))
    byte = Signal(8, name="chosen_byte")
    station, address, port = Signal(48), Signal(32), Signal(16)
    m.d.sync += first.eq(0)
    with m.If(taken):
        m.d.sync += count.eq(count + 1)
        with m.If(count == chosen):
            m.d.sync += byte.eq(core.input.payload.data)
        with m.If(zero | (count == LONGEST - 1)):
            m.d.sync += [
                sending.eq(1),
                first.eq(1),
                station.eq(registers.peer_station),
                address.eq(registers.peer_address),
                port.eq(registers.peer_port),
            ]
            with m.If((zero & (count == 0)) | ~registers.known):
                m.d.sync += [count.eq(0), sending.eq(0), first.eq(0)]
    last = position == HEADERS + count - 1
    with m.If(leaves):
        m.d.sync += position.eq(position + 1)
        with m.If(last):
            m.d.sync += [position.eq(0), count.eq(0), sending.eq(0)]

    checksum = Value.cast(inside.register("checksum"))
    start = Const(0x4500, 16), (count + 28), Const(0, 16), Const(0x4000, 16), Const(0x4011, 16)
    wanted = [
        *_octets(station, 6),
        *_octets(own.mac, 6),
        *_octets(0x0800, 2),
        *(byte for word in start for byte in _octets(word, 2)),
        *_octets(checksum, 2),
        *_octets(own.address, 4),
        *_octets(address, 4),
        *_octets(own.port, 2),
        *_octets(port, 2),
        *_octets(count + 8, 2),
        *_octets(0, 2),
    ]
    header = position < HEADERS
    claim(m, "the header is the peer's", out.payload.data == Array(wanted)[position], when=out.valid & header)
    claim(
        m,
        "the payload is what came",
        out.payload.data == byte,
        when=out.valid & (position == HEADERS + chosen),
    )
    claim(m, "it ends with its last byte", out.payload.last == last, when=out.valid)
    claim(m, "nothing leaves without a datagram", ~out.valid, when=~sending)
    claim(m, "bytes are taken when no datagram leaves", core.input.ready == ~sending)
    claim(m, "a datagram waits for one cycle only", out.valid, when=sending & ~first)
    words = [
        *start,
        checksum,
        Const(own.address, 32)[16:],
        Const(own.address, 32)[:16],
        address[16:],
        address[:16],
    ]
    total = sum((Value.cast(word) for word in words[1:]), start=Value.cast(words[0]))
    summed = Signal(20)
    folded = Signal(17)
    m.d.comb += [summed.eq(total), folded.eq(summed[:16] + summed[16:])]
    valid_sum = (folded == 0xFFFF) | (folded == 0x1FFFE)
    claim(m, "the words of the header add up to 0", valid_sum, when=out.valid)

    helper(m, "bytes are counted", inside.register("count") == count)
    helper(m, "collecting", inside.in_state("COLLECT") == ~sending)
    helper(m, "summing", inside.in_state("SUM") == first)
    in_header = inside.in_state("HEADER")
    helper(m, "the header first", in_header == (sending & ~first & header))
    helper(m, "nothing has left before it", sending & ~first | (position == 0))
    own_position = inside.register("position")
    helper(m, "position in the header", own_position == position, when=in_header)
    helper(m, "position in the payload", own_position + HEADERS == position, when=sending & ~header)
    helper(m, "position otherwise", (own_position == 0) | (sending & ~first))
    helper(m, "not beyond the end", position < HEADERS + count, when=sending)
    helper(m, "a datagram has bytes", (count > 0) & (count <= LONGEST), when=sending)
    helper(m, "room for one more", count < LONGEST, when=~sending)
    peer = Cat(inside.register("station"), inside.register("address"), inside.register("port"))
    helper(m, "the peer is kept", peer == Cat(station, address, port), when=sending)
    helper(m, "bytes are stored", inside.memory("payload", chosen) == byte, when=chosen < count)
    read = inside.read_data("payload")
    at = Signal(range(LONGEST + 1))
    m.d.comb += at.eq(own_position)
    reads_chosen = sending & ~first & ~header & (at == chosen)
    helper(m, "the byte that leaves is read", read == byte, when=reads_chosen)
    begins = sending & ~first & (position == HEADERS - 1) & (chosen == 0)
    cover(m, "a whole datagram", leaves & last & (count == LONGEST))
    cover(m, "its payload is about to begin", begins)


def _octets(value: Any, count: int) -> list[Value]:
    whole = Value.cast(Const(value, 8 * count) if isinstance(value, int) else value)
    padded = Cat(whole, Const(0, max(0, 8 * count - len(whole))))
    return [padded[8 * i : 8 * i + 8] for i in reversed(range(count))]


PROOFS = (
    Proof(
        core=CORE,
        name="datagrams",
        says=f"Every datagram holds what came up to a 0, or {LONGEST} bytes, behind headers with its length, "
        "to the peer that was known when its last byte came; nothing leaves while nobody is known; the "
        "core never waits for anything but its input and stalls.",
        params=Params(longest=LONGEST),
        properties=datagrams,
        mutants=(
            Mutant("a 0 alone is sent", CORE, "(zero & (count == 0)) | ~", "~"),
            Mutant("something is sent although nobody is known", CORE, " | ~self.registers.known", ""),
            Mutant("the sum is that of another length", CORE, "+ 28\n", "+ 27\n"),
            Mutant(
                "the peer changes while a datagram leaves",
                CORE,
                "*octets(station),",
                "*octets(self.registers.peer_station),",
            ),
            Mutant("the carry of the sum is lost", CORE, "once[:16] + once[16]", "once[:16]"),
        ),
        depth=HEADERS + LONGEST + 6,
        bit_level=True,
    ),
)
