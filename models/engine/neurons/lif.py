"""Vectorised leaky integrate-and-fire neurons: the equation of `models/neurons/lif.py` on int64 arrays.

Masks and selections replace the branches of the reference; `shift_right_array` and `fit_array` replace its
integer functions, and an LFSR sequence is generated in blocks instead of state by state.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Interval, Ints, Overflow, Q, Rounding, fit_array, shift_right_array, signed
from spikelock.models.lfsr import LFSR, LFSRS
from spikelock.models.neurons.lif import Params, ResetMode, inputs, outputs, settings
from spikelock.models.ports import Records


class LIF:
    """Neurons of one `Params`, stepped all at once.

    shape: of the neurons, for instance (samples, neurons). registers: by name, each one value for all neurons
    or an array that broadcasts to `shape`; those not named have their values in `params`. initial: the
    membrane potential after reset. With `shared_random` one LFSR serves the last axis in order, two states a
    neuron, as a tile's sweep does; otherwise each neuron has an LFSR of its own, all with the same seed.

    membrane, refractory: int64 arrays of `shape`. overflowed: boolean array of `shape`, what did not fit in
    the last step; it is kept only where `params.overflow` is TRAP.

    Raises RangeError where an intermediate result could leave int64.
    """

    def __init__(
        self,
        params: Params,
        registers: Mapping[str, int | Ints],
        shape: tuple[int, ...],
        *,
        initial: int,
        shared_random: bool = False,
    ) -> None:
        self.params = params
        values = {name: setting.reset for name, setting in settings(params).items()} | dict(registers)
        _prove_ranges(params, values)
        self.values = {name: np.asarray(value, np.int64) for name, value in values.items()}
        self.membrane = np.full(shape, initial, np.int64)
        self.refractory = np.zeros(shape, np.int64)
        self.overflowed = np.zeros(shape, np.bool_)
        self._random = RandomStates(LFSRS[params.random], params.seed)
        self._random_users = shape[-1] if shared_random else 1

    def step(self, current: Ints, noise: Ints | None = None) -> NDArray[np.bool_]:
        """One step of every neuron; returns who fired. Shapes: those of the neurons.

        Raises RangeError for a current or noise outside its format, BadInput where noise is missing or not
        expected.
        """
        params, value = self.params, self.values
        _check_inputs(params, current, noise)
        for_leak, for_input = self._draw()
        leaked = shift_right_array(
            (value["rest"] - self.membrane) * value["leak"],
            params.leak_fraction,
            params.rounding,
            for_leak,
        )
        driven = shift_right_array(current * value["gain"], params.gain_fraction, params.rounding, for_input)
        exact = self.membrane + leaked + driven
        if noise is not None:
            exact += noise
        potential = self._fit(exact)
        resting = self.refractory > 0
        fired = (potential >= value["threshold"]) & ~resting
        lost = potential != exact

        if params.reset_mode is ResetMode.TO_VALUE:
            after = value["reset"]
        else:
            difference = potential - value["threshold"]
            after = self._fit(difference)
            lost |= fired & (after != difference)

        self.membrane = np.where(resting, value["rest"], np.where(fired, after, potential))
        self.refractory = np.where(fired, value["refractory_period"], self.refractory - resting)
        if params.overflow is Overflow.TRAP:
            self.overflowed = lost & ~resting
        return fired

    def _fit(self, exact: Ints) -> Ints:
        """In the format of the membrane. Hardware cannot raise: a trap saturates, and `overflowed` tells."""
        saturate = self.params.overflow is not Overflow.WRAP
        return fit_array(exact, self.params.membrane, Overflow.SATURATE if saturate else Overflow.WRAP)

    def _draw(self) -> tuple[Ints | None, Ints | None]:
        """Random numbers of this step for the leak and for the input product, along the last axis."""
        if self.params.rounding is not Rounding.STOCHASTIC:
            return None, None
        pairs = self._random.take(2 * self._random_users).reshape(-1, 2)
        below_leak = np.int64((1 << self.params.leak_fraction) - 1)
        below_input = np.int64((1 << self.params.gain_fraction) - 1)
        return pairs[:, 0] & below_leak, pairs[:, 1] & below_input


class RandomStates:
    """Successive states of an LFSR, the seed first, generated a block at a time."""

    BLOCK = 1 << 16

    def __init__(self, generator: LFSR, seed: int) -> None:
        self._generator = generator
        self._next = seed
        self._block = np.zeros(0, np.int64)
        self._used = 0

    def take(self, count: int) -> Ints:
        """The next `count` states."""
        if self._used + count > len(self._block):
            start = int(self._block[self._used]) if self._used < len(self._block) else self._next
            states = self._generator.states(start, max(count, self.BLOCK) + 1)
            self._block, self._next, self._used = states[:-1], int(states[-1]), 0
        taken = self._block[self._used : self._used + count]
        self._used += count
        return taken


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `neurons.lif`: output transactions of one neuron for its input transactions."""
    return {"output": run_many(params, configuration.registers, inputs["input"][:, np.newaxis])[:, 0]}


