"""From differential equations to steps of one tick, in units in which all neurons are alike.

NIR states `tau dv/dt = (v_leak − v) + r I`, and leaves open how time is divided; platforms differ. What is
done here:

    u = v + λ (v_leak − v) + κ I
    u > v_threshold (or ≥):  fires, v = v_reset  (or u − (v_threshold − v_reset))
    otherwise:               v = u
    LIF, forward Euler:  λ = dt / tau,              κ = λ r
    LIF, exponential:    λ = 1 − exp(−dt / tau),    κ = λ r     (exact while I is constant during a tick)
    IF, either:          λ = 0,                     κ = r dt

 - A spike is a current of weight · 1 for one tick (`spike = unit_current`: Norse, snnTorch), or a charge of
   weight · 1 whatever dt is, so a current of weight / dt for one tick (`spike = impulse`: NIR's IF neurons in
   sinabs, Nengo).
 - A feed-forward edge takes no time: a spike acts in the tick in which it is fired. A recurrent edge takes
   one tick.
 - A sample begins with every membrane at v_leak (LIF) or 0 (IF).
 - NIR's equation has u > v_threshold; `fires = at_threshold` is for platforms that fire at equality.
 - `reset = subtract` takes away v_threshold − v_reset, which is v_threshold where v_reset is 0.

Units: each neuron's potential is mapped by x = (v − v_reset) / (v_threshold − v_reset), so that every
threshold is 1 and every reset 0. What is left must be equal within a population: λ, and v_leak in those
units, named `rest`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.neurons.lif import ResetMode

from .graph import Reals
from .lower import Network, Population


class Method(Enum):
    """How the differential equation is stepped."""

    FORWARD_EULER = "forward_euler"
    EXPONENTIAL = "exponential"


class Fires(Enum):
    """What a potential of exactly the threshold does."""

    ABOVE_THRESHOLD = "above_threshold"
    """Nothing: NIR's equation."""
    AT_THRESHOLD = "at_threshold"
    """It fires."""


class Spike(Enum):
    """What a spike with weight 1 is."""

    UNIT_CURRENT = "unit_current"
    """A current of 1 for one tick."""
    IMPULSE = "impulse"
    """A charge of 1, whatever dt is: a current of 1 / dt for one tick."""


@dataclass(frozen=True)
class Discretisation:
    """The choices above. dt: seconds of one tick."""

    dt: float = 1e-4
    method: Method = Method.FORWARD_EULER
    reset: ResetMode = ResetMode.TO_VALUE
    fires: Fires = Fires.ABOVE_THRESHOLD
    spike: Spike = Spike.UNIT_CURRENT

    def __post_init__(self) -> None:
        if not (math.isfinite(self.dt) and self.dt > 0):
            raise BadInput(f"dt = {self.dt} s: must be a finite number above 0, such as 1e-4")


@dataclass(frozen=True)
class Step:
    """A population in steps: u = x + leak · (rest − x) + bias + Σ weights[source] · spikes; threshold 1,
    reset 0.

    Shapes: bias (neurons,), weights (neurons, neurons of the source). Units: v_threshold − v_reset of each
    neuron.
    """

    name: str
    leak: float
    rest: float
    bias: Reals
    weights: Mapping[str, Reals]

    @property
    def neurons(self) -> int:
        """How many."""
        return len(self.bias)


@dataclass(frozen=True)
class Stepped:
    """A network in steps, with the choices that made it; the other fields are those of `Network`."""

    inputs: int
    populations: tuple[Step, ...]
    output: str
    notes: tuple[str, ...]
    discretisation: Discretisation


def discretise(network: Network, discretisation: Discretisation) -> Stepped:
    """The network in steps of dt.

    Raises BadInput where dt exceeds a tau with forward Euler, or tau or v_leak differ within a population.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # checked for, below
        steps = tuple(_step(population, discretisation) for population in network.populations)
    for step in steps:
        if not all(np.isfinite(array).all() for array in (step.bias, *step.weights.values())):
            raise BadInput(
                f"{step.name}: a weight or bias in units of the threshold is beyond float64; scale it down"
            )
    return Stepped(network.inputs, steps, network.output, network.notes, discretisation)


def _step(population: Population, how: Discretisation) -> Step:
    name, neurons = population.name, population.neurons
    ratio = how.dt / neurons.tau
    if how.method is Method.FORWARD_EULER:
        if (ratio > 1).any():
            shortest = float(neurons.tau.min())
            raise BadInput(
                f"{name}: dt = {how.dt:g} s is longer than tau = {shortest:g} s, where forward Euler "
                f"overshoots; use dt ≤ {shortest:g} or the method exponential"
            )
        leak = ratio
    else:
        leak = -np.expm1(-ratio)
    span = neurons.v_threshold - neurons.v_reset
    current = np.where(np.isinf(neurons.tau), how.dt, leak) * neurons.r / span
    charge = current / how.dt if how.spike is Spike.IMPULSE else current
    return Step(
        name,
        _common(name, "tau (seconds; ∞ for IF)", leak, neurons.tau, "one LIF node for each tau"),
        _common(
            name,
            "(v_leak − v_reset) / (v_threshold − v_reset)",
            (neurons.v_leak - neurons.v_reset) / span,
            None,
            "v_leak and v_reset of 0, the difference moved to the bias of an Affine",
        ),
        current * population.bias,
        {source: charge[:, None] * weights for source, weights in population.weights.items()},
    )


def _common(name: str, what: str, values: Reals, shown: Reals | None, remedy: str) -> float:
    """The value all neurons of a population share; float32 files may differ in the last bits."""
    shown = values if shown is None else shown
    if not np.allclose(values, values[0], rtol=1e-5, atol=1e-9):
        raise BadInput(
            f"{name}: {what} differs between neurons, from {shown.min():g} to {shown.max():g}; the neurons "
            f"of a population share it: {remedy} works"
        )
    return float(values[0])
