"""Proofs of the parts that lead packets to channels and back, and the broken ones that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value

from spikelock.models.link.protocol import Channel
from spikelock.models.mutant import Mutant

from ..proof import Proof
from ..properties import Inside, assume, claim, cover, helper
from .streams import stays

PACKETS = "board.packets"
CHANNELS = (Channel.CREDIT, Channel.EVENTS, Channel.ECHO)
INPUTS = 3


def dispatch(m: Module, core: Any, inside: Inside) -> None:
    """Where the bytes of packets go."""
    source = core.input
    taken = source.valid & source.ready
    within, named = Signal(name="within_packet"), Signal(8, name="named_channel")
    with m.If(taken):
        m.d.sync += within.eq(~source.payload.last)
        with m.If(~within):
            m.d.sync += named.eq(source.payload.data)
    known, new_known = Signal(), Signal()
    for number, channel in enumerate(CHANNELS):
        name = channel.name.lower()
        port, own = getattr(core, name), within & (named == channel)
        claim(m, f"{name}: the bytes of its packets, and no others", port.valid == (source.valid & own))
        same = Value.cast(port.payload) == Value.cast(source.payload)
        claim(m, f"{name}: each byte as it came", same, when=port.valid)
        claim(m, f"{name}: taken when its port takes", source.ready == port.ready, when=own)
        cover(m, f"{name}: the end of a packet", port.valid & port.ready & port.payload.last & own)
        helper(m, f"{name}: chosen", inside.register("chosen") == number, when=own)
        with m.If(named == channel):
            m.d.comb += known.eq(1)
        with m.If(source.payload.data == channel):
            m.d.comb += new_known.eq(1)
    claim(m, "the channel is taken at once", source.ready, when=~within)
    claim(m, "a packet of no port is taken, and goes nowhere", source.ready, when=within & ~known)
    claim(m, "a packet of no port is refused, once", core.refused == (taken & ~within & ~new_known))
    helper(m, "within a packet", inside.register("inside") == within)
    helper(m, "no port", inside.register("chosen") == len(CHANNELS), when=within & ~known)
    cover(m, "a packet of nothing but its channel", taken & ~within & source.payload.last)


def merge(m: Module, core: Any, inside: Inside) -> None:
    """What leaves, and of which input it is."""
    inputs = [getattr(core, f"input{number}") for number in range(INPUTS)]
    out = core.output
    within, owner = Signal(name="within_packet"), Signal(range(INPUTS), name="owner")
    passes = [each.valid & each.ready for each in inputs]
    leaves = out.valid & out.ready
    claim(m, "as many bytes leave as are taken", sum(passes) == leaves)
    between = ~within & ~out.valid
    waited = [Signal(name=f"waited_{number}") for number in range(INPUTS)]
    for number, (each, passing) in enumerate(zip(inputs, passes, strict=True)):
        assume(m, f"input {number} keeps the rule of streams", stays(m, each, f"input_{number}"))
        same = Value.cast(each.payload) == Value.cast(out.payload)
        claim(m, f"a byte of input {number} leaves as it came", same, when=passing)
        claim(m, f"input {number}: not into the packet of another", owner == number, when=passing & within)
        with m.If(passing):
            m.d.sync += [within.eq(~each.payload.last), owner.eq(number)]
        m.d.sync += waited[number].eq(each.valid & between)
        for earlier in range(number):
            claim(
                m,
                f"{earlier} goes before {number}",
                ~waited[earlier],
                when=passing & ~within & waited[number],
            )
        helper(
            m,
            f"the input {number} that is chosen",
            inside.register("chosen") == number,
            when=within & (owner == number),
        )
        cover(m, f"a packet of input {number} ends", passing & within & each.payload.last)
    claim(m, "what waits at the output stays", stays(m, out, "output"))
    idle = Signal(range(4), name="cycles_idle")
    m.d.sync += idle.eq(0)
    with m.If(~out.valid & ~within & sum(each.valid for each in inputs).any()):
        m.d.sync += idle.eq(idle + 1)
    claim(m, "what waits goes at once", idle <= 1)
    helper(m, "within a packet", inside.register("inside"), when=within)
    helper(m, "chosen", inside.register("chosen") < INPUTS)
    here = inside.register("inside")
    helper(m, "the chosen one waits", out.valid, when=here & ~within)
    helper(m, "an input that there is", owner < INPUTS)
    helper(m, "chosen after a cycle", here, when=idle != 0)
    cover(
        m,
        "a stall within a packet while another waits",
        within & out.valid & ~out.ready & (sum(each.valid for each in inputs) == INPUTS),
    )


def echo(m: Module, core: Any, inside: Inside) -> None:
    """What comes back."""
    source, sink = core.input, core.output
    assume(m, "the input keeps the rule of streams", stays(m, source, "input"))
    within = Signal(name="within_packet")
    leaves = sink.valid & sink.ready
    with m.If(leaves):
        m.d.sync += within.eq(~sink.payload.last)
    first = (sink.payload.data == Channel.ECHO) & ~sink.payload.last & ~(source.valid & source.ready)
    claim(m, "a packet begins with its channel", first, when=sink.valid & ~within)
    same = Value.cast(sink.payload) == Value.cast(source.payload)
    claim(m, "then come its bytes as they came", same, when=sink.valid & within)
    claim(m, "a byte leaves when it is taken", (source.valid & source.ready) == leaves, when=within)
    claim(m, "no byte is taken before", ~source.ready, when=~within)
    claim(m, "what comes is offered at once", sink.valid == source.valid)
    claim(m, "what waits at the output stays", stays(m, sink, "output"))
    helper(m, "within a packet", inside.register("inside") == within)
    cover(m, "a packet of two bytes ends", leaves & within & sink.payload.last)


def _broken(breaks: str, old: str, new: str) -> Mutant:
    return Mutant(breaks, PACKETS, old, new)


PROOFS = (
    Proof(
        PACKETS,
        "dispatch",
        "Each byte of a packet goes, unchanged, to the port of the channel that the packet names, in the "
        "cycle in which it is taken, and to no other; a packet of no port goes nowhere and is refused "
        "once. With three ports.",
        ("Dispatch", CHANNELS),
        dispatch,
        (
            _broken(
                "a packet ends after its first byte", "self.input.ready & packet.last", "self.input.ready"
            ),
            _broken(
                "all packets go to the first port",
                "m.d.sync += chosen.eq(number)",
                "m.d.sync += chosen.eq(0)",
            ),
            _broken("a byte is taken that its port does not take", "eq(output.ready)]", "eq(1)]"),
            _broken(
                "unknown channels go to the last port",
                "m.d.sync += chosen.eq(len(self.channels))",
                "m.d.sync += chosen.eq(len(self.channels) - 1)",
            ),
            _broken("an unknown channel is not refused", "m.d.comb += self.refused.eq(1)", "pass"),
            _broken("a packet without bytes takes the next one's", "inside.eq(~packet.last)", "inside.eq(1)"),
        ),
    ),
    Proof(
        PACKETS,
        "merge",
        "Packets leave whole and unchanged: no byte is lost, doubled or changed under any stall, none of "
        "another input comes between; what waits goes in the next cycle but one, the first input before "
        "the others. Assumes that the inputs keep the rule of streams. With three inputs.",
        ("Merge", INPUTS),
        merge,
        (
            _broken(
                "packets are interleaved",
                "self.output.valid & self.output.ready & self.output.payload.last",
                "self.output.valid & self.output.ready",
            ),
            _broken("a byte is lost in a stall", "each.ready.eq(self.output.ready)", "each.ready.eq(1)"),
            _broken(
                "a stalled last byte ends its packet",
                "self.output.valid & self.output.ready & self.output.payload.last",
                "self.output.valid & self.output.payload.last",
            ),
            _broken(
                "the last input goes first", "reversed(list(enumerate(inputs)))", "list(enumerate(inputs))"
            ),
        ),
        depth=10,
    ),
    Proof(
        PACKETS,
        "echo",
        "A packet comes back whole and unchanged behind its channel, under any stall. Assumes that the "
        "input keeps the rule of streams.",
        ("Echo",),
        echo,
        (
            _broken(
                "the first byte is lost",
                "source.ready.eq(inside & sink.ready)",
                "source.ready.eq(sink.ready)",
            ),
            _broken(
                "a packet of one byte ends with its channel",
                "sink.payload.last.eq(inside & source.payload.last)",
                "sink.payload.last.eq(source.payload.last)",
            ),
        ),
    ),
)
