"""A regression case: one run of a core that once went wrong, small and complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from spikelock.models.core import Configuration, Core, run_reference
from spikelock.models.errors import BadInput
from spikelock.models.ports import Records
from spikelock.testbenches.lockstep import NONE, Job, Stall
from spikelock.testbenches.problem import Detector, Problem

MOST_CYCLES = 1_000_000
"""After so many, and some more where there are many transactions, a case is given up."""


@dataclass(frozen=True)
class Found:
    """How a case was found: by which detector, at which level, what it said; and from where the case came.

    origin: a sentence, such as "random stimulus: case default, seed 0, size 300, stalls light".
    """

    detector: Detector
    level: str
    says: str
    origin: str

    @classmethod
    def by(cls, problem: Problem, level: str, origin: str) -> Found:
        """What a problem at a level says."""
        return cls(problem.detector, level, str(problem), origin)


@dataclass(frozen=True, eq=False)
class RegressionCase:
    """A core, what is set in it, what is sent to it and when, and how that was once found to go wrong.

    registers, memories: those that differ from their values after reset. job: inputs, stalls by stream, seed,
    resets, reset_length and drain count; what is expected always comes from the reference.
    """

    core: Core
    params: Any
    job: Job
    found: Found
    registers: Mapping[str, int] = field(default_factory=dict)
    memories: Mapping[str, Records] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inputs, outputs = self.core.inputs(self.params), self.core.outputs(self.params)
        stalls = {name: self.job.stall_of(name) for name in (*inputs, *outputs)}
        job = Job(
            {
                name: self.job.inputs.get(name, port.records(*[[]] * len(port.fields)))
                for name, port in inputs.items()
            },
            stalls={name: stall for name, stall in stalls.items() if stall != NONE},
            seed=self.job.seed,
            resets=tuple(sorted(set(self.job.resets))),
            reset_length=self.job.reset_length,
            drain=self.job.drain,
            stamps=True,
        )
        usual = {name: register.reset for name, register in self.core.registers(self.params).items()}
        changed = {name: int(value) for name, value in self.registers.items() if value != usual.get(name)}
        object.__setattr__(self, "job", job)
        object.__setattr__(self, "registers", changed)

    @property
    def stalls(self) -> Mapping[str, Stall]:
        """The streams that are stalled, and how."""
        return {} if isinstance(self.job.stalls, Stall) else self.job.stalls

    @property
    def configuration(self) -> Configuration:
        """Registers and memories in full. Raises BadInput where one is unknown or does not fit."""
        return self.core.configuration(self.params, self.registers, self.memories)

    @property
    def steps(self) -> int:
        """Transactions of each input stream: all have equally many."""
        return max(map(len, self.job.inputs.values()), default=0)

    @property
    def transactions(self) -> int:
        """Input transactions of all streams."""
        return sum(map(len, self.job.inputs.values()))

    def without_cycles(self) -> RegressionCase:
        """The same inputs for software, which cannot be stalled or reset in mid-stream."""
        return replace(self, job=Job(self.job.inputs))

    def expecting(self) -> Job:
        """The job, with the outputs that the reference gives. Raises BadInput where it refuses the inputs.

        With resets, or where nothing is to come out, the outputs are judged after the run.
        """
        try:
            _, expected = run_reference(self.core, self.params, self.configuration, self.job.inputs)
        except Exception as error:  # memories and inputs from a file may be anything
            raise BadInput(f"the reference of {self.core.name} refuses this case: {error!r}") from error
        listed = [*self.job.resets, *(cycle for stall in self.stalls.values() for cycle in stall.cycles)]
        limit = MOST_CYCLES + max(listed, default=0) + 100 * self.transactions
        if self.job.resets:
            return replace(self.job, limit=limit)
        if not any(map(len, expected.values())):
            return replace(self.job, counts=dict.fromkeys(expected, 0), limit=limit)
        return replace(self.job, expected=expected, limit=limit)

    @property
    def size(self) -> str:
        """For people, such as "2 transactions, 1 reset, 3 stalled cycles"."""
        listed = sum(len(stall.cycles) for stall in self.stalls.values())
        parts = [_number(self.transactions, "transaction")]
        parts += [_number(len(self.job.resets), "reset")] if self.job.resets else []
        parts += [_number(listed, "stalled cycle")] if listed else []
        parts += ["random stalls"] if any(stall.begin for stall in self.stalls.values()) else []
        return ", ".join(parts)

    def __str__(self) -> str:
        return (
            f"{self.core.name}, {self.size}: {self.found.detector} at {self.found.level}: {self.found.says}"
        )


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
