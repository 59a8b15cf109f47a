"""What is claimed of `neurons.lif`.

The equation is that of `models/neurons/lif.py`, stated here once more as mathematics: rounding by the
distance to the exact quotient, saturation by comparisons of exact sums, refractoriness by a counter of its
own. Registers are free in every cycle, as are inputs, stalls and resets; constants are those of the Params.

The state between steps is the property's own. Helper invariants equate it with the core's registers, so that
by induction every run follows the equation from reset.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed

from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.neurons.lif import Params, ResetMode, settings
from spikelock.rtl.fixed import shape

from ..properties import Inside, claim, cover, helper

# ---------------------------------------------------------------- the equation


def step(m: Module, core: Any, inside: Inside) -> None:
    """Each output is what the equation makes of the input and of the state the steps before have left."""
    params, value, payload = core.params, _values(core), core.input.payload
    membrane = Signal(signed(params.width), init=params.rest, name="expected_membrane")
    refractory = Signal(params.refractory_width, name="expected_refractory")
    leak_random, drive_random = _random_numbers(m, core, inside)

    toward_rest = _toward_rest(params, value, inside)
    leak = _rounded(m, "leak", toward_rest, params.leak_fraction, params, leak_random)
    drive = _rounded(m, "drive", payload.current * value.gain, params.gain_fraction, params, drive_random)
    exact = membrane + leak + drive + (payload.noise if params.noise else 0)
    potential = _fitted(m, "potential", exact, params)
    overflow = potential != exact
    after_spike = value.reset
    spike = potential >= value.threshold
    if params.reset_mode is ResetMode.SUBTRACT:
        after_spike = _fitted(m, "remainder", potential - value.threshold, params)
        overflow |= spike & (after_spike != potential - value.threshold)

    expected = Signal.like(core.output.payload, name="expected")
    after = Signal.like(membrane, name="membrane_after")
    m.d.comb += after.eq(Mux(refractory > 0, value.rest, Mux(spike, after_spike, potential)))
    with m.If(_accepted(core)):
        m.d.sync += [membrane.eq(after), expected.membrane.eq(after), expected.spike.eq(0)]
        if params.overflow is Overflow.TRAP:
            m.d.sync += expected.overflow.eq((refractory == 0) & overflow)
        with m.If(refractory > 0):
            m.d.sync += refractory.eq(refractory - 1)
        with m.Elif(spike):
            m.d.sync += [refractory.eq(value.refractory_period), expected.spike.eq(1)]
    claim(
        m,
        "the output is the equation's",
        Value.cast(core.output.payload) == Value.cast(expected),
        when=core.output.valid,
    )
    helper(m, "the membrane potential that is kept", inside.register("membrane") == membrane)
    helper(m, "the refractory steps that are kept", inside.register("refractory") == refractory)

    out = core.output
    cover(m, "a spike", out.valid & out.payload.spike)
    cover(m, "a step in which the neuron is refractory", _accepted(core) & (refractory > 0))
    cover(m, "a potential below the threshold", out.valid & ~out.payload.spike & (out.payload.membrane == 3))


def _values(core: Any) -> Any:
    """Rest, reset, threshold and so on: the registers, or the constants."""
    if not core.params.constants:
        return core.registers
    return SimpleNamespace(**{n: Const(s.reset, shape(s.q)) for n, s in settings(core.params).items()})


def _toward_rest(params: Params, value: Any, inside: Inside) -> Value:
    """(rest − v)·leak, of the operands that the core multiplies: so solvers see one product, not two.

    Its v is the core's own register, which a helper equates with the property's.
    """
    membrane = inside.register("membrane")
    if params.rounding in (Rounding.FLOOR, Rounding.STOCHASTIC):
        return -((membrane - value.rest) * value.leak)
    return (value.rest - membrane) * value.leak


def _rounded(m: Module, name: str, product: Any, bits: int, params: Params, random: Any) -> Value:
    """product / 2^bits rounded to an integer, and claims that it is the integer that the rounding defines."""
    if params.rounding is Rounding.STOCHASTIC:
        product = product + random[:bits]
    below = Value.cast(product >> bits)
    if params.rounding in (Rounding.FLOOR, Rounding.STOCHASTIC):
        is_floor = ((below << bits) <= product) & (product < ((below + 1) << bits))
        claim(m, f"{name}: the greatest integer that is not above the quotient", is_floor)
        return below

    unit = 1 << bits
    twice_rest = Signal(bits + 1, name=f"{name}_twice_rest")
    up_at_tie = below[0] if params.rounding is Rounding.NEAREST_EVEN else product > 0
    m.d.comb += twice_rest.eq((product - (below << bits)) << 1)
    rounded = Signal(signed(len(below) + 1), name=f"{name}_rounded")
    m.d.comb += rounded.eq(below + ((twice_rest > unit) | ((twice_rest == unit) & up_at_tie)))

    error = (rounded << bits) - product
    tie = ((error << 1) == unit) | ((error << 1) == -unit)
    claim(
        m, f"{name}: no integer is nearer to the quotient", ((error << 1) <= unit) & ((error << 1) >= -unit)
    )
    if params.rounding is Rounding.NEAREST_EVEN:
        claim(m, f"{name}: a tie goes to the even integer", ~rounded[0], when=tie)
    else:
        claim(m, f"{name}: a tie goes away from zero", (error > 0) == (product > 0), when=tie)
    return rounded


def _fitted(m: Module, name: str, exact: Any, params: Params) -> Signal:
    """The exact value brought into the format of the membrane potential."""
    fitted = Signal(signed(params.width), name=f"{name}_fitted")
    lowest, highest = -(1 << (params.width - 1)), (1 << (params.width - 1)) - 1
    if params.overflow is Overflow.WRAP:
        m.d.comb += fitted.eq(exact)
        modulus = (1 << params.width) - 1
        claim(m, f"{name}: off by a multiple of 2^width", ((exact - fitted) & modulus) == 0)
    else:
        m.d.comb += fitted.eq(Mux(exact > highest, highest, Mux(exact < lowest, lowest, exact)))
    cover(m, f"{name} does not fit", fitted != exact)
    return fitted


def _random_numbers(m: Module, core: Any, inside: Inside) -> tuple[Any, Any]:
    """LFSR states for the rounding of leak and of drive. Only a step moves the LFSR on, by two states."""
    if core.params.rounding is not Rounding.STOCHASTIC:
        return None, None
    random = Signal(16, init=core.params.seed, name="expected_random")

    def following(state: Any) -> Value:  # x^16 + x^14 + x^13 + x^11 + 1, shifting left
        return Cat(state[15] ^ state[13] ^ state[12] ^ state[10], state[:15])

    with m.If(_accepted(core)):
        m.d.sync += random.eq(following(following(random)))
    helper(m, "the state of the LFSR", inside.register("random") == random)
    return random, following(random)


def _accepted(core: Any) -> Value:
    return core.input.valid & core.input.ready


# ---------------------------------------------------------------- single properties


class _Last:
    """What held when the step of the present output was made: the exact sum, and whether the neuron
    integrated it.

    For rounding floor and no noise.
    """

    def __init__(self, m: Module, core: Any, inside: Inside) -> None:
        params, value = core.params, core.registers
        membrane, refractory = inside.register("membrane"), inside.register("refractory")
        leak = _toward_rest(params, value, inside) >> params.leak_fraction
        exact = membrane + leak + ((core.input.payload.current * value.gain) >> params.gain_fraction)
        self.highest = (1 << (params.width - 1)) - 1
        self.lowest = -self.highest - 1
        self.exact = Signal.like(exact, name="exact_sum")
        self.integrated = Signal()
        self.registers = Signal.like(value, name="registers_of_step")
        with m.If(_accepted(core)):
            m.d.sync += [
                self.exact.eq(exact),
                self.integrated.eq(refractory == 0),
                self.registers.eq(value),
            ]


def saturation(m: Module, core: Any, inside: Inside) -> None:
    """A sum beyond the format becomes the nearest value of the format, never one at the other end."""
    last, out = _Last(m, core, inside), core.output.payload
    integrated = core.output.valid & last.integrated
    too_high, too_low = last.exact > last.highest, last.exact < last.lowest
    claim(m, "a sum above the format reaches every threshold", out.spike, when=integrated & too_high)
    claim(
        m,
        "a sum below the format becomes the minimum",
        Mux(out.spike, last.registers.threshold == last.lowest, out.membrane == last.lowest),
        when=integrated & too_low,
    )
    claim(
        m,
        "a sum within the format is kept",
        out.membrane == last.exact,
        when=integrated & ~too_high & ~too_low & ~out.spike,
    )
    cover(m, "the sum is the maximum", integrated & (last.exact == last.highest))
    cover(m, "the sum is the minimum", integrated & (last.exact == last.lowest))


class _Refractoriness:
    """Counts the refractory steps left, from outputs: `before` the step of the present one, and `after`."""

    def __init__(self, m: Module, core: Any, inside: Inside, period: Any) -> None:
        out = core.output
        self.before = Signal(core.params.refractory_width, name="left_before")
        self.after = Signal(core.params.refractory_width, name="left_after")
        self.just_ended = Signal()
        kept = Signal.like(self.after)
        m.d.comb += self.after.eq(kept)
        with m.If(out.valid):
            m.d.comb += self.after.eq(Mux(out.payload.spike, period, self.before - (self.before > 0)))
        m.d.sync += kept.eq(self.after)
        with m.If(_accepted(core)):
            m.d.sync += [
                self.before.eq(self.after),
                self.just_ended.eq((self.before == 1) & (self.after == 0)),
            ]
        helper(m, "the core counts the same refractory steps", inside.register("refractory") == self.after)


def spike(m: Module, core: Any, inside: Inside) -> None:
    """A spike exactly when the neuron is not refractory and the saturated sum reaches the threshold."""
    last, out = _Last(m, core, inside), core.output.payload
    left = _Refractoriness(m, core, inside, last.registers.refractory_period)
    threshold = last.registers.threshold
    reached = (last.exact >= threshold) | (threshold == last.lowest)  # no saturated sum is below the minimum
    claim(
        m,
        "a spike exactly when the threshold is reached and the neuron is not refractory",
        out.spike == (reached & (left.before == 0)),
        when=core.output.valid,
    )
    cover(
        m, "the sum equals the threshold", core.output.valid & (left.before == 0) & (last.exact == threshold)
    )
    cover(m, "the threshold is reached in a refractory step", core.output.valid & reached & (left.before > 0))


def refractory(m: Module, core: Any, inside: Inside) -> None:
    """After a spike, exactly `refractory_period` steps at rest without spikes; then the neuron integrates."""
    last, out = _Last(m, core, inside), core.output.payload
    left = _Refractoriness(m, core, inside, last.registers.refractory_period)
    in_period = core.output.valid & (left.before > 0)
    claim(m, "no spike in a refractory step", ~out.spike, when=in_period)
    claim(m, "at rest in a refractory step", out.membrane == last.registers.rest, when=in_period)
    claim(
        m,
        "in any other step a sum above the format gives a spike",
        out.spike,
        when=core.output.valid & (left.before == 0) & (last.exact > last.highest),
    )
    cover(m, "a spike in the step after a period", core.output.valid & out.spike & left.just_ended)
    cover(
        m, "a period of three steps", in_period & (left.before == 1) & (last.registers.refractory_period == 3)
    )


def reset(m: Module, core: Any, inside: Inside) -> None:
    """After a reset, whenever it comes, every register of the core has its reset value."""
    params = core.params
    fresh = Signal(init=1)
    m.d.sync += fresh.eq(0)
    claim(m, "no output after reset", ~core.output.valid, when=fresh)
    claim(m, "membrane at the reset value of rest", inside.register("membrane") == params.rest, when=fresh)
    claim(m, "not refractory after reset", inside.register("refractory") == 0, when=fresh)
    claim(m, "LFSR at its seed", inside.register("random") == params.seed, when=fresh)
    spiked = Signal(reset_less=True)
    with m.If(core.output.valid & core.output.payload.spike):
        m.d.sync += spiked.eq(1)
    cover(m, "a reset after a spike", fresh & spiked)


def stream(m: Module, core: Any, inside: Inside) -> None:
    """Each input accepted gives one output, one cycle later, which holds until it is read; no others."""
    out = core.output
    waiting = Signal(2)  # inputs accepted less outputs read: of these an output must be waiting
    m.d.sync += waiting.eq(waiting + _accepted(core) - (out.valid & out.ready))
    claim(m, "an output for each input, and no other", out.valid == (waiting == 1))
    claim(m, "no input is accepted that would be lost", waiting <= 1)
    stalled = Signal()
    kept = Signal.like(out.payload, name="payload_before")
    m.d.sync += [stalled.eq(out.valid & ~out.ready), kept.eq(out.payload)]
    holds = out.valid & (Value.cast(out.payload) == Value.cast(kept))
    claim(m, "a stalled output holds", holds, when=stalled)
    claim(
        m, "an input is accepted whenever no output is stalled", core.input.ready == (~out.valid | out.ready)
    )
    cover(m, "an output stalled for a cycle, then read", stalled & out.valid & out.ready)
    cover(m, "an output read and the next one made in one cycle", _accepted(core) & out.valid & out.ready)
