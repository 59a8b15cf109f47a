"""Proofs of `sc.dot_product`, and the broken cores that they catch."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from spikelock.models.mutant import Mutant
from spikelock.models.sc.dense import Product
from spikelock.models.sc.dot_product import Division, Params

from ..proof import Proof
from ..properties import Inside, claim, cover, helper

DOT_PRODUCT = "sc.dot_product"

KEEPS_TOTAL = Mutant("a window begins with the sum before", DOT_PRODUCT, "Mux(steps == 0, 0, total)", "total")
COUNTS_ON = Mutant("a window counts all it has", DOT_PRODUCT, "Mux(steps == params.length, 0, ", "Mux(0, 0, ")
OVERTAKES = Mutant(
    "a window is taken while the one before waits", DOT_PRODUCT, "ready.eq(~finished | moves)", "ready.eq(1)"
)
COUNTS_IN_STALL = Mutant(
    "counts what is not accepted",
    DOT_PRODUCT,
    "taken.eq(self.input.valid & self.input.ready)",
    "taken.eq(self.input.valid)",
)
CURRENT_CHANGES = Mutant(
    "a current that waits is overtaken by the next", DOT_PRODUCT, "with m.If(moves):", "with m.If(1):"
)
IGNORES_RESTART = Mutant(
    "a restart is not heard", DOT_PRODUCT, "Mux(given.restart, seed, register)", "register"
)
ALWAYS_UP = Mutant("negative weights count up", DOT_PRODUCT, "ones(up) - ones(down)", "ones(up) + ones(down)")
NEVER_FALLS = Mutant(
    "the range is taken for unsigned, as in the published hardware",
    DOT_PRODUCT,
    "product = (registers.y_max - registers.y_min) * total",
    "product = (registers.y_max - registers.y_min).as_unsigned() * total",
)
ALWAYS_POSITIVE = Mutant(
    "the sign of the product is lost", DOT_PRODUCT, "Mux(product < 0, -quotient, quotient)", "quotient"
)
TIES_TO_ZERO = Mutant(
    "ties go towards 0", DOT_PRODUCT, "half = params.length // 2", "half = (params.length - 1) // 2"
)
WRAPS = Mutant("the current wraps", DOT_PRODUCT, "Overflow.SATURATE)", "Overflow.WRAP)")


def properties(m: Module, core: Any, inside: Inside) -> None:
    """Each current is that of its window, and the output is a stream."""
    params: Params = core.params
    given, out = core.input.payload, core.output
    took, moves = Signal(), Signal()
    m.d.comb += [took.eq(core.input.valid & core.input.ready), moves.eq(out.ready | ~out.valid)]

    added = _products(m, core, inside, took)
    bound = params.inputs * params.length
    total = Signal(range(-bound, bound + 1), name="expected_total")
    steps = Signal(range(params.length + 1), name="expected_steps")
    whole = Signal.like(total, name="whole_total")
    waits, owed = Signal(name="total_waits"), Signal(name="current_owed")
    current = Signal.like(out.payload.current, name="expected_current")
    wanted, exact = _current(core, whole)
    grown = total + Mux(steps < params.length, added, 0)
    with m.If(moves):
        m.d.sync += [owed.eq(waits), waits.eq(0)]
        with m.If(waits):
            m.d.sync += current.eq(wanted)
    with m.If(took):
        m.d.sync += [total.eq(grown), steps.eq(Mux(steps < params.length, steps + 1, steps))]
        with m.If(given.last):
            m.d.sync += [whole.eq(grown), waits.eq(1), total.eq(0), steps.eq(0)]

    claim(m, "a current is out exactly where one is owed", out.valid == owed)
    claim(m, "each current is that of its window", out.payload.current == current, out.valid)
    claim(m, "bits are taken unless a sum waits", core.input.ready == (~waits | moves))

    held = inside.register("total")
    helper(m, "a sum waits for its current", inside.register("finished") == waits)
    helper(m, "the sum that waits", held == whole, waits)
    helper(m, "nothing of the next window while a sum waits", steps == 0, waits)
    helper(m, "the steps of the window", inside.register("steps") == steps)
    helper(m, "the sum of the window", held == total, steps != 0)
    helper(m, "a window begins with 0", total == 0, steps == 0)
    helper(m, "no more steps than count", steps <= params.length)
    most = params.inputs * steps
    helper(m, "the sum is one that so many steps can reach", (total <= most) & (-total <= most))
    helper(m, "the whole sum is in its range", (whole <= bound) & (-whole <= bound))

    cover(m, "a window of full scale", waits & (whole == bound))
    cover(m, "a window longer than counts", took & (steps == params.length))
    cover(m, "a current above its format", waits & (exact > params.current.maximum))
    cover(m, "a stall of both stages", out.valid & ~out.ready & waits & core.input.valid)


def _products(m: Module, core: Any, inside: Inside, took: Any) -> Value:
    """The products of one transaction; the state after a number is that of its recurrence, bit for bit."""
    params: Params = core.params
    given, registers = core.input.payload, core.registers
    result: Any = Const(0)
    for j, seed in enumerate(params.first_numbers):
        upcoming = Signal(params.width, init=seed, name=f"upcoming_{j}")
        number = Signal(params.width, name=f"expected_number_{j}")
        m.d.comb += number.eq(Mux(given.restart, seed, upcoming))
        fed_back = Cat(number[tap] for tap in params.generator.taps).xor()
        with m.If(took):
            m.d.sync += upcoming.eq(Cat(fed_back, number[: params.width - 1]))
        helper(m, f"register {j}", inside.register(f"register_{j}") == upcoming)
        weight, a = registers[f"weight_{j}"], given.bits[j]
        if params.product is Product.XNOR:
            result = result + Mux(a == (number < weight + (1 << (params.width - 1))), 1, -1)
        else:
            result = result + Mux(a & (weight > number), Mux(registers.negative[j], -1, 1), 0)
    return result


def _current(core: Any, total: Signal) -> tuple[Value, Value]:
    """The current of a sum, and the exact one before it is saturated. A quotient is counted in divisors."""
    params: Params = core.params
    y_min, y_max = core.registers.y_min, core.registers.y_max
    product = Mux(total < 0, y_min - y_max, y_max - y_min) * Mux(total < 0, -total, total)
    magnitude = Mux(product < 0, -product, product)
    most = ((1 << params.current_width) - 1) * params.inputs  # quotients that can be
    reach = magnitude * 2 + (params.length if params.division is Division.NEAREST else 0)
    quotient = sum((reach >= 2 * params.length * k for k in range(1, most + 1)), start=Value.cast(0))
    exact = y_min + Mux(product < 0, -quotient, quotient)
    top, bottom = params.current.maximum, params.current.minimum
    return Mux(exact > top, top, Mux(exact < bottom, bottom, exact)), exact


def _proof(params: Params, *mutants: Mutant) -> Proof:
    return Proof(
        core=DOT_PRODUCT,
        name=params.product.value,
        says="Each current is that of its window's products, whether the range rises or falls, for all bits, "
        f"windows, registers, restarts, stalls and resets: {params.inputs} synapses of {params.width} bits, "
        f"of which {params.length} steps count, currents of {params.current_width} bits, division "
        f"{params.division.value}.",
        params=params,
        properties=properties,
        mutants=mutants,
    )


PROOFS = (
    _proof(
        Params(2, Product.AND, 4, 3, 3),
        KEEPS_TOTAL,
        COUNTS_ON,
        OVERTAKES,
        COUNTS_IN_STALL,
        CURRENT_CHANGES,
        IGNORES_RESTART,
        ALWAYS_UP,
        NEVER_FALLS,
        ALWAYS_POSITIVE,
    ),
    _proof(Params(2, Product.XNOR, 3, 4, 3, Division.NEAREST), TIES_TO_ZERO, WRAPS),
)
