"""What is proved of every core that gives one output for each input: it is there exactly where it is owed."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal

from .properties import claim, cover


def one_for_one(m: Module, core: Any) -> Signal:
    """Claims that no input is lost, answered twice, or kept waiting without need; covers a stall.

    Returns whether an input is taken in this cycle; its output is there from the next.
    """
    valid, ready = core.output.valid, core.output.ready
    took, owed = Signal(name="took"), Signal(name="owed")
    m.d.comb += took.eq(core.input.valid & core.input.ready)
    with m.If(took):
        m.d.sync += owed.eq(1)
    with m.Elif(ready):
        m.d.sync += owed.eq(0)
    claim(m, "an output is there exactly where one is owed", valid == owed)
    claim(m, "an input is taken whenever what it gives has room", core.input.ready == (ready | ~valid))
    cover(m, "a stall", valid & ~ready & core.input.valid)
    return took
