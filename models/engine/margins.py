"""By how much the currents of a network may be off before a spike changes; and what that means for streams.

The *margin* of a neuron in a sample is the largest integer E for which this holds: if in every tick its
current is off by at most E, it spikes exactly when it would have. A step of `neurons.lif` never gives a lower
potential for a higher current, or from a higher potential (`_require_monotonic` has the conditions). So all
runs with currents within E lie between the one that is always E too low and the one that is always E too
high, as long as spikes are the same; and both are simply run. Nothing is bounded by hand, rounding is
included, and E is exact.

That the inputs of a layer do not depend on its own errors, which the union bound of `models/sc/precision.py`
needs, is seen thus. Take the spikes of the exact run, which are given, as inputs of every layer in every
tick, and let A be that with them every current is off by at most its margin. The bound says that A is
improbable to fail. And where A holds, the first spike to differ cannot exist: until it, the inputs have been
the exact ones. So with A all spikes of the sample are the exact ones, loops in the network included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.engine import network
from spikelock.models.engine.fabric.tile import Synapses
from spikelock.models.engine.neurons.lif import LIF
from spikelock.models.errors import BadInput
from spikelock.models.fabric.tile import Params, memories
from spikelock.models.fixed import Interval, Ints, Overflow, Rounding
from spikelock.models.network.program import Program

Spikes = NDArray[np.bool_]


@dataclass(frozen=True)
class Margins:
    """Of one population.

    margin: in units of the current, shape (samples, neurons). active: synapses with a weight other than 0
    whose source has spiked, shape (samples, ticks, neurons); only those are random. full_scale: the current
    of one synapse of the largest weight that its format has. threshold: the current that takes a neuron from
    rest to its threshold in one tick, for people. free: what a sum of N steps may be off besides, as it is
    rounded to a current: half a unit, if that is to the nearest.
    """

    population: str
    margin: Ints
    active: Ints
    full_scale: int
    threshold: float
    free: float = 0.5

    def errors(self, width: int) -> NDArray[np.float64]:
        """What the dot product of each neuron may be off, in units of one product: (samples, neurons).

        What numbers of `width` bits lose for certain is taken off. Sums must be scaled exactly, as those of
        a length that is a power of two are.
        """
        lost = self.active.max(axis=1, initial=0) * 2.0**-width  # weights are multiples of 2^-width
        allowed: NDArray[np.float64] = (self.margin + self.free) / self.full_scale - lost
        return allowed


def margins(program: Program, spikes: Spikes) -> list[Margins]:
    """The margins of each population under input spikes of shape (samples, ticks, inputs).

    Raises BadInput for a network whose potentials may fall where a current rises, or whose sums are those of
    streams already, and as `network.run` does.
    """
    raster = network.run(program, spikes).raster()
    found = []
    for population in program.populations:
        params = population.exact
        _require_monotonic(population.name, params, population.configuration)
        fired = raster[:, :, params.axons : params.axons + params.neurons]
        current = _sums(params, population.configuration, raster)
        current += population.configuration.memories["bias"]["bias"]
        found.append(
            Margins(
                population.name,
                _largest_kept(params, population.configuration, current, fired),
                _sums(params, _counting(population.configuration), raster),
                1 << (params.weight_width - 1),
                threshold_current(params, population.configuration),
                0.0 if params.neuron.rounding is Rounding.FLOOR else 0.5,
            )
        )
    return found


def _sums(params: Params, configuration: Configuration, raster: Spikes) -> Ints:
    """What arrives at each neuron in each tick: (samples, ticks, addresses) to (samples, ticks, neurons)."""
    samples, ticks, _ = raster.shape
    sums = np.zeros((samples, ticks, params.neurons), np.int64)
    upstream = Synapses(params, configuration, 0, params.axons)
    for tick in range(ticks):
        sums[:, tick] = upstream.deliver(raster[:, tick, : params.axons])
    if params.recurrent:
        own = Synapses(params, configuration, params.axons, params.rows)
        for tick in range(1, ticks):
            sums[:, tick] += own.deliver(raster[:, tick - 1, params.axons : params.rows])
    return sums


def _counting(configuration: Configuration) -> Configuration:
    """The same synapses, each of weight 1, those of weight 0 apart."""
    synapses = configuration.memories["synapses"].copy()
    synapses["weight"] = synapses["weight"] != 0
    return replace(configuration, memories={**configuration.memories, "synapses": synapses})


def _largest_kept(params: Params, configuration: Configuration, current: Ints, fired: Spikes) -> Ints:
    """By bisection, for all samples and neurons at once."""
    samples, _, neurons = fired.shape
    room = Interval.of(memories(params)["bias"].layout.fields["bias"])
    kept = np.zeros((samples, neurons), np.int64)  # errors that change nothing
    beyond = np.full((samples, neurons), room.maximum - room.minimum + 1)
    for _ in range(int(beyond.max()).bit_length()):
        tried = (kept + beyond) // 2
        same = np.ones((samples, neurons), np.bool_)
        for error in (tried, -tried):
            off = np.clip(current + error[:, np.newaxis], room.minimum, room.maximum)
            same &= (_run(params, configuration, off) == fired).all(axis=1)
        kept, beyond = np.where(same, tried, kept), np.where(same, beyond, tried)
    return kept


def _run(params: Params, configuration: Configuration, current: Ints) -> Spikes:
    """Who fires under currents (samples, ticks, neurons), from rest."""
    samples, ticks, neurons = current.shape
    rest = configuration.registers.get("rest", params.neuron.rest)
    lif = LIF(params.neuron, configuration.registers, (samples, neurons), initial=rest, shared_random=True)
    return np.stack([lif.step(current[:, tick]) for tick in range(ticks)], axis=1)


def _require_monotonic(name: str, params: Params, configuration: Configuration) -> None:
    """Raises BadInput where a higher current, or a higher potential before a step, may end lower."""
    neuron, values = params.neuron, {**vars(params.neuron), **configuration.registers}
    whole = 1 << neuron.leak_fraction
    limit = whole if neuron.rounding in (Rounding.FLOOR, Rounding.STOCHASTIC) else whole - 1
    if neuron.overflow is Overflow.WRAP or values["gain"] < 0 or not 0 <= values["leak"] <= limit:
        raise BadInput(
            f"population {name}: overflow {neuron.overflow.value}, gain {values['gain']}, leak "
            f"{values['leak']} of {whole}: margins are known where potentials saturate, gain is 0 or more "
            f"and leak is 0 … {limit}"
        )


def threshold_current(params: Params, configuration: Configuration) -> float:
    """The current that takes a neuron from rest to its threshold in one tick; infinite with a gain of 0."""
    neuron, values = params.neuron, {**vars(params.neuron), **configuration.registers}
    distance = values["threshold"] - values["rest"]
    return float(distance * 2.0**neuron.gain_fraction / values["gain"]) if values["gain"] else float("inf")


def errors_and_spreads(
    found: Sequence[Margins], width: int
) -> list[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """For each sample, what each dot product of the run may be off, and its spread; flat arrays.

    One of each for every neuron and tick in which a synapse is active. The product is AND: a spike is all
    ones, so a synapse gives the bits of its weight, and each active one a range of 1. Raises BadInput as
    `Margins` has it.
    """
    samples = len(found[0].margin)
    parts = []
    for sample in range(samples):
        errors, spreads = [], []
        for one in found:
            active = one.active[sample]
            allowed = np.broadcast_to(one.errors(width)[sample], active.shape)
            errors.append(allowed[active > 0])
            spreads.append(active[active > 0])
        parts.append((np.concatenate(errors), np.concatenate(spreads)))
    return parts
