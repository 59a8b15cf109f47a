"""A dense layer of stochastic synapses in hardware; `models/sc/dense.py` says what it computes.

    GATHER ── the last input of a tick ──▶ FETCH ──▶ COUNT
    COUNT ─── all synapses of some neurons have been counted ──▶ SCALE ──▶ STEP ──▶ SEND
    SEND ──── the spike has left ──▶ SCALE, or COUNT for the next neurons, or after the last one GATHER

In COUNT every lane gives a product a cycle, without a pause: the last step of a round already reads what the
next round needs. In the first step of a round the numbers of all sources are their seeds, in place of the
registers; so nothing is loaded beforehand, and nothing need be cleared by a reset.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory

from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.lfsr import LFSRS
from spikelock.models.sc.dense import CORE, Params, Product

from ..bit_streams import below, ones
from ..fixed import fit, layout, next_state, shape, shift_right
from ..neurons.lif import Step
from ..ports import signature


class Dense(wiring.Component):
    """Ports as declared in `models/sc/dense.py`; `load` writes the memories and is always ready."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, neuron = self.params, self.params.neuron

        lane = Signal(range(params.lanes))  # of the input that comes next
        turn = Signal(range(params.input_rounds))  # round of the inputs
        word = Signal(range(params.input_rounds * params.neuron_rounds))  # that round, of all neurons' rounds
        time = Signal(range(params.length))
        place = Signal(range(params.parallel))  # of the neuron that takes its step
        index = Signal(range(params.neurons))  # the same, among all neurons
        turn_ahead = Signal.like(turn, name="turn_ahead")  # what it will be in the next cycle
        word_ahead = Signal.like(word, name="word_ahead")
        last_lane = Signal()
        last_turn = Signal()
        last_input = Signal()
        last_step = Signal()
        last_neuron = Signal()
        m.d.comb += [
            last_lane.eq(lane == params.lanes - 1),
            last_turn.eq(turn == params.input_rounds - 1),
            last_input.eq(last_turn & (lane == (params.inputs - 1) % params.lanes)),
            last_step.eq(time == params.length - 1),
            last_neuron.eq(index == params.neurons - 1),
            turn_ahead.eq(turn),
            word_ahead.eq(word),
        ]
        m.d.sync += [turn.eq(turn_ahead), word.eq(word_ahead)]

        # Neurons at rest: in the first tick after reset, and in one with a restart.
        fresh = Signal(init=1)
        random = Signal(LFSRS[neuron.random].width, init=neuron.seed)
        m.submodules.step = step = Step(neuron)
        state_write, state = self._neurons(m, index)
        current = Signal(shape(params.current))
        spike = Signal()
        round_sent = Signal()  # all neurons have sent whose sums have been counted
        all_sent = Signal()
        stepping = Signal()  # neuron `index` takes its step in this cycle: for probes
        m.d.comb += [
            step.membrane.eq(Mux(fresh, step.value.rest, state.membrane)),
            step.refractory.eq(Mux(fresh, 0, state.refractory)),
            step.current.eq(current),
            state_write.data.membrane.eq(step.next_membrane),
            state_write.data.refractory.eq(step.next_refractory),
            round_sent.eq(place == 0),
            all_sent.eq(index == 0),
            self.output.payload.spike.eq(spike),
            self.output.payload.restart.eq(fresh),
        ]
        if neuron.rounding is Rounding.STOCHASTIC:
            m.d.comb += step.random.eq(random)
        if not neuron.constants:
            m.d.comb += step.registers.eq(self.registers)

        value_write, values = self._values(m, turn, turn_ahead)
        weights, bias = self._loaded(m, word_ahead, index)
        sums = self._products(m, time == 0, last_turn, turn_ahead, word_ahead, values, weights)
        bound = params.inputs * params.length
        counts_down = params.product is Product.AND
        totals = [
            Signal(range(-bound if counts_down else 0, bound + 1), name=f"total_{p}")
            for p in range(params.parallel)
        ]

        m.d.sync += current.eq(self._current(totals[0], bias))  # SCALE is the cycle that counts

        with m.FSM():
            with m.State("GATHER"):
                m.d.comb += [
                    self.input.ready.eq(1),
                    value_write.en.eq(self.input.valid << lane),
                    value_write.data.eq(self.input.payload.value.replicate(params.lanes)),
                ]
                with m.If(self.input.valid):
                    m.d.sync += lane.eq(lane + 1)
                    with m.If(self.input.payload.restart):
                        m.d.sync += [fresh.eq(1), random.eq(neuron.seed)]
                    with m.If(last_input):
                        m.d.sync += lane.eq(0)
                        m.d.comb += turn_ahead.eq(0)
                        m.next = "FETCH"
                    with m.Elif(last_lane):
                        m.d.sync += lane.eq(0)
                        m.d.comb += turn_ahead.eq(turn + 1)

            with m.State("FETCH"):
                m.next = "COUNT"

            with m.State("COUNT"):
                m.d.sync += [total.eq(total + added) for total, added in zip(totals, sums, strict=True)]
                m.d.sync += time.eq(time + 1)
                with m.If(last_step):
                    m.d.sync += time.eq(0)
                    m.d.comb += [turn_ahead.eq(turn + 1), word_ahead.eq(word + 1)]
                    with m.If(last_turn):
                        m.d.comb += turn_ahead.eq(0)
                        m.next = "SCALE"

            with m.State("SCALE"):
                m.next = "STEP"

            with m.State("STEP"):
                m.d.comb += [stepping.eq(1), state_write.en.eq(1)]
                m.d.sync += [
                    spike.eq(step.spike),
                    index.eq(Mux(last_neuron, 0, index + 1)),
                    place.eq(Mux(last_neuron | (place == params.parallel - 1), 0, place + 1)),
                ]
                if neuron.rounding is Rounding.STOCHASTIC:
                    m.d.sync += random.eq(step.next_random)
                m.d.sync += [total.eq(above) for total, above in pairwise(totals)]
                m.next = "SEND"

            with m.State("SEND"):
                m.d.comb += self.output.valid.eq(1)
                with m.If(self.output.ready):
                    m.next = "SCALE"
                    with m.If(round_sent):
                        m.d.sync += [total.eq(0) for total in totals]
                        m.next = "COUNT"
                    with m.If(all_sent):
                        m.d.sync += fresh.eq(0)
                        m.d.comb += word_ahead.eq(0)
                        m.next = "GATHER"
        return m

    def _products(
        self, m: Module, first: Any, last_turn: Any, turn: Any, word: Any, values: Any, weights: Any
    ) -> list[Any]:
        """For each place, what the products of one step add up to; turn, word: of the next cycle."""
        params = self.params
        input_seeds, synapse_seeds = self._seeds(m, turn, word)
        xnor = params.product is Product.XNOR
        in_last_turn = params.inputs - (params.input_rounds - 1) * params.lanes

        def bit(name: str, seed: Any, value: Any) -> Any:
            register = Signal(params.width, name=name, reset_less=True)
            number = Signal(params.width, name=f"{name}_number")
            m.d.comb += number.eq(Mux(first, seed, register))
            m.d.sync += register.eq(next_state(params.generator, number))
            return below(number, value, bipolar=xnor)

        of_inputs = [bit(f"input_{lane}", input_seeds[lane], values[lane]) for lane in range(params.lanes)]
        sums: list[Any] = []
        for place in range(params.parallel):
            up: list[Any] = []
            down: list[Any] = []
            for lane, a in enumerate(of_inputs):
                number = place * params.lanes + lane
                weight = weights[number]
                value = weight.value if xnor else weight.magnitude
                b = bit(f"synapse_{place}_{lane}", synapse_seeds[number], value)
                product = a == b if xnor else a & b
                if xnor and lane >= in_last_turn:  # there is no such input; with AND its value is 0 for ever
                    product = product & ~last_turn
                up.append(product if xnor else product & ~weight.negative)
                down.append(0 if xnor else product & weight.negative)
            sums.append(ones(up) if xnor else ones(up) - ones(down))
        return sums

    def _current(self, total: Any, bias: Any) -> Any:
        """The current of a neuron whose products have been counted."""
        params = self.params
        if params.product is Product.XNOR:
            total = 2 * total - params.inputs * params.length
        scaled = shift_right(total * params.gain, params.shift, params.rounding)
        current, _ = fit(scaled + bias, params.current, Overflow.SATURATE)
        return current

    def _values(self, m: Module, turn: Any, turn_ahead: Any) -> tuple[Any, Any]:
        """Write port for the value of one lane, and the values of a round."""
        params = self.params
        m.submodules.values = values = Memory(
            shape=data.ArrayLayout(shape(params.value), params.lanes), depth=params.input_rounds, init=[]
        )
        write, read = values.write_port(granularity=1), values.read_port()
        m.d.comb += [write.addr.eq(turn), read.addr.eq(turn_ahead)]
        return write, read.data

    def _neurons(self, m: Module, index: Any) -> tuple[Any, Any]:
        """Write port for the state of a neuron, and its state."""
        params, neuron = self.params, self.params.neuron
        state = data.StructLayout({"membrane": shape(neuron.membrane), "refractory": neuron.counter_width})
        m.submodules.neurons = neurons = Memory(shape=state, depth=params.neurons, init=[])
        write, read = neurons.write_port(), neurons.read_port()
        m.d.comb += [write.addr.eq(index), read.addr.eq(index)]
        return write, read.data

    def _seeds(self, m: Module, turn: Any, word: Any) -> tuple[Any, Any]:
        """Seeds of the inputs, and of the synapses, that are computed at a time; 0 for those left idle."""
        params, sources = self.params, self.params.sources
        rounds = range(params.input_rounds)

        def seed(seeds: Any, *place: int) -> int:
            there = all(number < size for number, size in zip(place, seeds.shape, strict=True))
            return seeds.item(*place) if there else 0

        lanes = range(params.lanes)
        of_inputs = [[seed(sources.inputs, r * params.lanes + lane) for lane in lanes] for r in rounds]
        of_synapses = [
            [
                seed(sources.synapses, group * params.parallel + place, r * params.lanes + lane)
                for place in range(params.parallel)
                for lane in lanes
            ]
            for group in range(params.neuron_rounds)
            for r in rounds
        ]
        ports = []
        for name, rows, address in (
            ("input_seeds", of_inputs, turn),
            ("synapse_seeds", of_synapses, word),
        ):
            row = data.ArrayLayout(params.width, len(rows[0]))
            m.submodules[name] = memory = Memory(shape=row, depth=len(rows), init=rows)
            port = memory.read_port()
            m.d.comb += port.addr.eq(address)
            ports.append(port.data)
        return ports[0], ports[1]

    def _loaded(self, m: Module, word: Any, index: Any) -> tuple[Any, Any]:
        """Weights that are computed at a time, and the bias of a neuron: the memories that a host loads."""
        params, load = self.params, self.load.payload
        weight, banks = layout(params.weight), params.parallel * params.lanes
        m.submodules.weights = weights = Memory(
            shape=data.ArrayLayout(weight, banks), depth=params.input_rounds * params.neuron_rounds, init=[]
        )
        m.submodules.bias = bias = Memory(shape=shape(params.current), depth=params.neurons, init=[])
        weights_write, bias_write = weights.write_port(granularity=1), bias.write_port()
        weights_read, bias_read = weights.read_port(), bias.read_port()
        m.d.comb += [
            self.load.ready.eq(1),
            weights_write.addr.eq(load.address),
            weights_write.data.eq(load.data[: weight.size].replicate(banks)),
            bias_write.addr.eq(load.address),
            bias_write.data.eq(load.data),
            bias_write.en.eq(self.load.valid & (load.memory == banks)),
            weights_read.addr.eq(word),
            bias_read.addr.eq(index),
        ]
        for number in range(banks):
            m.d.comb += weights_write.en[number].eq(self.load.valid & (load.memory == number))
        return weights_read.data, bias_read.data


def component(params: Params) -> Dense:
    """The component that embodies `sc.dense`."""
    return Dense(params)
