"""What a check of the self-test is, and how the list of them is run: in order, up to the first that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from spikelock.drivers.board import Board
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.network.program import Program


class Verdict(Enum):
    """Of one check."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_RUN = "NOT RUN"


class Failed(Exception):
    """The board does not do what the check demands; the message says what it does."""


class NotRun(Exception):
    """The check cannot be made here; the message says why."""


@dataclass
class Subject:
    """What is tested.

    open: connects to the board. board: once it is connected. program, spikes: of a network to be run, if one
    was given. seed: of all that is random. real_time: a virtual board is paced like a real one. clock: the
    host's, against which the board's is held, in seconds.
    """

    open: Callable[[], Board]
    program: Program | None = None
    spikes: NDArray[np.bool_] | None = None
    seed: int = 0
    real_time: bool = False
    board: Board | None = None
    clock: Callable[[], float] = time.monotonic

    @property
    def connected(self) -> Board:
        """The board. The check before all others has connected it."""
        assert self.board is not None
        return self.board


@dataclass(frozen=True)
class Check:
    """name: one word. demands: what a good board does. look: what to look at where it fails.

    run: gives, in a few words, what was tried; raises Failed, NotRun or any SpikelockError of the link.
    """

    name: str
    demands: str
    look: str
    run: Callable[[Subject], str]


@dataclass(frozen=True)
class Result:
    """text: what was tried, what is wrong, or why nothing was tried."""

    check: Check
    verdict: Verdict
    text: str
    seconds: float


def run_checks(checks: Sequence[Check], subject: Subject) -> Iterator[Result]:
    """Results as they come; after the first failure there are no more. Raises BadInput as the checks do."""
    for check in checks:
        started = time.monotonic()
        try:
            verdict, text = Verdict.PASSED, check.run(subject)
        except NotRun as reason:
            verdict, text = Verdict.NOT_RUN, str(reason)
        except BadInput:  # of whoever asked, not of the board
            raise
        except (Failed, SpikelockError) as error:
            verdict, text = Verdict.FAILED, str(error)
        yield Result(check, verdict, text, time.monotonic() - started)
        if verdict is Verdict.FAILED:
            return
