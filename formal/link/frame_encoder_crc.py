"""What is claimed of the CRC-32 of `link.frame_encoder`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal

from ..properties import Inside, claim, cover, helper
from .crc32 import ALL, crc32_after


def crc(m: Module, core: Any, inside: Inside) -> None:
    """Behind a body goes its own CRC-32, low byte first."""
    state, crc_byte = inside.in_state, inside.register("crc_byte")
    accepted = core.input.valid & core.input.ready
    position = inside.register("position")
    register = Signal(32, init=ALL, name="expected_crc")
    begins = Signal(init=1)
    before = Signal(32, name="crc_before")
    m.d.comb += before.eq(Mux(begins, ALL, register))
    after = crc32_after(m, before, core.input.payload.data)
    with m.If(accepted):
        m.d.sync += [register.eq(after), begins.eq(core.input.payload.last)]
    helper(
        m,
        "the register of the core",
        inside.register("crc.crc_reg")[::-1] == Mux(begins & state("BODY"), ALL, register),
    )
    helper(m, "a body that has begun", begins, when=~state("BODY"))
    helper(m, "positions", (position == 1) == begins, when=state("BODY"))
    helper(m, "a body fits", (position != 0) & (position <= core.params.longest + 1), when=state("BODY"))
    helper(m, "there is room once it has begun", inside.wire("buffer.room"), when=~state("BODY") | ~begins)
    helper(m, "nothing is dropped while one is under way", ~core.dropped.valid, when=~state("BODY") | ~begins)
    put = inside.wire("byte")
    claim(
        m,
        "each byte of the CRC is that of the body's",
        put == (~register).word_select(crc_byte, 8),
        when=state("CRC"),
    )
    cover(m, "the CRC of two bytes", state("CRC") & (position == 6))
