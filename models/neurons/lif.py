"""Leaky integrate-and-fire neuron: the specification of `neurons.lif`.

One step takes an input current I and gives a spike bit and the new membrane potential v:

    refractory > 0:  refractory' = refractory − 1,  v' = rest,  no spike
    otherwise:       u  = v + round((rest − v)·leak / 2^leak_fraction) + round(I·gain / 2^gain_fraction)
                            + noise
                     u' = fit(u)                                      (saturate, wrap, or saturate and flag)
                     u' ≥ threshold:  spike, refractory' = refractory_period,
                                      v' = reset  or  fit(u' − threshold)
                     otherwise:       v' = u'

Everything is an integer; `round` and `fit` are chosen by `Params`. The choice `PUBLISHED` reproduces the
fixed-point LIF of SC-NeuroCore 3.16.0 (`sc_lif_neuron.v`): floor, wrap, reset to value, noise input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Overflow, Q, Rounding, fit, shift_right, signed, unsigned
from spikelock.models.lfsr import LFSRS
from spikelock.models.ports import Port, Register, RegisterMap


class ResetMode(Enum):
    """What a spike does to the membrane potential."""

    TO_VALUE = "to_value"
    SUBTRACT = "subtract"


@dataclass(frozen=True)
class Params:
    """Formats and modes, fixed when the hardware is made, and the reset values of the registers.

    width, fraction: format of the membrane potential, rest, reset and threshold (signed).
    current_width: bits of the input current (signed); its unit is whatever `gain` converts to membrane units.
    coefficient_width, leak_fraction, gain_fraction: formats of leak and gain (signed).
    refractory_width: bits of the refractory counter; the longest period is 2^refractory_width − 1 steps.
    noise: adds a second input, in membrane units, summed unscaled.
    constants: the values below are constants of the hardware, which then has no registers: far smaller, and
        smallest where leak and gain are powers of two, or 0, and rest is 0.
    reset_mode: what a spike leaves: the register `reset`, or what is above the threshold.
    rounding, overflow: of the two products, and of the potential.
    random, seed: the LFSR of stochastic rounding; it gives one state to the leak, the next to the input.
    The other fields are raw integers: the values of the registers after reset, or the constants.
    """

    width: int = 16
    fraction: int = 8
    current_width: int = 16
    coefficient_width: int = 16
    leak_fraction: int = 8
    gain_fraction: int = 8
    refractory_width: int = 8
    noise: bool = False
    constants: bool = False
    reset_mode: ResetMode = ResetMode.TO_VALUE
    rounding: Rounding = Rounding.FLOOR
    overflow: Overflow = Overflow.SATURATE
    random: str = "fibonacci16_left"
    seed: int = 0xACE1
    rest: int = 0
    reset: int = 0
    threshold: int = 256
    leak: int = 26
    gain: int = 256
    refractory_period: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "current_width", "coefficient_width", "refractory_width"):
            if not 1 <= getattr(self, name) <= 64:
                raise RangeError(f"{name} = {getattr(self, name)}: 1 … 64 bits are possible; 16 is usual")
        for name, limit in (
            ("fraction", self.width),
            ("leak_fraction", self.coefficient_width),
            ("gain_fraction", self.coefficient_width),
        ):
            if not 0 <= getattr(self, name) <= limit:
                raise RangeError(
                    f"{name} = {getattr(self, name)}: must be 0 … {limit}, the bits of its format"
                )
        if self.random not in LFSRS:
            raise BadInput(f"random = {self.random!r}: no such LFSR; there are {', '.join(LFSRS)}")
        generator = LFSRS[self.random]
        if not 1 <= self.seed <= generator.period:
            raise RangeError(f"seed = {self.seed}: must be 1 … {generator.period} for {self.random}")
        if self.rounding is Rounding.STOCHASTIC:
            generator.require_bits(max(self.leak_fraction, self.gain_fraction))
        settings(self)  # a value that does not fit its format is an error here

    @property
    def membrane(self) -> Q:
        """Format of the membrane potential, rest, reset and threshold."""
        return signed(self.width, self.fraction)

    @property
    def counter_width(self) -> int:
        """Bits of the counter of refractory steps: for any period, or for the constant one."""
        return self.refractory_period.bit_length() if self.constants else self.refractory_width


@dataclass(frozen=True)
class State:
    """What a step carries to the next: membrane potential, remaining refractory steps, LFSR state."""

    membrane: int
    refractory: int = 0
    random: int = 0


def settings(params: Params) -> RegisterMap:
    """The values of the equation: what a host may set at run time, or the constants of the hardware."""
    membrane = params.membrane
    return {
        "rest": Register(membrane, params.rest, "resting potential, approached by the leak"),
        "reset": Register(membrane, params.reset, "potential after a spike (reset mode to_value)"),
        "threshold": Register(membrane, params.threshold, "a spike is fired at this potential or above"),
        "leak": Register(
            signed(params.coefficient_width, params.leak_fraction),
            params.leak,
            "part of (rest − v) added each step",
        ),
        "gain": Register(
            signed(params.coefficient_width, params.gain_fraction),
            params.gain,
            "membrane units per current unit",
        ),
        "refractory_period": Register(
            unsigned(params.refractory_width), params.refractory_period, "steps without spikes after a spike"
        ),
    }


def registers(params: Params) -> RegisterMap:
    """What a host may set at run time: the settings, unless they are constants."""
    return {} if params.constants else settings(params)


def inputs(params: Params) -> Mapping[str, Port]:
    """One stream: the input current, and the noise where there is one."""
    current = {"current": signed(params.current_width, min(params.fraction, params.current_width))}
    return {"input": Port(current | ({"noise": params.membrane} if params.noise else {}))}


def outputs(params: Params) -> Mapping[str, Port]:
    """One stream: spike, membrane potential after the step, and the overflow flag where overflow traps."""
    fields = {"spike": unsigned(1), "membrane": params.membrane}
    return {"output": Port(fields | ({"overflow": unsigned(1)} if params.overflow is Overflow.TRAP else {}))}


def initial(params: Params, configuration: Configuration) -> State:
    """After reset: at `Params.rest`, not refractory."""
    return State(params.rest, 0, params.seed)


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, ...]
) -> tuple[State, list[tuple[int, ...]]]:
    """One step of the equation above, in exact integers."""
    value = configuration.registers or vars(params)  # constants are the fields of these names
    current, noise = transaction if params.noise else (*transaction, 0)

    random_leak, random_input, random_next = 0, 0, state.random
    if params.rounding is Rounding.STOCHASTIC:
        generator = LFSRS[params.random]
        random_leak, random_next = generator.take(state.random, params.leak_fraction)
        random_input, random_next = generator.take(random_next, params.gain_fraction)

    if state.refractory > 0:
        return State(value["rest"], state.refractory - 1, random_next), [
            _output(params, 0, value["rest"], False)
        ]

    leaked = shift_right(
        (value["rest"] - state.membrane) * value["leak"], params.leak_fraction, params.rounding, random_leak
    )
    driven = shift_right(current * value["gain"], params.gain_fraction, params.rounding, random_input)
    potential, overflowed = _fit(params, state.membrane + leaked + driven + noise)
    if potential < value["threshold"]:
        return State(potential, 0, random_next), [_output(params, 0, potential, overflowed)]

    after = value["reset"]
    if params.reset_mode is ResetMode.SUBTRACT:
        after, overflowed_again = _fit(params, potential - value["threshold"])
        overflowed |= overflowed_again
    return State(after, value["refractory_period"], random_next), [_output(params, 1, after, overflowed)]


def _fit(params: Params, exact: int) -> tuple[int, bool]:
    """The potential in its format, and whether it did not fit.

    Hardware cannot raise: a trap saturates and flags.
    """
    overflow = Overflow.WRAP if params.overflow is Overflow.WRAP else Overflow.SATURATE
    potential = fit(exact, params.membrane, overflow)
    return potential, potential != exact


def _output(params: Params, spike: int, membrane: int, overflowed: bool) -> tuple[int, ...]:
    return (spike, membrane, int(overflowed)) if params.overflow is Overflow.TRAP else (spike, membrane)


PUBLISHED = Params(noise=True, overflow=Overflow.WRAP)
"""The fixed-point LIF of SC-NeuroCore 3.16.0, Q8.8 in 16 bits."""

COMPACT = Params(constants=True, leak=16, refractory_period=3)
"""A neuron without registers and multipliers: leak 1/16, gain 1, threshold 1.0, three refractory steps."""

COSTED: Mapping[str, Params] = {
    "published": PUBLISHED,
    "subtract": Params(reset_mode=ResetMode.SUBTRACT),
    "constants": Params(constants=True),
    "compact": COMPACT,
    "compact-never-refractory": replace(COMPACT, refractory_period=0),
    "compact-longest-period": replace(COMPACT, refractory_period=255),
    "compact-threshold": replace(COMPACT, threshold=300),
    "compact-reset": replace(COMPACT, reset=-20),
    "compact-rest": replace(COMPACT, rest=-20),
    "compact-leak": replace(COMPACT, leak=26),
    "compact-gain": replace(COMPACT, gain=300),
    "compact-noise": replace(COMPACT, noise=True),
    "compact-subtract": replace(COMPACT, reset_mode=ResetMode.SUBTRACT),
    "compact-nearest-even": replace(COMPACT, rounding=Rounding.NEAREST_EVEN),
    "compact-nearest-away": replace(COMPACT, rounding=Rounding.NEAREST_AWAY),
    "compact-stochastic": replace(COMPACT, rounding=Rounding.STOCHASTIC),
    "compact-wrap": replace(COMPACT, overflow=Overflow.WRAP),
    "compact-trap": replace(COMPACT, overflow=Overflow.TRAP),
}
"""Configurations whose cost is reported: what a feature costs is the difference to `compact`."""

COST_LIMITS: Mapping[str, tuple[int, float]] = {"compact": (120, 72.0)}
"""What is promised of a configuration on an iCE40 HX8K: at most so many logic cells, at least so many MHz."""

CORE = Core(
    name="neurons.lif",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
