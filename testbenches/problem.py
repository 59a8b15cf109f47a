"""What is wrong, and which kind of check found it."""

from __future__ import annotations

from enum import StrEnum


class Detector(StrEnum):
    """The kinds of checks that every level's runs go through."""

    SCOREBOARD = "scoreboard"
    """A transaction is not the expected one, one is missing, or there is one too many."""
    RESET = "reset"
    """After a reset in mid-stream the outputs are not those of a core that starts anew."""
    PROTOCOL = "protocol"
    """Valid drops, or the payload changes, before a transaction is accepted."""
    ASSERTION = "assertion"
    """An assertion in the design itself fails."""
    TIMING = "timing"
    """Latency or interval is not the promised one."""
    TIMEOUT = "timeout"
    """Nothing happens any more, or no end is in sight."""
    UNKNOWN = "unknown"
    """An output has no defined value: X, on a simulator that knows it."""
    HANDSHAKES = "handshakes"
    """A combination of valid and ready that must occur did not."""
    UNMOVED = "unmoved"
    """An output never changes, so that its comparison says nothing."""
    PROOF = "proof"
    """A claim of a proof does not hold."""
    MUTATION = "mutation"
    """Mutants that differ survive the bench, or a proof catches none."""
    TOOL = "tool"
    """The simulation itself broke off: the design was not judged."""


class Problem(str):
    """A sentence that says what is wrong; `detector` is the kind of check that found it."""

    __slots__ = ("detector",)

    detector: Detector

    def __new__(cls, detector: Detector, sentence: str) -> Problem:
        """A problem that this kind of check has found."""
        problem = super().__new__(cls, sentence)
        problem.detector = detector
        return problem

    def __reduce__(self) -> tuple[type[Problem], tuple[Detector, str]]:
        """So that it can be pickled and copied."""
        return Problem, (self.detector, str(self))

    def within(self, where: str) -> Problem:
        """The same problem, said of a part: `where: sentence`."""
        return Problem(self.detector, f"{where}: {self}")
