"""What a run gives back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from spikelock.models.compare import Divergence
from spikelock.models.ports import Records
from spikelock.testbenches.problem import Detector, Problem

from .layouts import Status

if TYPE_CHECKING:
    from .run import Run


@dataclass(frozen=True)
class ResetMark:
    """Where a reset fell: its cycle, and how many transactions had passed each stream before it."""

    cycle: int
    accepted: Mapping[str, int]
    produced: Mapping[str, int]


@dataclass(frozen=True)
class Response:
    """What the model did in one run.

    outputs: every transaction of each output stream, extra ones included. accepted: input transactions taken.
    cycles: cycles of the first clock. finished: all inputs were taken, all wanted outputs came, and the run
    drained.
    divergences: for each stream that is not as expected, where it parts.
    problems: what is wrong, and the kind of check that found it; empty means the run is as it should be.
    final: level outputs (and probes) after the last cycle. levels: one record a cycle of their clock, if
    asked for.
    accepted_at, produced_at: the cycle of its port's clock at which each transaction passed, if asked for.
    """

    outputs: Mapping[str, Records]
    accepted: Mapping[str, int]
    cycles: int
    finished: bool
    divergences: Mapping[str, Divergence]
    problems: tuple[Problem, ...]
    reset_marks: tuple[ResetMark, ...]
    final: Mapping[str, Records]
    levels: Mapping[str, Records]
    accepted_at: Mapping[str, NDArray[Any]]
    produced_at: Mapping[str, NDArray[Any]]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def problems_of(run: Run, status: Status, broken: str) -> Iterator[Problem]:
    """What is wrong with a run."""
    cycles = run.state.cycles
    when = f"before it was accepted, at cycle {cycles - 1}"
    match status:
        case Status.RUNNING:
            yield Problem(Detector.TIMEOUT, f"gave up after {cycles} cycles, the limit of the run")
        case Status.HUNG:
            yield Problem(
                Detector.TIMEOUT, f"hung: no handshake in the last {run.state.quiet} of {cycles} cycles"
            )
        case Status.VALID_DROPPED:
            yield Problem(Detector.PROTOCOL, f"{run.port_name()}: valid dropped {when}")
        case Status.PAYLOAD_CHANGED:
            yield Problem(Detector.PROTOCOL, f"{run.port_name()}: the payload changed {when}")
        case Status.ABORTED:
            yield Problem(Detector.ASSERTION, broken)
        case _:
            pass

    for name, divergence in run.divergences(status).items():
        yield Problem(Detector.SCOREBOARD, f"{name}: {divergence}")
    for name, needed in run.needed.items():
        came = len(run.sinks[name].records)
        if came > needed or (came < needed and status is not Status.MISMATCH):
            yield Problem(Detector.SCOREBOARD, f"{name}: {came} transactions came; {needed} were expected")
    if status not in (Status.DONE, Status.MISMATCH):
        for name, count in run.accepted().items():
            if count < len(run.given[name]):
                state = (
                    "the next one waits for ready" if name in run.offered() else "the next one was held back"
                )
                taken = f"{count} of {len(run.given[name])} transactions were taken"
                yield Problem(Detector.TIMEOUT, f"{name}: {taken}; {state}")
