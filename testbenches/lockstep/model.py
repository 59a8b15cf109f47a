"""One simulated instance of a built model: arrays of transactions in, arrays of transactions out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.ports import Records

from .builds import Built
from .job import Job
from .layouts import ClockState, Status, open_library
from .response import Response, problems_of
from .run import Run, check_names

SLICE = 1 << 20
"""Cycles of one call into the library: how long Ctrl-C may have to wait."""


@dataclass(frozen=True)
class Clock:
    """Rising edges at `phase`, `phase + period`, …, in a unit of time common to all clocks of a model."""

    period: int
    phase: int = 0

    def __post_init__(self) -> None:
        if self.period < 1 or self.phase < 0:
            raise BadInput(
                f"{self}: a period is 1 or more, a phase 0 or more; Clock(2) and Clock(3, phase=1) work"
            )

    def time(self, edge: int) -> int:
        """Of a rising edge; the first has number 0."""
        return self.phase + self.period * edge


class Model:
    """A simulated instance. Its state lives on from run to run; it starts after a reset of two cycles.

    Close it, or use it as a context manager.
    clocks: period and phase of each clock domain; Clock(1) where not given.
    seed: of the random values with which whatever has no initial value starts.
    """

    def __init__(self, built: Built, *, clocks: Mapping[str, Clock] | None = None, seed: int = 0) -> None:
        self.built = built
        self._unset = {name for name, port in built.inputs.items() if port.kind == "level"}
        self._broken = ""
        self._clocks = (ClockState * len(built.clocks))()
        check_names("clock", clocks or {}, built.clocks)
        for state, name in zip(self._clocks, built.clocks, strict=True):
            clock = (clocks or {}).get(name, Clock(1))
            state.period, state.next = clock.period, clock.phase
        self._library = open_library(built.library)
        self._handle: int | None = self._library.lockstep_open(seed)
        self.reset()

    def __enter__(self) -> Model:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Frees the instance."""
        if self._handle is not None:
            self._library.lockstep_close(self._handle)
            self._handle = None

    def reset(self, cycles: int = 2) -> None:
        """Holds every reset high for so many cycles of each clock."""
        self._respond(Job(resets=(0,), reset_length=cycles, drain=cycles))

    def run(self, job: Job) -> Response:
        """Runs a job from where the model is.

        Raises BadInput where the job does not fit the design or leaves a level input without a value,
        RangeError where a value does not fit its field, SpikelockError where an earlier run broke the model.
        """
        if unset := self._unset - set(job.levels):
            raise BadInput(
                f"level inputs that have no value yet: {', '.join(sorted(unset))}; give them in Job.levels"
            )
        return self._respond(job)

    def start_wave(self, file: Path) -> None:
        """Writes every signal of the following runs to a file; needs a model built with `waves`."""
        if self.built.waves is None:
            raise BadInput('the model was built without waves: build(…, waves="vcd")')
        self._library.lockstep_start_wave(self._live(), _writable(file))

    def stop_wave(self) -> None:
        """Completes the wave file."""
        self._library.lockstep_stop_wave(self._live())

    def write_coverage(self, file: Path) -> None:
        """Writes what has been covered since the instance was made; needs a model built with `coverage`."""
        if not self.built.coverage:
            raise BadInput("the model was built without coverage: build(…, coverage=True)")
        self._library.lockstep_write_coverage(self._live(), _writable(file))

    def _respond(self, job: Job) -> Response:
        if self._broken:
            raise SpikelockError(f"the model is {self._broken}; make a new one")
        run = Run(self.built, job, self._clocks)
        self._library.lockstep_bind(self._live(), *run.pointers())
        status = self._advance(run)
        if status is Status.ABORTED:
            self._broken = f"broken: {self._library.lockstep_message(self._handle).decode()}"
        self._unset -= set(job.levels)
        return Response(
            outputs={name: sink.records for name, sink in run.sinks.items()},
            accepted=run.accepted(),
            cycles=run.state.cycles,
            finished=status is Status.DONE,
            divergences=run.divergences(status),
            problems=tuple(problems_of(run, status, self._broken)),
            reset_marks=run.reset_marks(),
            final=self._final_levels(run),
            levels={name: sink.records for name, sink in run.watch_sinks.items()},
            accepted_at=run.accepted_at(),
            produced_at={name: sink.stamps for name, sink in run.sinks.items()},
        )

    def _live(self) -> int:
        if self._handle is None:
            raise SpikelockError("the model is closed; make a new one")
        return self._handle

    def _advance(self, run: Run) -> Status:
        limit = run.limit
        while run.state.cycles < limit:
            cycles = min(SLICE, limit - run.state.cycles)
            status = Status(self._library.lockstep_advance(self._handle, cycles))
            if status is Status.OUT_OF_RANGE:
                run.raise_range_error()
            if status > Status.FULL:
                return status
            run.make_room()
        return Status.RUNNING

    def _final_levels(self, run: Run) -> dict[str, Records]:
        final = {}
        for index, (name, port) in enumerate(run.watched_ports.items()):
            final[name] = np.zeros(1, port.dtype)
            self._library.lockstep_read_level(self._handle, index, final[name].ctypes.data)
        return final


def _writable(file: Path) -> bytes:
    """The name of a file for the library, which has no good way to say that it cannot write there."""
    try:
        file.open("wb").close()
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}") from error
    return os.fsencode(file)
