"""Bit-stream synapses and their dot product in hardware; `models/sc/dot_product.py` says what it computes.

A pipeline of two stages: the sum of a window, and its current. While a current waits for its reader one more
window can be summed up.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import wiring

from spikelock.models.fixed import Overflow
from spikelock.models.sc.dense import Product
from spikelock.models.sc.dot_product import CORE, Division, Params

from ..bit_streams import below, ones
from ..fixed import fit, next_state
from ..ports import signature


class DotProduct(wiring.Component):
    """Ports as declared in `models/sc/dot_product.py`."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        params, given = self.params, self.input.payload
        taken = Signal()
        moves = Signal()  # what the first stage has finished can go on to the second
        finished = Signal()  # the total is that of a whole window, and its current is not out yet
        steps = Signal(range(params.length + 1))  # of the window, as far as they count
        bound = params.inputs * params.length
        total = Signal(range(-bound, bound + 1))
        m.d.comb += [
            moves.eq(self.output.ready | ~self.output.valid),
            self.input.ready.eq(~finished | moves),
            taken.eq(self.input.valid & self.input.ready),
        ]

        added = Mux(steps == params.length, 0, self._products(m, taken))
        with m.If(moves):
            m.d.sync += [self.output.valid.eq(finished), finished.eq(0)]
            with m.If(finished):
                m.d.sync += self.output.payload.current.eq(self._current(total))
        with m.If(taken):
            m.d.sync += [
                finished.eq(given.last),
                total.eq(Mux(steps == 0, 0, total) + added),
                steps.eq(Mux(given.last, 0, Mux(steps == params.length, steps, steps + 1))),
            ]
        return m

    def _products(self, m: Module, taken: Any) -> Any:
        """The sum of the products of one transaction."""
        params, given, registers = self.params, self.input.payload, self.registers
        xnor = params.product is Product.XNOR
        equal: list[Any] = []
        up: list[Any] = []
        down: list[Any] = []
        for j, seed in enumerate(params.first_numbers):
            register = Signal(params.width, init=seed, name=f"register_{j}")
            number = Signal(params.width, name=f"number_{j}")
            m.d.comb += number.eq(Mux(given.restart, seed, register))
            with m.If(taken):
                m.d.sync += register.eq(next_state(params.generator, number))
            one = below(number, registers[f"weight_{j}"], bipolar=xnor)
            if xnor:
                equal.append(given.bits[j] == one)
            else:
                up.append(given.bits[j] & one & ~registers.negative[j])
                down.append(given.bits[j] & one & registers.negative[j])
        return 2 * ones(equal) - params.inputs if xnor else ones(up) - ones(down)

    def _current(self, total: Any) -> Any:
        """The current of a whole sum. Magnitudes are divided: so the quotient lies towards 0."""
        params, registers = self.params, self.registers
        product = (registers.y_max - registers.y_min) * total
        half = params.length // 2 if params.division is Division.NEAREST else 0
        quotient = (abs(product) + half) // Const(params.length)
        scaled = Mux(product < 0, -quotient, quotient)
        current, _ = fit(registers.y_min + scaled, params.current, Overflow.SATURATE)
        return current


def component(params: Params) -> DotProduct:
    """The component that embodies `sc.dot_product`."""
    return DotProduct(params)
