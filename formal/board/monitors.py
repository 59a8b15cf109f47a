"""Proofs of what stands between the buffers of events and the chain, and the broken ones that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value

from spikelock.models.board.description import BoardParams
from spikelock.models.fabric.chain import Params as ChainParams
from spikelock.models.fabric.tile import Kind
from spikelock.models.fabric.tile import Params as TileParams
from spikelock.models.mutant import Mutant
from spikelock.models.neurons.lif import Params as NeuronParams

from ..proof import Proof
from ..properties import Inside, assume, claim, cover, helper

MONITORS = "board.monitors"
CHAIN = ChainParams((TileParams(NeuronParams(width=10, threshold=40), 3, 4, 12),))


def gate(m: Module, core: Any, inside: Inside) -> None:
    """What is handed to the chain, and when."""
    control, source, given, back = core.control, core.input, core.to_chain, core.from_chain
    handed = given.valid & given.ready
    taken = source.valid & source.ready
    within = Signal(range(4), name="marks_in_chain")
    goes = handed & _is_mark(given.payload)
    comes = back.valid & back.ready & _is_mark(back.payload)
    with m.If(~control.run):
        m.d.sync += within.eq(0)
    with m.Else():
        m.d.sync += within.eq(within + goes - comes)
    lockstep_before, ran_before = Signal(name="lockstep_before"), Signal(name="ran_before")
    m.d.sync += [lockstep_before.eq(control.lockstep), ran_before.eq(control.run)]
    set_in_reset = ~ran_before | (control.lockstep == lockstep_before)
    assume(m, "lockstep is set while the chain is held in reset", set_in_reset)
    assume(m, "the chain sends no mark that it was not handed", ~comes | (within != 0) | ~control.run)
    assume(m, "few marks are under way", within + goes < 3)

    same = Value.cast(given.payload) == Value.cast(source.payload)
    claim(m, "an event is handed on as it came", same, when=given.valid)
    claim(m, "only what has come is handed on", source.valid, when=given.valid)
    claim(m, "only while the chain works and is not paused", control.run & ~control.pause, when=given.valid)
    dropping = control.lockstep & ~control.run
    claim(m, "an event is taken when it is handed on", taken == handed, when=~dropping)
    claim(m, "what waits is dropped before a run in lockstep", source.ready, when=dropping)
    in_lockstep = control.lockstep & control.run
    claim(m, "in lockstep, none behind a mark that is under way", within == 0, when=in_lockstep & given.valid)
    claim(m, "in lockstep, none behind a difference", ~core.shown.stopped, when=in_lockstep & given.valid)
    free = ~control.pause & ~(control.lockstep & ((within != 0) | core.shown.stopped))
    claim(m, "else, each at once", given.valid, when=source.valid & control.run & free)
    claim(m, "without lockstep, nothing stops", ~core.shown.stopped, when=ran_before & ~lockstep_before)
    ahead = inside.register("ahead")
    helper(m, "the mark under way", ahead == (within != 0), when=lockstep_before | ~ran_before)
    helper(m, "one mark at most", within <= 1, when=lockstep_before | ~ran_before)
    helper(m, "none in reset", within == 0, when=~ran_before)
    helper(m, "no difference in reset", ~core.shown.stopped, when=~ran_before)
    one_came = Signal(name="mark_came_in_lockstep")
    with m.If(comes & in_lockstep):
        m.d.sync += one_came.eq(1)
    cover(m, "a second mark in lockstep", goes & in_lockstep & one_came)
    cover(m, "a difference", core.shown.stopped & in_lockstep & source.valid)


def passage(m: Module, core: Any, inside: Inside) -> None:
    """A board without lockstep: events pass."""
    control, back, out = core.control, core.from_chain, core.output
    same = Value.cast(out.payload) == Value.cast(back.payload)
    claim(m, "an event leaves as it came from the chain", same, when=out.valid)
    left, came = out.valid & out.ready, back.valid & back.ready
    claim(m, "each once", left == came, when=control.run)
    claim(m, "none while the chain is held in reset", ~out.valid, when=~control.run)
    claim(
        m,
        "what is expected has no use, and is refused",
        core.refused == (core.expected.valid & core.expected.ready),
    )
    claim(m, "nothing stops, nothing is dropped", ~core.shown.stopped & ~core.dropped)
    claim(m, "no packets come of monitors that are not there", ~core.captures.valid & ~core.granting.valid)
    cover(m, "an event leaves", left & control.run)


def _is_mark(event: Any) -> Value:
    return (event.kind == Kind.TICK) | (event.kind == Kind.RESTART)


def _broken(breaks: str, old: str, new: str) -> Mutant:
    return Mutant(breaks, MONITORS, old, new)


PROOFS = (
    Proof(
        MONITORS,
        "gate",
        "Every event is handed to the chain once, unchanged and without need to wait: while the chain "
        "works, and is not paused; in lockstep, while no mark is under way and nothing has differed. "
        "Before a run in lockstep, what waits is dropped. Assumes that lockstep is set while the chain is "
        "held in reset, and that the chain sends no mark that it was not handed.",
        BoardParams(chain=CHAIN, probe_depth=0),
        gate,
        (
            _broken(
                "a second mark is handed on behind the first",
                "control.lockstep & (ahead | differs)",
                "control.lockstep & differs",
            ),
            _broken(
                "events go on behind a difference",
                "control.lockstep & (ahead | differs)",
                "control.lockstep & ahead",
            ),
            _broken(
                "an event is taken while the gate is closed",
                "(self.to_chain.ready & open_)",
                "self.to_chain.ready",
            ),
            _broken("a pause holds nothing", "control.run & ~control.pause", "control.run"),
            _broken(
                "a restart does not count as a mark",
                "(event.kind == Kind.TICK) | (event.kind == Kind.RESTART)",
                "(event.kind == Kind.TICK)",
            ),
        ),
        depth=14,
    ),
    Proof(
        MONITORS,
        "passage",
        "On a board without monitors every event of the chain passes once and unchanged, and nothing else "
        "is sent.",
        BoardParams(chain=CHAIN, probe_depth=0, lockstep=False),
        passage,
        (
            _broken(
                "an event is taken that has no room",
                "self.from_chain.ready.eq(self.output.ready),\n            self.refused",
                "self.from_chain.ready.eq(1),\n            self.refused",
            ),
            _broken(
                "events pass in reset",
                "self.from_chain.valid & self.control.run),\n            self.from",
                "self.from_chain.valid),\n            self.from",
            ),
        ),
    ),
)
