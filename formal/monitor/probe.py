"""Proofs of `monitor.probe`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Module, Mux, Signal, Value

from spikelock.models.monitor.probe import Params, Trigger

from ..proof import Proof
from ..properties import Inside, assume, claim, cover, helper
from .probe_mutants import (
    ALWAYS_REPEATS,
    EDGE_AT_ONCE,
    IGNORES_MASK,
    MARK_BESIDE,
    OLD_MATCHES,
    OLDEST_LOST,
    ONE_LATE,
    ONE_LOST,
    ONE_MORE,
    OVERFILLED,
    PROBE,
    SKIPS,
    TAKES_WHILE_SENDING,
    UNARMED,
    VALUE_ONLY,
    WINDOW_FOR_EVER,
)


class Capture:
    """The samples of the present capture, newest first, as they came; and how far the capture is."""

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        params, value = core.params, core.registers
        self.state = inside.in_state
        self.sending = self.state("FETCH") | self.state("SEND")
        self.taken = Signal(name="sample_counts")
        m.d.comb += self.taken.eq(core.input.valid & core.input.ready & value.arm & ~self.state("DONE"))
        self.newest_first = Array(Signal(params.width, name=f"sample_{n}") for n in range(params.depth))
        self.count = Signal(range(params.depth + 1), name="samples")
        with m.If(self.taken):
            before = core.input.payload.sample
            for kept in self.newest_first:
                m.d.sync += kept.eq(before)
                before = kept
            m.d.sync += self.count.eq(Mux(self.count == params.depth, self.count, self.count + 1))
        read = core.output.valid & core.output.ready
        self.ends = Signal(name="capture_ends")
        m.d.comb += self.ends.eq(read & core.output.payload.last)
        given_up = ~value.arm & ~self.sending
        with m.If(self.ends | given_up):
            m.d.sync += self.count.eq(0)


def captures(m: Module, core: Any, inside: Inside) -> None:
    """All that the ring holds of a capture is sent, once and in order, with the marks at their places."""
    params, out, value = core.params, core.output, core.registers
    capture = Capture(m, core, inside)
    sent = Signal(range(params.depth + 1), name="sent")
    after = Signal.like(value.after, name="samples_after_trigger")
    with m.If(out.valid & out.ready):
        m.d.sync += sent.eq(sent + 1)
    with m.If(capture.ends):
        m.d.sync += sent.eq(0)
    filling, behind = capture.state("FILL"), capture.state("AFTER")
    hit = inside.wire("hit")
    with m.If(capture.taken):
        m.d.sync += after.eq(Mux(filling, 0, after + 1))
    wanted = Signal.like(value.after, name="samples_wanted")
    with m.If(filling):
        m.d.sync += wanted.eq(value.after)

    behind_it = Signal(range(-1, params.depth), name="to_be_sent_behind_it")
    m.d.comb += behind_it.eq(capture.count - 1 - sent)
    claim(m, "no sample is taken while a capture is sent", ~core.input.ready, when=out.valid)
    claim(
        m,
        "the samples are sent as they came, the oldest first",
        out.payload.sample == capture.newest_first[behind_it[: len(value.after)]],
        when=out.valid,
    )
    claim(m, "the last one is marked", out.payload.last == (behind_it == 0), when=out.valid)
    claim(m, "no more are sent than came", (behind_it >= 0) & (capture.count > 0), when=out.valid)
    claim(m, "the trigger is marked", out.payload.trigger == (behind_it == after), when=out.valid)
    claim(m, "as many came after the trigger as wanted", after == wanted, when=out.valid)
    claim(
        m,
        "a capture that is full is sent at once",
        out.valid | capture.state("FETCH") | ~core.input.ready,
        when=capture.sending,
    )
    stalled = Signal()
    kept = Signal.like(out.payload, name="payload_before")
    m.d.sync += [stalled.eq(out.valid & ~out.ready), kept.eq(out.payload)]
    holds = out.valid & (Value.cast(out.payload) == Value.cast(kept))
    claim(m, "a stalled sample holds", holds, when=stalled)
    over = Signal(name="only_capture_is_over")
    with m.If(capture.ends):
        m.d.sync += over.eq(~value.repeat)
    with m.If(~value.arm & core.input.ready):
        m.d.sync += over.eq(0)
    claim(m, "nothing is captured after the only capture", ~out.valid & core.input.ready, when=over)

    filled, end, left = (inside.register(name) for name in ("filled", "end", "left"))
    remaining, place = inside.register("remaining"), inside.register("place")
    states = [capture.state(name) for name in ("FILL", "AFTER", "FETCH", "SEND", "DONE")]
    helper(m, "it is in one of its states", sum(states[1:], start=states[0]) == 1)
    helper(m, "samples are counted alike", filled == capture.count)
    helper(m, "no more samples than places", filled <= params.depth)
    helper(m, "over is done", over == capture.state("DONE"))
    helper(m, "nothing is sent before it is sent", sent == 0, when=~capture.state("SEND"))
    helper(m, "what is left", left == behind_it, when=capture.state("SEND"))
    helper(m, "some are left", sent < capture.count, when=capture.state("SEND"))
    helper(m, "nothing is held when all was sent", filled == 0, when=capture.state("DONE"))
    helper(m, "there is a trigger", (filled > 0) & (after < filled), when=behind | capture.sending)
    helper(m, "no sample is missing", (remaining + after == place) & (place == wanted), when=behind)
    helper(m, "some samples are missing", remaining > 0, when=behind)
    helper(m, "none is missing", (after == place) & (place == wanted), when=capture.sending)
    for n in range(params.depth):
        kept_at = inside.memory("ring", (end - 1 - n)[: len(end)])
        helper(m, f"the ring holds sample {n}", kept_at == capture.newest_first[n], when=filled > n)
    helper(
        m,
        "what is read is the sample",
        inside.read_data("ring") == capture.newest_first[behind_it[: len(value.after)]],
        when=capture.state("SEND"),
    )

    cover(m, "a full ring is sent", capture.ends & (capture.count == params.depth) & (after == 1))
    cover(m, "a ring with one sample is sent", capture.ends & (capture.count == 1))
    again = Signal()
    with m.If(capture.ends):
        m.d.sync += again.eq(1)
    cover(m, "a second capture", capture.ends & again)
    cover(m, "a trigger", filling & capture.taken & hit)


def triggers(m: Module, core: Any, inside: Inside) -> None:
    """The trigger is what the registers say: no sample before it was, and it is."""
    value, sample = core.registers, core.input.payload.sample
    capture = Capture(m, core, inside)
    window = Signal(core.params.rate_width, name="window_place")
    count = Signal(core.params.rate_width + 1, name="matches_in_window")
    first = capture.count == 0
    place, before = Mux(first, 0, window), Mux(first, 0, count)
    match = Cat(a == b for a, b in zip(sample & value.mask, value.value & value.mask, strict=True)).all()
    changed = (sample & value.mask) != (capture.newest_first[0] & value.mask)
    size = Signal(core.params.rate_width + 1, name="window_size")
    m.d.comb += size.eq(Mux(value.window == 0, 1 << core.params.rate_width, value.window))
    with m.If(capture.taken):
        m.d.sync += [window.eq(place + 1), count.eq(before + match)]
        with m.If(place + 1 == size):
            m.d.sync += [window.eq(0), count.eq(0)]

    window_before = Signal.like(value.window)
    m.d.sync += window_before.eq(value.window)
    assume(m, "the window is not changed during a capture", first | (value.window == window_before))

    awaited = capture.state("FILL") & capture.taken
    expected = Array(
        [
            match,
            ~first & changed,
            match & (before + 1 >= value.occurrences),
            core.input.payload.external,
        ]
    )[value.trigger]
    triggered, complete = Signal(), Signal()
    m.d.sync += [triggered.eq(awaited & expected), complete.eq(value.after == 0)]
    claim(
        m,
        "a trigger ends the wait",
        Mux(complete, capture.state("FETCH"), capture.state("AFTER")),
        when=triggered,
    )
    waited = Signal()
    m.d.sync += waited.eq(awaited & ~expected)
    claim(m, "anything else does not", capture.state("FILL"), when=waited)

    states = [capture.state(name) for name in ("FILL", "AFTER", "FETCH", "SEND", "DONE")]
    helper(m, "it is in one of its states", sum(states[1:], start=states[0]) == 1)
    helper(m, "samples are counted alike", inside.register("filled") == capture.count)
    counting = capture.state("FILL") & (capture.count > 0)
    helper(m, "the place in the window", inside.register("position") == window, when=counting)
    helper(m, "matches are counted alike", inside.register("matches") == count, when=counting)
    helper(m, "the sample before", inside.register("previous") == capture.newest_first[0], when=counting)
    helper(m, "the place is one of the window", window < size, when=counting)
    helper(m, "no more matches than samples", count <= window, when=counting)
    left, filled = inside.register("left"), inside.register("filled")
    helper(m, "no more samples than places", filled <= core.params.depth)
    helper(m, "samples, when they are sent", filled > 0, when=capture.sending)
    helper(m, "some are left", left < filled, when=capture.state("SEND"))
    for kind in Trigger:
        cover(m, f"the trigger {kind.name}", awaited & expected & (value.trigger == kind))
    cover(
        m,
        "the second match in the second window",
        awaited
        & expected
        & (value.trigger == Trigger.RATE)
        & (value.occurrences == 2)
        & (capture.count == 3)
        & (place == 1),
    )


def _proof(properties: Any, says: str, *mutants: Any, width: int) -> Proof:
    params = Params(width=width, depth=4, rate_width=2)
    return Proof(
        core=PROBE,
        name=properties.__name__,
        says=f"{says} For all samples, stalls, resets and changes of the registers: a ring of 4 places, "
        f"samples of {width} bit{'s' if width > 1 else ''}.",
        params=params,
        properties=properties,
        mutants=mutants,
        depth=16,
        bit_level=True,
    )


PROOFS = (
    _proof(
        captures,
        "A capture is sent whole, once and in order, with the marks at the trigger and at the end; while it "
        "is sent nothing is taken.",
        ONE_LATE,
        ONE_LOST,
        OLDEST_LOST,
        OVERFILLED,
        TAKES_WHILE_SENDING,
        MARK_BESIDE,
        SKIPS,
        ALWAYS_REPEATS,
        UNARMED,
        width=1,
    ),
    _proof(
        triggers,
        "A capture's trigger is the first sample that the registers say it is. Assumed: `window` is not "
        "changed during a capture.",
        IGNORES_MASK,
        EDGE_AT_ONCE,
        WINDOW_FOR_EVER,
        OLD_MATCHES,
        ONE_MORE,
        VALUE_ONLY,
        width=2,
    ),
)
