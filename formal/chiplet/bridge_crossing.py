"""What is claimed of the pointers that cross between two clocks in `chiplet.bridge`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, ResetSignal, Signal, Value

from ..properties import Inside, claim, cover, helper


def gray(m: Module, core: Any, inside: Inside) -> None:
    """In each clock, a pointer that the other one reads changes one bit at most.

    Full and empty are free, which is all that a side learns of the other: so it holds whatever that does.
    """
    for free in ("fifo.w_full", "fifo.r_empty"):
        inside.free(free)
    was_reset = Signal(reset_less=True)
    m.d.sync += was_reset.eq(ResetSignal())
    overwritten = (
        inside.register("fifo.r_rst") | was_reset
    )  # the read pointer, by a reset of the writing side
    for name, code, binary in (
        ("write", "fifo.produce_w_gry", "fifo.produce_w_bin"),
        ("read", "fifo.consume_r_gry", "fifo.consume_r_bin"),
    ):
        pointer, count = inside.register(code), inside.register(binary)
        before = Signal.like(pointer, name=f"{name}_before", reset_less=name == "read")
        m.d.sync += before.eq(pointer)
        changed = Value.cast(pointer ^ before)
        when = ~overwritten if name == "read" else Value.cast(1)
        claim(m, f"the {name} pointer changes one bit at most", (changed & (changed - 1)) == 0, when=when)
        cover(m, f"the {name} pointer has gone round", (before == 1 << (len(pointer) - 1)) & (pointer == 0))
        helper(m, f"the {name} pointer is a Gray code", pointer == count ^ (count >> 1))