def run_many(params: Params, registers: Mapping[str, int | Ints], transactions: Records) -> Records:
    """Independent neurons over time: input records to output records, both of shape (steps, neurons).

    registers: one value for all neurons, or an array of shape (neurons,) each.
    """
    neurons = LIF(params, registers, transactions.shape[1:], initial=params.rest)
    out = np.zeros(transactions.shape, outputs(params)["output"].dtype)
    for step, given in enumerate(transactions):
        out["spike"][step] = neurons.step(given["current"], given["noise"] if params.noise else None)
        out["membrane"][step] = neurons.membrane
        if params.overflow is Overflow.TRAP:
            out["overflow"][step] = neurons.overflowed
    return out


def _prove_ranges(params: Params, values: Mapping[str, int | Ints]) -> None:
    """Raises RangeError where a step could leave int64.

    Checked are the settings against their formats, the length of shifts, and every intermediate result.
    """
    span = {name: Interval(int(np.min(value)), int(np.max(value))) for name, value in values.items()}
    for name, setting in settings(params).items():
        span[name].require_int64(name)
        if (span[name] | Interval.of(setting.q)) != Interval.of(setting.q):
            raise RangeError(
                f"{name} = {span[name].minimum} … {span[name].maximum} does not fit {setting.q}: "
                f"{setting.q.minimum} … {setting.q.maximum}"
            )
    for name in ("leak_fraction", "gain_fraction"):
        if getattr(params, name) > 63:
            raise RangeError(f"{name} = {getattr(params, name)}: the engine shifts int64 by at most 63 bits")
    membrane, current = Interval.of(params.membrane), Interval.of(signed(params.current_width))
    distance = (span["rest"] - membrane).require_int64("rest − v")
    leak_product = (distance * span["leak"]).require_int64("(rest − v)·leak")
    input_product = (current * span["gain"]).require_int64("current·gain")
    leaked = leak_product.shift_right(params.leak_fraction, params.rounding)
    driven = input_product.shift_right(params.gain_fraction, params.rounding)
    total = (membrane + leaked).require_int64("v + leak") + driven
    total.require_int64("v + leak + input")
    if params.noise:
        (total + membrane).require_int64("v + leak + input + noise")
    if params.reset_mode is ResetMode.SUBTRACT:
        (membrane - span["threshold"]).require_int64("v − threshold")


def _check_inputs(params: Params, current: Ints, noise: Ints | None) -> None:
    if (noise is not None) != params.noise:
        raise BadInput(f"noise was {'not ' if params.noise else ''}given, but params.noise is {params.noise}")
    fields = inputs(params)["input"].fields
    _check_range("current", current, fields["current"], "current_width")
    if noise is not None:
        _check_range("noise", noise, fields["noise"], "width")


def _check_range(name: str, values: Ints, q: Q, width: str) -> None:
    if values.size and not (q.minimum <= values.min() and values.max() <= q.maximum):
        bad = values.min() if values.min() < q.minimum else values.max()
        raise RangeError(f"{name} = {bad} does not fit {q}: {q.minimum} … {q.maximum}; use a larger {width}")
