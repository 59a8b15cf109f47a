"""What a run of a network leaves behind: the event stream of its last port, as it came.

A healthy stream is, for each sample, RESTART and then for each tick the spikes by address and TICK. A trace
never repairs one that is not: a lost mark, a repeated or displaced event stays where it is, so that a
comparison finds it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fabric.tile import Kind, event
from spikelock.models.files import written_whole
from spikelock.models.fixed import Ints
from spikelock.models.network.program import Program
from spikelock.models.ports import Port, Records

VERSION = 1
"""Of the file that `Trace.save` writes."""


@dataclass(frozen=True, eq=False)
class Trace:
    """The events of a run.

    events: records (kind, address) of the event port over `addresses` addresses. samples, ticks: the size of
    the run that was asked for. membranes: by population, membrane potentials after each tick, (samples,
    ticks, neurons), where the level was asked to probe them.
    """

    events: Records
    samples: int
    ticks: int
    addresses: int
    membranes: Mapping[str, Ints] = field(default_factory=dict)

    @staticmethod
    def of_raster(raster: NDArray[np.bool_], membranes: Mapping[str, Ints] | None = None) -> Trace:
        """From who spiked when, inputs included: shape (samples, ticks, addresses)."""
        samples, ticks, addresses = raster.shape
        return Trace(events_of_raster(raster, event(addresses)), samples, ticks, addresses, membranes or {})

    def raster(self) -> NDArray[np.bool_]:
        """Who spiked when, inputs included: shape (samples, ticks, addresses).

        Raises BadInput where the stream is not what a raster can hold, naming the first event that is out of
        place.
        """
        sample, tick = self.positions()
        kind, address = self.events["kind"], self.events["address"]
        spike = kind == Kind.SPIKE
        lost = (sample < 0) | (sample >= self.samples) | (tick >= self.ticks) | (address >= self.addresses)
        out = np.zeros((self.samples, self.ticks, self.addresses), np.bool_)
        placed = spike & ~lost
        out[sample[placed], tick[placed], address[placed]] = True
        healthy = events_of_raster(out, event(self.addresses))
        common = min(len(healthy), len(self.events))
        differs = healthy[:common] != self.events[:common]
        if differs.any() or len(healthy) != len(self.events):
            index = int(np.argmax(differs)) if differs.any() else common
            raise BadInput(
                f"event {index} of {len(self.events)} is out of place: a raster needs RESTART, then "
                f"{self.ticks} times spikes by address and TICK, for each of {self.samples} samples; compare "
                "the streams instead"
            )
        return out

    def positions(self) -> tuple[Ints, Ints]:
        """Sample and tick of every event, by the marks that came.

        A sample begins with its RESTART, a tick ends with its TICK; what precedes the first RESTART is in
        sample −1.
        """
        kind = self.events["kind"]
        restarts = np.cumsum(kind == Kind.RESTART)
        before = np.cumsum(kind == Kind.TICK) - (kind == Kind.TICK)
        at_restart = np.concatenate(([0], before[kind == Kind.RESTART]))
        return restarts - 1, before - at_restart[restarts]

    def position(self, index: int) -> tuple[int, int]:
        """Sample and tick of the event at `index`; one past the end is where the next event would be."""
        kind = self.events["kind"][: index + 1]
        restart = np.flatnonzero(kind == Kind.RESTART)
        start = int(restart[-1]) if len(restart) else 0
        return len(restart) - 1, int(np.count_nonzero(self.events["kind"][start:index] == Kind.TICK))

    def counts(self) -> Ints:
        """Spikes of every address in every sample: shape (samples, addresses).

        Raises BadInput as `raster` does.
        """
        counts: Ints = self.raster().sum(axis=1, dtype=np.int64)
        return counts

    def output_counts(self, program: Program) -> Ints:
        """Spikes of the program's output population: shape (samples, neurons).

        Raises BadInput as `raster` does.
        """
        output = next(p.params for p in program.populations if p.name == program.output)
        return self.counts()[:, output.axons : output.axons + output.neurons]

    def first(self, samples: int) -> Trace:
        """The first samples alone; all of it, where it has no more."""
        if samples >= self.samples:
            return self
        events = self.events[self.positions()[0] < samples]
        membranes = {name: values[:samples] for name, values in self.membranes.items()}
        return Trace(events, samples, self.ticks, self.addresses, membranes)

    def summary(self) -> dict[str, Any]:
        """The size of the run, and how many events of each kind came, as JSON-able values."""
        counts = np.bincount(self.events["kind"], minlength=len(Kind)).tolist()
        return {
            "samples": self.samples,
            "ticks": self.ticks,
            "addresses": self.addresses,
            "events": {kind.name: counts[kind] for kind in Kind},
        }

    def save(self, path: Path) -> None:
        """Writes one .npz file, or nothing. Raises BadInput where it cannot be written."""
        arrays = {
            "version": np.array(VERSION),
            "shape": np.array([self.samples, self.ticks, self.addresses]),
            "kind": self.events["kind"].astype(np.uint8),
            "address": self.events["address"],
            **{f"membrane/{name}": values for name, values in self.membranes.items()},
        }
        with written_whole(path) as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    @staticmethod
    def load(path: Path) -> Trace:
        """Reads what `save` wrote. Raises BadInput for any other file."""
        try:
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            version, (samples, ticks, addresses) = int(arrays["version"]), arrays["shape"].tolist()
            events = event(addresses).records(arrays["kind"], arrays["address"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise BadInput(f"{path} is not a trace: {error}; `Trace.save` writes one") from error
        if version != VERSION:
            raise BadInput(f"{path} is a trace of version {version}; this program reads version {VERSION}")
        membranes = {n.removeprefix("membrane/"): a for n, a in arrays.items() if n.startswith("membrane/")}
        return Trace(events, samples, ticks, addresses, membranes)


def concatenate(parts: Sequence[Trace]) -> Trace:
    """One trace of several, sample after sample. Raises BadInput where ticks, addresses or probes differ."""
    first = parts[0] if parts else None
    if first is None or any(
        (p.ticks, p.addresses, p.membranes.keys()) != (first.ticks, first.addresses, first.membranes.keys())
        for p in parts
    ):
        raise BadInput(
            f"{len(parts)} traces cannot be joined: at least one, all of equal ticks, addresses and probes"
        )
    return Trace(
        np.concatenate([part.events for part in parts]),
        sum(part.samples for part in parts),
        first.ticks,
        first.addresses,
        {name: np.concatenate([part.membranes[name] for part in parts]) for name in first.membranes},
    )


def events_of_raster(raster: NDArray[np.bool_], port: Port) -> Records:
    """The event stream of a batch: by sample RESTART, then by tick its spikes by address and TICK.

    Shape of raster: (samples, ticks, addresses).
    """
    samples, ticks, addresses = raster.shape
    # One more "tick" before and one more "address" behind make room for the marks, in the right order.
    grid = np.zeros((samples, ticks + 1, addresses + 1), np.bool_)
    grid[:, 1:, :addresses] = raster
    grid[:, :, addresses] = True
    row, address = np.divmod(np.flatnonzero(grid), addresses + 1)
    mark = address == addresses
    kind = np.where(mark, np.where(row % (ticks + 1) == 0, Kind.RESTART, Kind.TICK), Kind.SPIKE)
    return port.records(kind, np.where(mark, 0, address))


def check_input(program: Program, spikes: NDArray[Any]) -> tuple[int, int]:
    """Samples and ticks of the input of a run. Raises BadInput for any other shape or dtype."""
    if spikes.dtype != np.bool_ or spikes.ndim != 3 or spikes.shape[2] != program.inputs or 0 in spikes.shape:
        raise BadInput(
            f"input spikes have dtype {spikes.dtype} and shape {spikes.shape}; needed: bool, (samples, "
            f"ticks, {program.inputs}), at least one sample and one tick"
        )
    return spikes.shape[0], spikes.shape[1]
