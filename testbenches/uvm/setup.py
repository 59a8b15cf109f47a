"""What all components of a run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spikelock.testbenches.lockstep.job import Job
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.uvm.assignment import Assignment
from spikelock.testbenches.uvm.clocking import Clocking


@dataclass(frozen=True)
class Setup:
    """The design, the job that is played on it, and the problems that components find.

    It is in the configuration database as "setup".
    """

    dut: Any
    assignment: Assignment
    job: Job
    clocking: Clocking
    problems: list[Problem] = field(default_factory=list)

    def report(self, detector: Detector, sentence: str) -> None:
        """Adds what a check has found."""
        self.problems.append(Problem(detector, sentence))
