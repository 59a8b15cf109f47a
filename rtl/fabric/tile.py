"""A time-multiplexed population of LIF neurons in hardware; `models/fabric/tile.py` says what it computes.

One state machine does one thing at a time:

    CLEAR ── all neurons to rest ──▶ IDLE (after reset) or PASS (after RESTART)
    IDLE ─── SPIKE ──▶ ROW ──▶ WALK ──▶ PASS
    IDLE ─── TICK ──▶ READ ──▶ STEP ⇄ SEND ──▶ (FIRED ⇄ ROW, WALK) ──▶ PASS
    PASS ─── the event, or mark, has left ──▶ IDLE

Cycles from the acceptance of an event to its departure, while nothing stalls: a row of n synapses n + 4
(3 where n is 0); a tick over N neurons of which s fire N + s + 3, and n + 4 (3) more for each recurrent row;
RESTART N + 1. The next event is accepted one cycle later, and the first one N cycles after reset.

The walk is a pipeline of three stages: read synapse, read accumulator, write sum. Reading an accumulator in
the very cycle in which it is written gives the new value, so a target may follow itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory

from spikelock.models.fabric.inspection import tile_inspected
from spikelock.models.fabric.tile import CORE, Kind, Params
from spikelock.models.fixed import Rounding
from spikelock.models.lfsr import LFSRS
from spikelock.models.ports import Records

from ..fixed import layout, shape
from ..neurons.lif import Step
from ..ports import inspection, signature
from ..single_port import ONE_AT_A_TIME


class Tile(wiring.Component):
    """Ports as declared in `models/fabric/tile.py`; `load` writes the memories and is always ready.

    contents: what the memories hold from power-up; they may be left empty and loaded later.
    inspect: adds the ports of `models/fabric/inspection.py`, by which all memories can be read.
    """

    def __init__(
        self,
        params: Params | None = None,
        contents: Mapping[str, Records] | None = None,
        *,
        inspect: bool = False,
    ) -> None:
        self.params = params or Params()
        self.contents = contents or {}
        self.inspectable = inspect
        members = inspection(tile_inspected(self.params)) if inspect else {}
        super().__init__(signature(CORE, self.params) | members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, neuron = self.params, self.params.neuron
        m.submodules.step = step = Step(neuron)
        rows, synapses, bias = self._loaded_memories(m)

        # State of the population: read one neuron ahead of the one that is written.
        m.submodules.neurons = neurons = Memory(
            shape=data.StructLayout({"membrane": shape(neuron.membrane), "refractory": neuron.counter_width}),
            depth=params.neurons,
            init=[],
        )
        m.submodules.accumulators = accumulators = Memory(
            shape=bias.data.shape().members["bias"], depth=params.neurons, init=[]
        )
        neuron_write, neuron_read = neurons.write_port(), neurons.read_port()
        accumulator_write = accumulators.write_port()
        accumulator_read = accumulators.read_port(transparent_for=(accumulator_write,))

        index = Signal(range(params.neurons + 1))  # neuron that is cleared or stepped
        stepping = Signal()  # neuron `index` takes its step in this cycle: for probes
        last = Signal()
        departing = Signal.like(self.output.payload)  # event that PASS or SEND is sending
        sweeping = Signal()  # from a TICK until it is passed on
        restarting = Signal()
        m.d.comb += [
            last.eq(index == params.neurons - 1),
            self.output.payload.eq(departing),
            neuron_read.addr.eq(index),
            bias.addr.eq(index),
            accumulator_read.addr.eq(index),
            neuron_write.addr.eq(index),
            accumulator_write.addr.eq(index),
            step.membrane.eq(neuron_read.data.membrane),
            step.refractory.eq(neuron_read.data.refractory),
            step.current.eq(accumulator_read.data + bias.data.bias),
        ]
        if not neuron.constants:
            m.d.comb += step.registers.eq(self.registers)
        random = Signal(LFSRS[neuron.random].width, init=neuron.seed)
        if neuron.rounding is Rounding.STOCHASTIC:
            m.d.comb += step.random.eq(random)

        # The walk. Stage 1 issues a read, stage 2 has the synapse, stage 3 has the sum.
        cursor = Signal(range(params.synapses + 1))
        remaining = Signal(range(params.neurons + 1))
        have_synapse = Signal()
        have_sum = Signal()
        target = Signal.like(synapses.data.target)
        weight = Signal.like(synapses.data.weight)
        m.d.comb += synapses.addr.eq(cursor)
        m.d.sync += [have_synapse.eq(0), have_sum.eq(have_synapse)]
        m.d.sync += [target.eq(synapses.data.target), weight.eq(synapses.data.weight)]

        if params.recurrent:
            m.submodules.fired = fired = Memory(shape=range(params.neurons), depth=params.neurons, init=[])
            fired_write, fired_read = fired.write_port(), fired.read_port()
            fired_count = Signal.like(index)
            fired_done = Signal.like(index)
            m.d.comb += [
                fired_write.addr.eq(fired_count),
                fired_write.data.eq(index),
                fired_read.addr.eq(fired_done),
            ]

        with m.FSM(init="CLEAR"):
            with m.State("CLEAR"):
                m.d.comb += [neuron_write.en.eq(1), neuron_write.data.membrane.eq(step.value.rest)]
                m.d.comb += accumulator_write.en.eq(1)
                m.d.sync += [index.eq(index + 1), random.eq(neuron.seed)]
                with m.If(last):
                    m.d.sync += [index.eq(0), restarting.eq(0)]
                    with m.If(restarting):
                        m.next = "PASS"
                    with m.Else():
                        m.next = "IDLE"

            with m.State("IDLE"):
                event = self.input.payload
                m.d.comb += [self.input.ready.eq(1), rows.addr.eq(event.address)]
                with m.If(self.input.valid):
                    m.d.sync += [departing.kind.eq(event.kind), departing.address.eq(event.address)]
                    with m.Switch(event.kind):
                        with m.Case(Kind.SPIKE):
                            with m.If(event.address < params.axons):
                                m.next = "ROW"
                            with m.Else():
                                m.d.sync += departing.kind.eq(Kind.FAULT)
                                m.next = "PASS"
                        with m.Case(Kind.TICK):
                            m.d.sync += sweeping.eq(1)
                            m.next = "READ"
                        with m.Case(Kind.RESTART):
                            m.d.sync += [departing.address.eq(0), restarting.eq(1)]
                            m.next = "CLEAR"
                        with m.Case(Kind.FAULT):
                            m.next = "PASS"

            with m.State("ROW"):
                m.d.sync += [cursor.eq(rows.data.start), remaining.eq(rows.data.length)]
                m.next = "WALK"

            with m.State("WALK"):
                with m.If(remaining > 0):
                    m.d.sync += [cursor.eq(cursor + 1), remaining.eq(remaining - 1), have_synapse.eq(1)]
                with m.Elif(~have_synapse):  # the last sum, if any, is written in this cycle
                    m.next = "PASS"
                    if params.recurrent:
                        with m.If(sweeping):
                            m.next = "FIRED"
                m.d.comb += [
                    accumulator_read.addr.eq(synapses.data.target),
                    accumulator_write.addr.eq(target),
                    accumulator_write.data.eq(accumulator_read.data + weight),
                    accumulator_write.en.eq(have_sum),
                ]

            with m.State("READ"):
                m.next = "STEP"

            with m.State("STEP"):
                following = Mux(last, 0, index + 1)
                m.d.comb += [
                    stepping.eq(1),
                    neuron_read.addr.eq(following),
                    bias.addr.eq(following),
                    accumulator_read.addr.eq(following),
                    neuron_write.data.membrane.eq(step.next_membrane),
                    neuron_write.data.refractory.eq(step.next_refractory),
                    neuron_write.en.eq(1),
                    accumulator_write.en.eq(1),
                ]
                m.d.sync += index.eq(following)
                if neuron.rounding is Rounding.STOCHASTIC:
                    m.d.sync += random.eq(step.next_random)
                with m.If(step.spike):
                    m.d.sync += [departing.kind.eq(Kind.SPIKE), departing.address.eq(params.axons + index)]
                    if params.recurrent:
                        m.d.comb += fired_write.en.eq(1)
                        m.d.sync += fired_count.eq(fired_count + 1)
                    m.next = "SEND"
                with m.Elif(last):
                    m.next = "FIRED"

            with m.State("SEND"):
                m.d.comb += self.output.valid.eq(1)
                with m.If(self.output.ready):
                    m.next = "STEP"
                    with m.If(index == 0):
                        m.next = "FIRED"

            with m.State("FIRED"):
                m.d.sync += [departing.kind.eq(Kind.TICK), departing.address.eq(0)]
                m.next = "PASS"
                if params.recurrent:
                    with m.If(fired_done != fired_count):
                        m.d.comb += rows.addr.eq(params.axons + fired_read.data)
                        m.d.sync += fired_done.eq(fired_done + 1)
                        m.next = "ROW"
                    with m.Else():
                        m.d.sync += [fired_done.eq(0), fired_count.eq(0)]

            with m.State("PASS"):
                m.d.comb += self.output.valid.eq(1)
                with m.If(self.output.ready):
                    m.d.sync += sweeping.eq(0)
                    m.next = "IDLE"

        if self.inspectable:
            self._inspect(m, rows, synapses, bias, neuron_read, accumulator_read, random=random)
        return m

    def _inspect(self, m: Module, *ports: Any, random: Signal) -> None:
        """Lends the read ports, in the order of the memories' numbers, while the tile waits for an event."""
        m.d.comb += self.inspected.idle.eq(self.input.ready & ~self.input.valid)
        with m.If(self.inspected.idle):
            for port in ports:
                m.d.comb += port.addr.eq(self.inspect.address)
        with m.Switch(self.inspect.memory):
            for number, record in enumerate([*(port.data for port in ports), random]):
                with m.Case(number):
                    m.d.comb += self.inspected.data.eq(Value.cast(record).as_unsigned())

    def _loaded_memories(self, m: Module) -> list[Any]:
        """Read ports of the memories a host loads, in the order of their declaration."""
        m.d.comb += self.load.ready.eq(1)
        ports = []
        for number, (name, declared) in enumerate(CORE.memories(self.params).items()):
            fields = layout(declared.layout)
            initial = [dict(zip(fields.members, row, strict=True)) for row in self.contents.get(name, [])]
            m.submodules[name] = memory = Memory(
                shape=fields, depth=declared.depth, init=initial, attrs=ONE_AT_A_TIME
            )
            write = memory.write_port()
            m.d.comb += [
                write.addr.eq(self.load.payload.address),
                write.data.eq(self.load.payload.data),
                write.en.eq(self.load.valid & (self.load.payload.memory == number)),
            ]
            ports.append(memory.read_port())
        return ports


def component(
    params: Params, contents: Mapping[str, Records] | None = None, *, inspect: bool = False
) -> Tile:
    """The component that embodies `fabric.tile`, with what its memories hold from power-up."""
    return Tile(params, contents, inspect=inspect)
