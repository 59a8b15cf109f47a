"""Leaky integrate-and-fire neuron in hardware. The equation is that of `models/neurons/lif.py`.

`Step` is the equation as pure logic: the tile shares it over many neurons. `LIF` adds the state of one neuron
and its streams: a current goes in, and one cycle later spike and membrane potential come out.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.lfsr import LFSRS
from spikelock.models.neurons.lif import CORE, Params, ResetMode, settings

from ..fixed import fit, layout, next_state, outside, shape, shift_right, wrap
from ..ports import signature


class Step(wiring.Component):
    """One step of the equation, combinational.

    registers, membrane, refractory, current, noise, random: the values before the step; `registers` and
    `noise` where the core has them.
    spike, next_membrane, next_refractory, next_random, overflow: the values after it.
    value: rest, reset, threshold and so on, from the registers, or as constants.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        membrane = shape(params.membrane)
        random = unsigned(LFSRS[params.random].width)
        pins = CORE.pins(params)
        members = {
            **{name: In(shape(q)) for name, q in pins["input"].fields.items()},
            "membrane": In(membrane),
            "refractory": In(params.counter_width),
            "random": In(random),
            "spike": Out(1),
            "next_membrane": Out(membrane),
            "next_refractory": Out(params.counter_width),
            "next_random": Out(random),
            "overflow": Out(1),
        }
        if not params.constants:
            members["registers"] = In(layout(pins["registers"]))
        super().__init__(members)
        # A constant has as few bits as it needs, so that products with it are no wider than they must be.
        constants = {name: Const(setting.reset) for name, setting in settings(params).items()}
        self.value = SimpleNamespace(**constants) if params.constants else self.registers

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, value = self.params, self.value
        potential = Signal(shape(params.membrane))  # where it does not reach the threshold
        reached = Signal()

        random_leak = random_input = None
        if params.rounding is Rounding.STOCHASTIC:
            generator = LFSRS[params.random]
            random_leak = self.random
            random_input = Signal.like(self.random)
            m.d.comb += random_input.eq(next_state(generator, random_leak))
            m.d.comb += self.next_random.eq(next_state(generator, random_input))

        driven = shift_right(self.current * value.gain, params.gain_fraction, params.rounding, random_input)
        exact = self._leaked(random_leak) + driven + (self.noise if params.noise else 0)
        below, above = outside(exact, params.membrane)
        wrapped, lowest = wrap(exact, params.membrane), params.membrane.minimum
        if params.overflow is Overflow.WRAP:
            m.d.comb += [potential.eq(wrapped), reached.eq(potential >= value.threshold)]
        else:
            # Compared is the exact sum: so the comparison does not wait for the saturation. A sum above the
            # format reaches every threshold: so without a spike only a sum below it is left to saturate.
            m.d.comb += [
                potential.eq(Mux(below, lowest, wrapped)),
                reached.eq((exact >= value.threshold) | (value.threshold == lowest)),
            ]

        after, beyond = value.reset, Const(0, 1)
        if params.reset_mode is ResetMode.SUBTRACT:
            fitted, _ = fit(exact, params.membrane, params.overflow)
            after, beyond = fit(fitted - value.threshold, params.membrane, params.overflow)

        with m.If(self.refractory > 0):
            m.d.comb += [
                self.next_membrane.eq(value.rest),
                self.next_refractory.eq(self.refractory - 1),
            ]
        with m.Elif(reached):
            m.d.comb += [
                self.spike.eq(1),
                self.next_membrane.eq(after),
                self.next_refractory.eq(value.refractory_period),
                self.overflow.eq(below | above | beyond),
            ]
        with m.Else():
            m.d.comb += [self.next_membrane.eq(potential), self.overflow.eq(below)]
        return m

    def _leaked(self, random: Any) -> Value:
        """v + round((rest − v)·leak / 2^leak_fraction).

        Where rounding cuts bits off, adding v before the cut gives the same, with one subtraction for both.
        """
        params, value, membrane = self.params, self.value, self.membrane
        if params.rounding in (Rounding.FLOOR, Rounding.STOCHASTIC):
            kept = (membrane << params.leak_fraction) - (membrane - value.rest) * value.leak
            return shift_right(kept, params.leak_fraction, params.rounding, random)
        toward_rest = (value.rest - membrane) * value.leak
        return membrane + shift_right(toward_rest, params.leak_fraction, params.rounding)


class LIF(wiring.Component):
    """One neuron, ports as declared in `models/neurons/lif.py`; one step a cycle, output one cycle later.

    A step happens when an input is accepted, which is when the output register is empty or being read.
    """

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params = self.params
        m.submodules.step = step = Step(params)
        membrane = Signal(shape(params.membrane), init=params.rest)
        refractory = Signal(params.counter_width)
        m.d.comb += [
            step.membrane.eq(membrane),
            step.refractory.eq(refractory),
            step.current.eq(self.input.payload.current),
            self.output.payload.membrane.eq(membrane),  # what a step puts out is what it keeps
        ]
        if not params.constants:
            m.d.comb += step.registers.eq(self.registers)
        if params.noise:
            m.d.comb += step.noise.eq(self.input.payload.noise)

        m.d.comb += self.input.ready.eq(self.output.ready | ~self.output.valid)
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.input.ready & self.input.valid):
            m.d.sync += [
                membrane.eq(step.next_membrane),
                refractory.eq(step.next_refractory),
                self.output.payload.spike.eq(step.spike),
            ]
            if params.overflow is Overflow.TRAP:
                m.d.sync += self.output.payload.overflow.eq(step.overflow)
        if params.rounding is Rounding.STOCHASTIC:
            random = Signal(LFSRS[params.random].width, init=params.seed)
            m.d.comb += step.random.eq(random)
            with m.If(self.input.ready & self.input.valid):
                m.d.sync += random.eq(step.next_random)
        return m


def component(params: Params) -> LIF:
    """The component that embodies `neurons.lif`."""
    return LIF(params)
