"""One run in progress: a job laid out in the arrays and structs that the shim works on."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.compare import Divergence, first_divergence
from spikelock.models.errors import BadInput
from spikelock.models.ports import Port, Records

from .builds import Built
from .job import Job, Values
from .layouts import ClockState, InputState, LevelState, OutputState, RunState, Sink, StallState, Status
from .response import ResetMark
from .stalls import Stall, port_seed


class Run:
    """Buffers of one run. They must outlive the calls into the library that fill them.

    Raises BadInput where the job names what the design does not have, gives records of another type, or
    expects nothing.
    """

    def __init__(self, built: Built, job: Job, clocks: ctypes.Array[ClockState]) -> None:
        self.job = job
        self.input_ports, self.level_ports = _by_kind(built.inputs)
        self.output_ports, self.watched_ports = _by_kind(built.outputs)
        check_names("input stream", job.inputs, self.input_ports)
        check_names("output stream", [*job.expected, *job.counts], self.output_ports)
        check_names("level input", job.levels, self.level_ports)
        if not isinstance(job.stalls, Stall):
            check_names("stream", job.stalls, [*self.input_ports, *self.output_ports])

        self.given = {n: records_of(n, p, job.inputs.get(n)) for n, p in self.input_ports.items()}
        self.expected = {n: records_of(n, self.output_ports[n], r) for n, r in job.expected.items()}
        if self.expected and not any(map(len, self.expected.values())):
            raise BadInput("nothing to compare: all expected streams are empty; say so by Job.counts instead")
        if both := job.expected.keys() & job.counts:
            raise BadInput(f"Job.expected and Job.counts both name {', '.join(sorted(both))}; one will do")
        self.needed = {n: len(r) for n, r in self.expected.items()} | dict(job.counts)
        self.levels = {n: level_records(n, self.level_ports[n], v) for n, v in job.levels.items()}

        self._stamps = {n: np.empty(len(r) if job.stamps else 0, np.uint64) for n, r in self.given.items()}
        self._stall_cycles: dict[str, NDArray[np.uint64]] = {}
        self._inputs = (InputState * len(self.input_ports))(*map(self._input, self.input_ports))
        self._outputs = (OutputState * len(self.output_ports))(*map(self._output, self.output_ports))
        self._watched = (OutputState * len(self.watched_ports))()
        self._levels = (LevelState * len(self.level_ports))(*map(self._level, self.level_ports))
        self._clocks = clocks
        for clock in clocks:
            clock.cycle = 0

        most = max([len(r) for r in self.given.values()], default=0)
        self.sinks = {
            name: Sink(state, port, self.needed.get(name, most) + 4096, job.stamps, self.expected.get(name))
            for (name, port), state in zip(self.output_ports.items(), self._outputs, strict=True)
        }
        self.watch_sinks = {
            name: Sink(state, port, 4096, stamps=False)
            for (name, port), state in zip(self.watched_ports.items(), self._watched, strict=True)
            if job.watch
        }
        self._resets = np.array(sorted(set(job.resets)), np.uint64)
        self._marks = np.zeros((len(self._resets), len(self._inputs) + len(self._outputs)), np.uint64)
        self.state = RunState(
            remaining=sum(map(len, self.given.values())) + sum(self.needed.values()),
            counted=bool(self.needed),
            drain=job.drain,
            patience=job.patience,
            stop_at_mismatch=job.stop_at_mismatch,
            resets=self._resets.ctypes.data,
            marks=self._marks.ctypes.data,
            reset_count=len(self._resets),
            reset_length=job.reset_length,
        )

    @property
    def limit(self) -> int:
        """Cycles after which the run is given up."""
        return 20_000_000 + 100 * self.state.remaining if self.job.limit is None else self.job.limit

    def pointers(self) -> list[Any]:
        """Arguments of the library's `bind`."""
        arrays = (self._inputs, self._outputs, self._levels, self._watched, self._clocks)
        return [ctypes.addressof(array) for array in (*arrays, self.state)]

    def make_room(self) -> None:
        """Enlarges the buffers that are full."""
        for sink in (*self.sinks.values(), *self.watch_sinks.values()):
            sink.make_room()

    def accepted(self) -> dict[str, int]:
        """Transactions taken so far, by input stream."""
        return {name: state.accepted for name, state in zip(self.input_ports, self._inputs, strict=True)}

    def offered(self) -> set[str]:
        """Input streams whose valid is high and waits for ready."""
        return {name for name, state in zip(self.input_ports, self._inputs, strict=True) if state.offered}

    def divergences(self, status: Status) -> dict[str, Divergence]:
        """Where output streams part from what was expected. A run stopped at a mismatch owes nothing more."""
        found = {}
        for name, expected in self.expected.items():
            index, got = self.sinks[name].state.matched, self.sinks[name].records
            if len(got) > index or (len(expected) > index and status is not Status.MISMATCH):
                at = slice(index, index + 1)
                if divergence := first_divergence(expected[at], got[at]):
                    found[name] = replace(divergence, index=index)
        return found

    def accepted_at(self) -> dict[str, NDArray[Any]]:
        """Cycle of each input transaction."""
        return {name: self._stamps[name][:count] for name, count in self.accepted().items()}

    def reset_marks(self) -> tuple[ResetMark, ...]:
        """The resets that took place."""
        marks = []
        for cycle, counts in zip(
            self._resets[: self.state.resets_done].tolist(), self._marks.tolist(), strict=False
        ):
            accepted, produced = counts[: len(self._inputs)], counts[len(self._inputs) :]
            marks.append(
                ResetMark(
                    cycle,
                    dict(zip(self.input_ports, accepted, strict=True)),
                    dict(zip(self.output_ports, produced, strict=True)),
                )
            )
        return tuple(marks)

    def raise_range_error(self) -> None:
        """Names the value that the shim refused to drive."""
        for name, records in (*self.given.items(), *self.levels.items()):
            port = (self.input_ports | self.level_ports)[name]
            port.records(**{field: records[field] for field in port.fields})

    def port_name(self) -> str:
        """The output stream that the shim's status is about."""
        return list(self.output_ports)[self.state.port]

    def _input(self, name: str) -> InputState:
        records = self.given[name]
        return InputState(
            records=records.ctypes.data,
            stamps=self._stamps[name].ctypes.data if self.job.stamps else None,
            count=len(records),
            stall=self._stall(name),
        )

    def _output(self, name: str) -> OutputState:
        expected = self.expected.get(name)
        return OutputState(
            expected=None if expected is None else expected.ctypes.data,
            expected_count=0 if expected is None else len(expected),
            comparing=expected is not None,
            needed=self.needed.get(name, 0),
            stall=self._stall(name),
        )

    def _level(self, name: str) -> LevelState:
        records = self.levels.get(name)
        return LevelState() if records is None else LevelState(records.ctypes.data, len(records))

    def _stall(self, name: str) -> StallState:
        stall = self.job.stall_of(name)
        begin, end = stall.thresholds
        cycles = self._stall_cycles[name] = np.array(stall.cycles, np.uint64)
        return StallState(
            begin, end, stall.after_valid, port_seed(self.job.seed, name), 0, cycles.ctypes.data, len(cycles)
        )


