"""What is claimed of `link.uart`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal

from ..properties import Inside, claim, cover, helper

CYCLES = 4
"""Of a bit."""


def line(m: Module, core: Any, inside: Inside) -> None:
    """What the transmitter puts on the line."""
    tx = inside.register("transmitter.tx")
    following = inside.register("transmitter.following")
    phase = inside.register("transmitter.phase.phase")
    accepted = core.input.valid & core.input.ready
    byte = Signal(8, name="accepted_byte")
    since = Signal(range(10 * CYCLES + 1), init=10 * CYCLES)  # cycles of the character that have gone
    with m.If(accepted):
        m.d.sync += [since.eq(0), byte.eq(core.input.payload.data)]
    with m.Elif(since != 10 * CYCLES):
        m.d.sync += since.eq(since + 1)
    number = since >> 2
    claim(m, "a start bit is 0", ~tx, when=number == 0)
    claim(m, "no character begins before the end of another", since >= 10 * CYCLES - 1, when=accepted)
    claim(m, "a stop bit is 1", tx, when=number == 9)
    claim(m, "between characters the line is high", tx, when=number == 10)
    for bit in range(8):
        claim(m, f"bit {bit} is in its place", tx == byte[bit], when=number == bit + 1)
    helper(m, "what follows", following == Cat(byte, Const(1)) >> number)
    helper(m, "idle", inside.register("transmitter.idle") == (number == 10))
    helper(m, "the phase", phase == ((since & 3) << (len(phase) - 2)), when=number != 10)
    helper(m, "the phase at rest", phase[:-2] == 0)
    helper(m, "characters end", since <= 10 * CYCLES)
    cover(m, "a character follows another at once", accepted & (since == 10 * CYCLES - 1))


def waiting(m: Module, core: Any, inside: Inside) -> None:
    """What the receiver does with what it has received, whatever the line and whenever it is read."""
    line = inside.free("receiver.synchroniser.line")
    turn = inside.free("receiver.phase.turn")
    valid, data = inside.register("receiver.output__valid"), inside.register("receiver.output__payload")
    ready = inside.free("output__ready")
    framing, overrun = inside.wire("receiver.framing_error"), inside.wire("receiver.overrun")
    reads = inside.in_state("DATA", "receiver.fsm") & turn
    number = Signal(4)  # bits of the character that have been read
    bits = [Signal(name=f"bit_{number}") for number in range(8)]
    at_stop = inside.in_state("STOP", "receiver.fsm")
    with m.If(reads):
        m.d.sync += number.eq(number + 1)
        for place, bit in enumerate(bits):
            with m.If(number == place):
                m.d.sync += bit.eq(line)
    ends = at_stop & turn
    with m.If(ends):
        m.d.sync += number.eq(0)
    ended, stop = Signal(), Signal()
    stalled = Signal()
    held, character = Signal(8, name="byte_before"), Signal(8)
    errors = Signal(2)
    m.d.sync += [
        ended.eq(ends),
        stop.eq(line),
        stalled.eq(valid & ~ready),
        held.eq(data),
        character.eq(Cat(bits)),
        errors.eq(framing + overrun),
    ]
    claim(m, "a byte that waits stays", valid & (data == held), when=stalled)
    claim(m, "a character gives one thing", (errors == 1) | (valid & ~stalled & (errors == 0)), when=ended)
    claim(m, "a byte is its bits, lowest first", data == character, when=ended & (errors == 0))
    claim(m, "a character without a stop bit is a framing error", framing == ~line, when=ends)
    claim(m, "an overrun only where one waits", valid & ~ready, when=overrun)
    claim(m, "errors come of characters", ends, when=framing | overrun)
    claim(m, "bytes come of characters", ended & (errors == 0), when=valid & ~stalled)
    in_data = inside.in_state("DATA", "receiver.fsm")
    begins = inside.in_state("START", "receiver.fsm")
    helper(m, "all bits have come", (number <= 8) & ((number == 8) == at_stop))
    helper(m, "none has come before", in_data | at_stop | (number == 0))
    register = inside.register("receiver.bits")
    for count in range(8):
        to_come = register[: 8 - count] == 1 << 7 - count
        helper(m, f"a 1 before {count} bits", to_come, when=(in_data | begins) & (number == count))
    for place, bit in enumerate(bits):
        for count in range(place + 1, 9):
            helper(m, f"bit {place} of {count}", (number != count) | (register[8 - count + place] == bit))
    cover(m, "an overrun", overrun)
