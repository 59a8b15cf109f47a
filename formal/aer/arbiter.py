"""Proofs of `aer.arbiter`, and the broken cores that they catch.

Inputs are free, in every cycle: an event may even be taken back before it was accepted.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value

from spikelock.models.aer.arbiter import Params, Policy
from spikelock.models.aer.event import Format
from spikelock.models.fabric.tile import Kind

from ..proof import Proof
from ..properties import Inside, claim, cover, helper
from . import arbiter_mutants as broken

INPUTS = 3


class Channels:
    """The inputs of an arbiter: which have an event, which a mark, and from which one is taken."""

    def __init__(self, core: Any) -> None:
        self.all = [getattr(core, f"input{number}") for number in range(core.params.inputs)]
        marks = [channel.payload.kind == Kind.TICK for channel in self.all]
        both = list(zip(self.all, marks, strict=True))
        self.events = Cat(channel.valid & ~mark for channel, mark in both)
        self.marks = Cat(channel.valid & mark for channel, mark in both)
        self.taken = Cat(channel.valid & channel.ready for channel in self.all)


def passing(m: Module, core: Any, inside: Inside) -> None:
    """What is taken leaves, once and as it was; what is taken is one event, or a mark from everywhere."""
    channels, output = Channels(core), core.output
    taken, events, marks = channels.taken, channels.events, channels.marks
    expected = Signal.like(Value.cast(output.payload), name="expected")
    owed = Signal()
    with m.If(taken.any()):
        m.d.sync += owed.eq(1)
    with m.Elif(output.ready):
        m.d.sync += owed.eq(0)
    for number, channel in reversed(list(enumerate(channels.all))):
        with m.If(taken[number]):
            m.d.sync += expected.eq(channel.payload)
            for lower in range(number):  # of several, input 0's: that is of a mark
                with m.If(taken[lower]):
                    m.d.sync += expected.eq(channels.all[lower].payload)

    room = output.ready | ~output.valid
    claim(m, "an event is there exactly where one was taken", output.valid == owed)
    claim(m, "it is the one that was taken", Value.cast(output.payload) == expected, when=output.valid)
    claim(m, "nothing is taken without room", ~taken.any(), when=~room)
    single = ~(taken & (taken - 1)).any()
    claim(m, "one event at a time", single, when=(taken & events).any())
    claim(m, "a mark is taken from all inputs at once", (taken & marks).all(), when=(taken & marks).any())
    claim(m, "no mark overtakes an event", ~marks.all() | (events == 0), when=(taken & marks).any())
    claim(m, "an event passes wherever there is room", (taken & events).any(), when=room & events.any())
    claim(m, "a mark passes wherever there is room", taken.all(), when=room & marks.all())
    cover(m, "three events in a row", output.valid & output.ready & (taken == 4) & (expected[2:] == 3))
    left = Signal(3)
    with m.If(output.valid & output.ready):
        m.d.sync += left.eq(left + 1)
    cover(
        m, "a mark leaves after two events", output.valid & (output.payload.kind == Kind.TICK) & (left == 2)
    )
    cover(m, "an event leaves after a mark", output.valid & (expected[:2] == Kind.SPIKE) & (left == 3))


def waiting(m: Module, core: Any, inside: Inside) -> None:
    """While an event of any one input waits, at most `inputs` − 1 others pass."""
    channels = Channels(core)
    taken, events = channels.taken, channels.events
    inputs = len(channels.all)
    chosen = Signal(range(inputs), name="chosen_input")
    m.d.comb += chosen.eq(AnyConst(chosen.shape()))
    waits = Array(events)[chosen] & ~Array(taken)[chosen] & (chosen < inputs)
    passed = Signal(range(inputs + 1), name="passed_meanwhile")
    with m.If(~waits):
        m.d.sync += passed.eq(0)
    with m.Elif(taken.any() & (passed < inputs)):
        m.d.sync += passed.eq(passed + 1)
    claim(m, "at most inputs - 1 others pass", passed + taken.any() <= inputs - 1, when=waits)

    before = inside.register("choice.before")
    ahead = Signal(range(2 * inputs), name="inputs_ahead")
    for number in range(inputs):  # `before` has the bits up to the input that was served last
        with m.If(before == (2 << number) - 1):
            m.d.comb += ahead.eq(Mux(chosen > number, chosen - number - 1, chosen + inputs - number - 1))
    with m.If(before == 0):
        m.d.comb += ahead.eq(chosen)
    ones = [before == (1 << number) - 1 for number in range(inputs + 1)]
    helper(m, "all below the one that was served last", Cat(ones).any())
    helper(m, "who is ahead", passed + ahead <= inputs - 1, when=chosen < inputs)
    cover(m, "all others pass first", waits & (passed == inputs - 1))
    cover(m, "all inputs wait", events.all() & ~taken.any())


def strictness(m: Module, core: Any, inside: Inside) -> None:
    """No event passes while one of a lower input waits."""
    channels = Channels(core)
    taken, events = channels.taken, channels.events
    for number in range(1, len(channels.all)):
        lower = events[:number].any()
        claim(m, f"input {number} waits for all below", ~taken[number], when=events[number] & lower)
        cover(m, f"input {number} has its turn", taken[number] & events[number])
    cover(m, "a higher input waits", events.all() & taken[0])


FORMAT = Format(address_width=2)
SIZES = f"{INPUTS} inputs, any events, stalls and resets"

PROOFS = (
    Proof(
        broken.ARBITER,
        "passing",
        "What is taken leaves once, unchanged and in the order in which it was taken; one event is taken at "
        "a time, or a mark from all inputs at once, so no mark overtakes an event; and something is taken "
        f"whenever there is room and an input has an event, or all have a mark; {SIZES}.",
        Params(INPUTS, Policy.ROUND_ROBIN, FORMAT),
        passing,
        (
            broken.TICK_OVERTAKEN,
            broken.DROPPED_ON_FULL,
            broken.DOUBLED_ON_STALL,
            broken.MARK_TAKEN_ALONE,
            broken.WRONG_PAYLOAD,
        ),
    ),
    Proof(
        broken.ARBITER,
        "waiting",
        f"Round robin: while an event waits at an input, at most {INPUTS - 1} other events pass; {SIZES}.",
        Params(INPUTS, Policy.ROUND_ROBIN, FORMAT),
        waiting,
        (broken.SERVED_AGAIN, broken.NEVER_MOVES_ON, broken.MOVES_WITHOUT_A_TRANSFER),
    ),
    Proof(
        broken.ARBITER,
        "strictness",
        f"Priority: no event passes while one waits at an input of a lower number; {SIZES}.",
        Params(INPUTS, Policy.PRIORITY, FORMAT),
        strictness,
        (broken.HIGHEST_FIRST,),
    ),
)
