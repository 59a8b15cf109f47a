"""What a run leaves behind: every spike of every sample, in a defined order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Layout, Port, Records
from spikelock.models.fixed import unsigned

SPIKE = Layout({"sample": unsigned(32), "tick": unsigned(32), "address": unsigned(32)})
"""One spike of a trace."""


@dataclass(frozen=True)
class Trace:
    """All spikes of a run, inputs included, in the order (sample, tick, address).

    spikes: records of `SPIKE`. samples, ticks, addresses: the shape of the run.
    """

    spikes: Records
    samples: int
    ticks: int
    addresses: int

    @staticmethod
    def of_raster(raster: NDArray[Any]) -> Trace:
        """From a boolean array of shape (samples, ticks, addresses)."""
        sample, tick, address = np.nonzero(raster)
        return Trace(SPIKE.records(sample, tick, address), *raster.shape)

    def raster(self) -> NDArray[np.bool_]:
        """Boolean array of shape (samples, ticks, addresses)."""
        out = np.zeros((self.samples, self.ticks, self.addresses), np.bool_)
        out[self.spikes["sample"], self.spikes["tick"], self.spikes["address"]] = True
        return out


def events_of_raster(raster: NDArray[Any], port: Port) -> Records:
    """The event stream of a batch: for each sample RESTART, then for each tick its spikes by address and a TICK.

    Shape of raster: (samples, ticks, addresses), boolean.
    """
    samples, ticks, addresses = raster.shape
    # One more "tick" before and one more "address" behind make room for the marks, in the right order.
    grid = np.zeros((samples, ticks + 1, addresses + 1), np.bool_)
    grid[:, 1:, :addresses] = raster
    grid[:, :, addresses] = True
    _, tick, address = np.nonzero(grid)
    mark = address == addresses
    kind = np.where(mark, np.where(tick == 0, Kind.RESTART, Kind.TICK), Kind.SPIKE)
    return port.records(kind, np.where(mark, 0, address))


def trace_of_events(events: Records, samples: int, ticks: int, addresses: int) -> Trace:
    """Inverse of `events_of_raster`, for a stream in any state: the order of events is kept as it came.

    Raises BadInput where the stream holds FAULT events or other marks than RESTART and `ticks` TICKs a sample.
    """
    kind, address = events["kind"], events["address"]
    fault = kind == Kind.FAULT
    if fault.any():
        raise BadInput(f"FAULT at event {int(np.argmax(fault))}: address {address[fault][0]} has no upstream source")
    marks = kind[kind != Kind.SPIKE]
    whole = np.tile(np.array([Kind.RESTART, *[Kind.TICK] * ticks]), samples)
    if not np.array_equal(marks, whole):
        raise BadInput(
            f"{np.sum(marks == Kind.RESTART)} RESTART and {np.sum(marks == Kind.TICK)} TICK marks came, or out of "
            f"order; {samples} samples of {ticks} ticks need {samples} and {samples * ticks}"
        )
    sample = np.cumsum(kind == Kind.RESTART) - 1
    ticks_before = np.cumsum(kind == Kind.TICK)
    tick = ticks_before - sample * ticks
    spike = kind == Kind.SPIKE
    return Trace(SPIKE.records(sample[spike], tick[spike], address[spike]), samples, ticks, addresses)
