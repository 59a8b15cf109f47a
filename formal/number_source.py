"""What is proved of every source of numbers: a number is out exactly where a request is owed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Module, Signal

from spikelock.models.mutant import Mutant

from .properties import Inside, claim, cover, helper

SOURCE = "number_source"

STALL_STEPS = Mutant(
    "steps while the output is stalled",
    SOURCE,
    "with m.If(self.request.ready & self.request.valid):",
    "with m.If(self.request.valid):",
)
NEVER_STARTED = Mutant("every number is the first", SOURCE, "started.eq(1)", "started.eq(0)")
IGNORES_RESTART = Mutant(
    "restart is ignored",
    SOURCE,
    "with m.If(self.request.payload.restart):",
    "with m.If(self.request.payload.restart & ~self.request.payload.restart):",
)
DROPS_WHEN_STALLED = Mutant(
    "a request is taken without room for its number",
    SOURCE,
    "self.request.ready.eq(self.output.ready | ~self.output.valid)",
    "self.request.ready.eq(1)",
)


@dataclass(frozen=True)
class Requests:
    """What passes at the ports of a source.

    took: a request is taken in this cycle. restart: it begins the sequence anew. valid: a number is out.
    started: there has been a request since reset.
    """

    took: Any
    restart: Any
    valid: Any
    started: Any


def requests(m: Module, core: Any, inside: Inside) -> Requests:
    """Claims that a number is out exactly where one is owed; covers what can happen to requests."""
    valid, ready = core.output.valid, core.output.ready
    took, owed, started = Signal(), Signal(), Signal()
    m.d.comb += took.eq(core.request.valid & core.request.ready)
    with m.If(took):
        m.d.sync += [owed.eq(1), started.eq(1)]
    with m.Elif(ready):
        m.d.sync += owed.eq(0)

    claim(m, "a number is out exactly where one is owed", valid == owed)
    claim(m, "a request is taken whenever its number has room", core.request.ready == (ready | ~valid))
    helper(m, "the core knows whether it has started", inside.register("started") == started)
    helper(m, "a number that is owed has been asked for", started, owed)

    restart = core.request.payload.restart
    cover(m, "a restart after other numbers", valid & took & restart)
    cover(m, "two numbers in two cycles", valid & ready & took & ~restart)
    cover(m, "a stall", valid & ~ready & core.request.valid)
    return Requests(took, restart, valid, started)
