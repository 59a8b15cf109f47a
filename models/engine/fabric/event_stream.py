"""From an event stream to samples that take their ticks together, and back: what tiles of any kind share.

A *sample* is the part of an event stream from one RESTART to the next. Samples do not depend on each other,
so all of them can take a tick at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.ports import Port, Records

CELLS_AT_ONCE = 1 << 24
"""Addresses × samples of one batch, which bounds the memory of a run."""


class Sizes(Protocol):
    """Params of a tile, as far as events are concerned."""

    @property
    def axons(self) -> int:
        """Upstream addresses."""
        ...

    @property
    def neurons(self) -> int:
        """Neurons of the tile, whose addresses follow."""
        ...


class Population(Protocol):
    """The neurons of a tile, for a number of samples at once, all right after RESTART."""

    def tick(self, events: Ints) -> NDArray[np.bool_]:
        """How often each axon sent since the last tick (samples, axons); who fires (samples, neurons)."""
        ...

    def keep(self, samples: int) -> None:
        """Drops all but the first `samples` samples."""
        ...


def run_events(make: Callable[[int], Population], sizes: Sizes, events: Records, port: Port) -> Records:
    """Output events of a tile, by the port they leave through, for input events of any order and length.

    make: the population for a number of samples.
    """
    is_tick = events["kind"] == Kind.TICK
    fired = _fired_at_ticks(make, sizes, events)

    size = np.ones(len(events), np.int64)
    size[is_tick] += np.bincount(fired.mark, minlength=np.count_nonzero(is_tick))
    passed_on = np.cumsum(size) - 1
    out = np.zeros(int(size.sum()), port.dtype)
    own = np.ones(len(out), np.bool_)
    own[passed_on] = False
    out["kind"][own] = Kind.SPIKE
    out["address"][own] = sizes.axons + fired.neuron

    unknown = (events["kind"] == Kind.SPIKE) & (events["address"] >= sizes.axons)
    is_mark = is_tick | (events["kind"] == Kind.RESTART)
    out["kind"][passed_on] = np.where(unknown, Kind.FAULT, events["kind"])
    out["address"][passed_on] = np.where(is_mark, 0, events["address"])
    return out


@dataclass(frozen=True)
class _Fired:
    """Spikes of a run, sorted: number of the TICK in the stream, and the neuron."""

    mark: Ints
    neuron: Ints


def _fired_at_ticks(make: Callable[[int], Population], sizes: Sizes, events: Records) -> _Fired:
    """Cuts the stream into samples, runs them in batches, longest first; the spikes in stream order."""
    kind, address = events["kind"], events["address"]
    sample = np.cumsum(kind == Kind.RESTART)  # what precedes the first RESTART is sample 0
    ticks_before = np.cumsum(kind == Kind.TICK)
    ticks = np.bincount(sample[kind == Kind.TICK], minlength=int(sample[-1]) + 1 if len(sample) else 1)
    first_mark = np.cumsum(ticks) - ticks
    tick = ticks_before - first_mark[sample]
    counts = (kind == Kind.SPIKE) & (address < sizes.axons) & (tick < ticks[sample])
    sample, tick, address = sample[counts], tick[counts], address[counts]

    longest_first = np.argsort(-ticks, kind="stable")
    place = np.argsort(longest_first)
    batch = max(1, CELLS_AT_ONCE // (sizes.axons + sizes.neurons))
    parts = [_Fired(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for start in range(0, len(ticks), batch):
        samples = longest_first[start : start + batch]
        here = (place[sample] >= start) & (place[sample] < start + batch)
        arrived = _Arrivals(place[sample[here]] - start, tick[here], address[here], sizes.axons)
        for row, at, neuron in _run_batch(make(len(samples)), arrived, ticks[samples]):
            parts.append(_Fired(first_mark[samples[row]] + at, neuron))
    mark = np.concatenate([part.mark for part in parts])
    neuron = np.concatenate([part.neuron for part in parts])
    order = np.argsort(mark, kind="stable")  # within a tick, neurons came in index order already
    return _Fired(mark[order], neuron[order])


class _Arrivals:
    """Events of a batch, found by the tick they count for."""

    def __init__(self, row: Ints, tick: Ints, address: Ints, axons: int) -> None:
        order = np.argsort(tick, kind="stable")
        self._tick, self._cell, self._axons = tick[order], (row * axons + address)[order], axons

    def counts(self, tick: int, rows: int) -> Ints:
        """How often each axon of each row sent before this tick: shape (rows, axons)."""
        first, last = np.searchsorted(self._tick, (tick, tick + 1))
        cells = self._cell[first:last]
        return np.bincount(cells, minlength=rows * self._axons).reshape(rows, self._axons)


def _run_batch(population: Population, arrived: _Arrivals, ticks: Ints) -> Iterator[tuple[Ints, int, Ints]]:
    """Runs samples sorted by falling number of ticks; yields who fired at each tick: rows, tick, neurons."""
    for tick in range(int(ticks[0])):
        active = int(np.searchsorted(-ticks, -tick))
        population.keep(active)
        row, neuron = np.nonzero(population.tick(arrived.counts(tick, active)))
        yield row, tick, neuron
