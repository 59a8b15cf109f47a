"""What a board does with the packets that its endpoint delivers: registers, memories, events, echo.

    endpoint ──▶ Dispatch ─┬▶ credits ─────────────────▶ (events to the host)
                           ├▶ RegisterAccess ──────────▶┐
                           ├▶ MemoryAccess ─▶ chain ───▶┤
                           ├▶ Incoming ─▶ Monitors ⇄ chain ─▶ Packer ─▶ Merge ──▶ endpoint
                           ├▶ Monitors ────────────────▶┤
                           └▶ Echo ────────────────────▶┘

All of it but the memories returns to its state at power-up when a session begins.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, ResetInserter, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.board.description import BoardParams
from spikelock.models.board.registers import STATUS, missing
from spikelock.models.fabric.chain import CORE
from spikelock.models.fabric.inspection import chain_inspected
from spikelock.models.fabric.tile import Kind
from spikelock.models.link.protocol import Channel
from spikelock.models.ports import Layout

from ..fabric.chain import Chain
from ..fixed import layout
from .events import Granted, Incoming, Packer
from .memory_access import MemoryAccess
from .monitors import SEEN, SHOWN, Monitors
from .packets import PACKETS, Dispatch, Echo, Merge, name_of
from .register_access import RegisterAccess

CHANNELS = (
    Channel.CREDIT,
    Channel.REGISTERS,
    Channel.MEMORIES,
    Channel.EVENTS,
    Channel.EXPECTED,
    Channel.ECHO,
)

OF_LINK = tuple(name for name in STATUS if name.startswith("link_") and name != "link_refused")
"""Counts that the link keeps."""


class Services(wiring.Component):
    """A board without its link. input, output: packets from and to the endpoint.

    session: high for a cycle when one begins. busy: the chain computes. link: counts that the link keeps, for
    the registers of these names. record: the capability record.
    """

    def __init__(self, params: BoardParams, record: bytes) -> None:
        self.params = params
        self.record = record
        counts = Layout({name: STATUS[name].q for name in OF_LINK})
        super().__init__(
            {
                "input": In(PACKETS),
                "output": Out(PACKETS),
                "session": In(1),
                "link": In(layout(counts)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        fresh = ResetInserter(self.session)
        chain_params, depth = self.params.chain, self.params.event_buffer
        (incoming,) = CORE.inputs(chain_params).values()
        (outgoing,) = CORE.outputs(chain_params).values()

        m.submodules.dispatch = dispatch = fresh(Dispatch(CHANNELS))
        m.submodules.granted = granted = fresh(Granted())
        m.submodules.registers = registers = fresh(
            RegisterAccess(CORE.registers(chain_params), missing(self.params))
        )
        memories = MemoryAccess(CORE.memories(chain_params), chain_inspected(chain_params), self.record)
        m.submodules.memories = memories = fresh(memories)
        m.submodules.events = events = fresh(Incoming(incoming, depth, Channel.EVENTS))
        m.submodules.packer = packer = fresh(Packer(outgoing, depth, Channel.EVENTS))
        m.submodules.monitors = monitors = fresh(Monitors(self.params))
        m.submodules.echo = echo = fresh(Echo())
        control = registers.control
        m.submodules.chain = chain = ResetInserter(self.session | ~control.run)(
            Chain(chain_params, inspect=True)
        )

        wiring.connect(m, wiring.flipped(self.input), dispatch.input)
        users = {
            Channel.CREDIT: granted,
            Channel.REGISTERS: registers,
            Channel.MEMORIES: memories,
            Channel.EVENTS: events,
            Channel.ECHO: echo,
        }
        for channel, user in users.items():
            wiring.connect(m, getattr(dispatch, name_of(channel)), user.input)
        wiring.connect(m, dispatch.expected, monitors.expected)
        outputs = [events.granting, *(user.output for user in (registers, memories, packer, echo))]
        outputs += [monitors.granting, monitors.captures]
        m.submodules.merge = merge = fresh(Merge(len(outputs)))
        for number, output in enumerate(outputs):
            wiring.connect(m, output, getattr(merge, f"input{number}"))
        wiring.connect(m, merge.output, wiring.flipped(self.output))

        wiring.connect(m, memories.load, chain.load)
        m.d.comb += [chain.inspect.eq(memories.inspect), memories.inspected.eq(chain.inspected)]
        if CORE.registers(chain_params):
            m.d.comb += chain.registers.eq(registers.registers)
        wiring.connect(m, events.output, monitors.input)
        wiring.connect(m, monitors.to_chain, chain.input)
        wiring.connect(m, chain.output, monitors.from_chain)
        wiring.connect(m, monitors.output, packer.input)
        m.d.comb += [
            packer.granted.eq(granted.valid & (granted.channel == Channel.EVENTS)),
            packer.more.eq(granted.more),
            monitors.granted.eq(granted.valid & (granted.channel == Channel.PROBES)),
            monitors.more.eq(granted.more),
            monitors.control.eq(control),
            monitors.idle.eq(chain.inspected.idle),
            self.busy.eq(control.run & ~chain.inspected.idle & ~(chain.output.valid & ~chain.output.ready)),
        ]
        m.d.comb += [registers.status[name].eq(monitors.shown[name]) for name in SHOWN]
        m.d.comb += [monitors.seen[name].eq(registers.status[name]) for name in SEEN]
        refused = (
            dispatch.refused,
            granted.valid & (granted.channel != Channel.EVENTS) & (granted.channel != Channel.PROBES),
            *(user.refused for user in (granted, registers, memories, events, monitors)),
        )
        dropped = events.dropped | monitors.dropped
        self._count(m, registers.status, chain, events, packer, refused, dropped)
        return m

    def _count(
        self,
        m: Module,
        status: Any,
        chain: Any,
        events: Any,
        packer: Any,
        refused: Any,
        dropped: Any,
    ) -> None:
        """What the board's registers show."""
        of_session = Module()
        m.submodules.counts = ResetInserter(self.session)(of_session)
        m.d.comb += [status[name].eq(self.link[name]) for name in OF_LINK]
        m.d.comb += [status[name].eq(STATUS[name].reset) for name in ("magic", "map_version")]
        m.d.comb += [
            status.clock.eq(self.params.clock),
            status.events_waiting.eq(events.level),
            status.events_leaving.eq(packer.level),
        ]
        cycles = Signal.like(status.cycles)
        m.d.sync += cycles.eq(cycles + 1)
        m.d.comb += status.cycles.eq(cycles)

        # Two things are never refused in one cycle: a byte belongs to one channel.
        leaves = chain.output.valid & chain.output.ready
        for name, happens in {
            "link_refused": sum(refused),
            "events_in": chain.input.valid & chain.input.ready,
            "events_out": leaves,
            "dropped": dropped,
        }.items():
            count = Signal.like(status[name], name=name)
            of_session.d.sync += count.eq(count + happens)
            m.d.comb += status[name].eq(count)
        spikes = Signal(16)
        of_tick = Signal(16)
        event = chain.output.payload
        inputs = self.params.chain.tiles[0].axons
        with of_session.If(leaves & (event.kind == Kind.TICK)):
            of_session.d.sync += [of_tick.eq(spikes), spikes.eq(0)]
        with of_session.Elif(leaves & (event.kind == Kind.SPIKE) & (event.address >= inputs)):
            of_session.d.sync += spikes.eq(spikes + 1)
        m.d.comb += status.spikes_of_tick.eq(of_tick)
