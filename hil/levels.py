"""A network on a board: the levels `virtual`, which brings its own, and `board`, which is told a URL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.drivers.board import ANSWER_IN, CYCLES_COUNTED, Board, open_board
from spikelock.drivers.lockstep import membranes
from spikelock.drivers.transports.faults import Faults
from spikelock.models.board.description import BoardParams
from spikelock.models.errors import BadInput, LinkError
from spikelock.models.fabric import chain
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, events_of_raster
from spikelock.models.ports import Records
from spikelock.testbenches.network import Level, LevelRun, Progress, Spikes, ignore_progress
from spikelock.testbenches.problem import Detector, Problem

from .in_process import SCHEMES
from .serving import Line, in_a_process
from .simulation import build_board

SAMPLES_AT_ONCE = 24
"""Of one run: progress is seen after each."""


class OnBoard:
    """The level `board`: a network on a board that is there already, at a URL."""

    def __init__(self, program: Program, *, url: str, name: str = "board", **options: Any) -> None:
        self.name = name
        self._program = program
        self._url = url
        (self._port,) = chain.inputs(program.params).values()

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        """See `Level`. Loads the program first. Raises BadInput for a board that cannot run it, LinkError."""
        samples, ticks = check_input(self._program, spikes)
        with self._reached() as url, open_board(url, SCHEMES) as board:
            board.load(self._program)
            start, cycles = time.perf_counter(), board.registers["cycles"]
            parts, problems = [], []
            for first in range(0, samples, SAMPLES_AT_ONCE):
                events = events_of_raster(spikes[first : first + SAMPLES_AT_ONCE], self._port)
                parts.append(board.run(events))
                progress(min(first + SAMPLES_AT_ONCE, samples))
                if missing := marks(events) - marks(parts[-1]):
                    what = f"samples from {first} on: {missing} marks did not come within {ANSWER_IN:g} s"
                    problems.append(Problem(Detector.TIMEOUT, what))
                    break
            cycles = (board.registers["cycles"] - cycles) % CYCLES_COUNTED
            seconds = time.perf_counter() - start
            problems += _dropped(board)
        trace = Trace(np.concatenate(parts), samples, ticks, self._program.addresses)
        return LevelRun(self.name, trace, tuple(problems), cycles, seconds)

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """Membrane potentials, read after every tick; the level `rtl` shows waves of the same hardware."""
        try:
            with self._reached() as url, open_board(url, SCHEMES) as board:
                parts = [membranes(board, self._program, sample, population) for sample in spikes]
        except LinkError:  # a board that does not come to rest shows nothing
            return None
        events, potentials = zip(*parts, strict=True)
        samples, ticks, _ = spikes.shape
        found = {population: np.stack(potentials)}
        return Trace(np.concatenate(events), samples, ticks, self._program.addresses, found)

    @contextmanager
    def _reached(self) -> Iterator[str]:
        yield self._url


class Virtual(OnBoard):
    """The level `virtual`: the whole top of a board for this program, in a process of its own.

    component: another top, such as one that was broken on purpose. line: how it is reached.
    """

    def __init__(
        self, program: Program, *, component: Any = None, line: Line | None = None, **options: Any
    ) -> None:
        super().__init__(program, url="", name="virtual")
        self._params = BoardParams(chain=program.params)
        self._component = component
        self._line = line or Line()

    @contextmanager
    def _reached(self) -> Iterator[str]:
        with in_a_process(build_board(self._params, self._component), self._line) as url:
            yield url


def levels(url: str | None, faults: Faults | None = None) -> Mapping[str, Callable[..., Level]]:
    """How to make these levels of a program.

    url: where the level `board` finds its board. faults: of the line to the board of the level `virtual`.
    """

    def board(program: Program, **options: Any) -> Level:
        if url is None:
            raise BadInput("the level board needs to know where: --url serial:/dev/ttyUSB1?baud=3000000")
        return OnBoard(program, url=url, **options)

    return {"virtual": partial(Virtual, line=Line(faults=faults)), "board": board}


def marks(events: Records) -> int:
    """How many events are not spikes: as many come out of a chain as went in."""
    return int(np.count_nonzero(events["kind"] != Kind.SPIKE))


def _dropped(board: Board) -> list[Problem]:
    """What a board has to count nothing of: the link repairs what a line does, but drops nothing."""
    shown = board.telemetry()
    return [
        Problem(Detector.PROTOCOL, f"the board's register {name} is {shown[name]}; 0 is right")
        for name in ("dropped", "link_refused")
        if shown[name]
    ]