def _by_kind(ports: Mapping[str, Port]) -> tuple[dict[str, Port], dict[str, Port]]:
    """Streams, levels."""
    streams = {name: port for name, port in ports.items() if port.kind == "stream"}
    return streams, {name: port for name, port in ports.items() if port.kind == "level"}


def check_names(what: str, given: Collection[str], known: Collection[str]) -> None:
    """Raises BadInput where a name is not one of the known."""
    for name in given:
        if name not in known:
            raise BadInput(f"the design has no {what} {name!r}; it has: {', '.join(known) or 'none'}")


def records_of(name: str, port: Port, records: Records | None) -> Records:
    """Records of a port, contiguous. Raises BadInput where their type is not the port's."""
    if records is None:
        return np.empty(0, port.dtype)
    if records.dtype != port.dtype or records.ndim != 1:
        raise BadInput(
            f"{name}: records of shape {records.shape} and type {records.dtype} are given; "
            f"a one-dimensional array of {port.dtype} is needed (Port.records makes one)"
        )
    return np.ascontiguousarray(records)


def level_records(name: str, port: Port, values: Values) -> Records:
    """Values of a level as records. Raises BadInput for none, RangeError where one does not fit."""
    if isinstance(values, Mapping):
        values = port.records(**{field: [value] for field, value in values.items()})
    if not len(values):
        raise BadInput(f"{name}: no record is given; one that holds, or one a cycle, is needed")
    return records_of(name, port, values)
