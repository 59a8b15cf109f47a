"""Vectorised tile: the population of `models/fabric/tile.py` over many samples at once.

All samples take a tick together: arrived events × weights is one matrix product, then all neurons of all
samples step at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.engine.neurons.lif import LIF
from spikelock.models.errors import BadInput
from spikelock.models.fabric.tile import Params, memories, outputs
from spikelock.models.fixed import Interval, Ints
from spikelock.models.ports import Records

from .event_stream import run_events

DENSE_WEIGHTS = 1 << 22
"""A synapse table of at most this many (source, neuron) pairs is held as a matrix, a larger gathered."""

MULTIPLIED_AT_ONCE = 1 << 18
"""Multiply-adds of one matrix product, where a few rows have no more: for larger ones BLAS starts threads,
which on a busy machine wait for each other a hundred times longer than the product takes."""

GATHERED_SYNAPSES = 1 << 20
"""Synapses gathered at once, which bounds the memory of a gather."""


class Synapses:
    """The rows of consecutive sources, first … last − 1, of a tile's synapse memory.

    `deliver` sums exactly: where the sum of the weights' magnitudes at every neuron is below 2^24 (2^53), a
    matrix product in float32 (float64) has only exact integers as partial sums, in whatever order it adds;
    else int64 sums are made.

    Raises BadInput where a row leaves the memory or a target is no neuron, RangeError where a sum could leave
    int64.
    """

    def __init__(self, params: Params, configuration: Configuration, first: int, last: int) -> None:
        rows, synapses = configuration.memories["rows"][first:last], configuration.memories["synapses"]
        self._start, self._length = rows["start"], rows["length"]
        self._target, self._weight = synapses["target"], synapses["weight"]
        self._neurons = params.neurons
        self._check_memories(len(synapses), first)
        self.bound = self._bound()
        self._sources = _extent(self._length > 0)
        self._matrix = self._dense()

    def deliver(self, events: NDArray[np.bool_] | Ints) -> Ints:
        """Sum of the weights that arrive: shape (samples, sources) to (samples, neurons), int64.

        events: how often each source sent. Raises RangeError where a sum could leave int64.
        """
        events = events[:, self._sources]
        most = int(events.max(initial=0))
        Interval(-most * self.bound, most * self.bound).require_int64("sum of weights")
        if self._matrix is not None and most * self.bound <= _exact(self._matrix.dtype):
            return product(events, self._matrix)
        sums = np.zeros((len(events), self._neurons), np.int64)
        row, source = np.nonzero(events)
        self._add_rows(sums, row, source + self._sources.start, events[row, source].astype(np.int64))
        return sums

    def _check_memories(self, depth: int, first: int) -> None:
        beyond = (self._start + self._length > depth) & (self._length > 0)
        if beyond.any():
            raise BadInput(
                f"row {first + int(np.argmax(beyond))} ends beyond the synapse memory of {depth} records"
            )
        if (self._target >= self._neurons).any():
            raise BadInput(
                f"synapse target {self._target.max()}: the tile has neurons 0 … {self._neurons - 1}"
            )

    def _bound(self) -> int:
        """At least the sum of the magnitudes of all weights to any one neuron."""
        largest = max(-int(self._weight.min()), int(self._weight.max()))
        fan_in = np.zeros(self._neurons, np.int64)
        magnitude = np.zeros(self._neurons, np.int64)
        for _, synapse in self._expand(np.arange(len(self._start))):
            np.add.at(fan_in, self._target[synapse], 1)
            if largest < 1 << 31:
                np.add.at(magnitude, self._target[synapse], np.abs(self._weight[synapse]))
        most = int(magnitude.max()) if largest < 1 << 31 else int(fan_in.max()) * largest
        Interval(-most, most).require_int64("sum of all weights of a neuron")
        return most

    def _dense(self) -> NDArray[np.floating] | None:
        """Weights as a matrix (sources, neurons), where it is small and floating-point sums are exact."""
        sources = np.arange(self._sources.start, self._sources.stop)
        precision = next((t for t in (np.float32, np.float64) if self.bound <= _exact(np.dtype(t))), None)
        if precision is None or len(sources) * self._neurons > DENSE_WEIGHTS:
            return None
        weights = np.zeros((len(sources), self._neurons), np.int64)
        self._add_rows(weights, np.arange(len(sources)), sources, np.ones(len(sources), np.int64))
        return weights.astype(precision)

    def _add_rows(self, sums: Ints, row: Ints, source: Ints, times: Ints) -> None:
        """sums[row[i]] += times[i] · weights of source[i], for all i, in int64."""
        flat = sums.reshape(-1)
        for i, synapse in self._expand(source):
            np.add.at(flat, row[i] * self._neurons + self._target[synapse], self._weight[synapse] * times[i])

    def _expand(self, sources: Ints) -> Iterator[tuple[Ints, Ints]]:
        """All synapses of a list of sources, in bounded parts: position in the list, index of the synapse."""
        ends = np.cumsum(self._length[sources])
        done = 0
        while done < len(sources):
            before = ends[done - 1] if done else 0
            upto = max(done + 1, int(np.searchsorted(ends, before + GATHERED_SYNAPSES, "right")))
            length = self._length[sources[done:upto]]
            position = np.repeat(np.arange(done, upto), length)
            within = np.arange(len(position)) - np.repeat(ends[done:upto] - length - before, length)
            yield position, self._start[sources[position]] + within
            done = upto


class Tile:
    """One tile for a number of samples at once, all right after RESTART.

    Raises as `LIF` and `Synapses` do, and BadInput where a memory has not the size that `params` gives it.
    """

    def __init__(self, params: Params, configuration: Configuration, samples: int) -> None:
        for name, memory in memories(params).items():
            if len(configuration.memories[name]) != memory.depth:
                raise BadInput(
                    f"memory {name} has {len(configuration.memories[name])} records, the tile "
                    f"{memory.depth}: CORE.configuration fills one up"
                )
        rest = configuration.registers.get("rest", params.neuron.rest)
        shape = (samples, params.neurons)
        self.neurons = LIF(params.neuron, configuration.registers, shape, initial=rest, shared_random=True)
        self._bias: Ints = configuration.memories["bias"]["bias"]
        self._upstream = Synapses(params, configuration, 0, params.axons)
        self._own = Synapses(params, configuration, params.axons, params.rows) if params.recurrent else None
        self._fed_back = np.zeros(shape, np.int64)
        fed_back = self._own.bound if self._own else 0
        self._beside_events = Interval(-fed_back, fed_back) + _span(self._bias)
        self._require_room(1)

    def tick(self, events: NDArray[np.bool_] | Ints) -> NDArray[np.bool_]:
        """One tick: how often each axon sent since the last, (samples, axons); who fires, (samples, neurons).

        Raises RangeError where an accumulator and its bias do not fit `current_width`.
        """
        self._require_room(int(events.max(initial=0)))
        fired = self.neurons.step(self._upstream.deliver(events) + self._fed_back + self._bias)
        if self._own is not None:
            self._fed_back = self._own.deliver(fired)
        return fired

    def _require_room(self, times: int) -> None:
        """Raises RangeError where a current could leave int64 if every axon sent that often in a tick."""
        most = times * self._upstream.bound
        (Interval(-most, most) + self._beside_events).require_int64("accumulator + bias")

    def keep(self, samples: int) -> None:
        """Drops all but the first `samples` samples."""
        self.neurons.membrane = self.neurons.membrane[:samples]
        self.neurons.refractory = self.neurons.refractory[:samples]
        self._fed_back = self._fed_back[:samples]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `fabric.tile`: output events for input events of any order and length."""
    port = outputs(params)["output"]
    return {"output": run_events(partial(Tile, params, configuration), params, inputs["input"], port)}


def product(events: NDArray[np.bool_] | Ints, matrix: NDArray[np.floating]) -> Ints:
    """events @ matrix in the matrix's precision, rounded to int64."""
    rows = MULTIPLIED_AT_ONCE // max(1, matrix.size)
    if rows < 4:
        rows = len(events)
    product = np.empty((len(events), matrix.shape[1]), np.int64)
    for first in range(0, len(events), rows):
        product[first : first + rows] = events[first : first + rows].astype(matrix.dtype) @ matrix
    return product


def _exact(dtype: np.dtype[np.floating]) -> int:
    """Largest n for which every integer −n … n is exact in a floating-point type."""
    return 1 << (np.finfo(dtype).nmant + 1)


def _extent(mask: NDArray[np.bool_]) -> slice:
    """The slice from the first to the last true element."""
    found = np.flatnonzero(mask)
    return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0, 0)


def _span(values: Ints) -> Interval:
    return Interval(int(values.min()), int(values.max()))
