"""A whole network at every level: input spikes in, trace out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import twin
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput
from spikelock.models.fabric.chain import CORE
from spikelock.models.network import reference
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, concatenate, events_of_raster
from spikelock.models.ports import load_records

from .lockstep import LIGHT, Built, Job, Model, Response, Stall, build

Spikes = NDArray[np.bool_]
Progress = Callable[[int], None]

LEVELS = ("reference", "engine", "rtl")
"""Levels a network runs at."""

SAMPLES_AT_ONCE = 24
"""Samples of one job: few enough that progress is seen, many enough that starting a model does not count."""


@dataclass(frozen=True)
class LevelRun:
    """What a level made of the input.

    problems: what went wrong besides the trace, one sentence each: a hang, a broken stream protocol. cycles: of
    hardware; None for software. seconds: of the run, without building the model.
    """

    level: str
    trace: Trace
    problems: tuple[str, ...]
    cycles: int | None
    seconds: float


def ignore_progress(samples: int) -> None:
    """For callers who do not care."""


def run(
    level: str,
    program: Program,
    spikes: Spikes,
    *,
    seed: int = 0,
    processes: int = 2,
    progress: Progress = ignore_progress,
) -> LevelRun:
    """Runs input spikes of shape (samples, ticks, inputs) through a program at a level.

    seed: of the stall patterns on the hardware's streams, which must not change the trace. progress: called with the
    number of samples done. Raises BadInput for an unknown level and for spikes of another shape than the program's.
    """
    check_input(program, spikes)
    if level == "rtl":
        return run_rtl(build_rtl(program), program, spikes, seed=seed, processes=processes, progress=progress)
    start = time.perf_counter()
    if level == "reference":
        trace = reference.run(program, spikes)
    elif level == "engine":
        trace = engine.run(program, spikes, progress=progress)
    else:
        raise BadInput(f"no level is called {level!r}; a network runs at {', '.join(LEVELS)}")
    progress(len(spikes))
    return LevelRun(level, trace, (), None, time.perf_counter() - start)


def build_rtl(program: Program, component: Any = None, **options: Any) -> Built:
    """The Verilated model of the chain of tiles that runs a program.

    component: a chain of one's own with the same ports. options: those of `lockstep.build`.
    """
    component = component or twin(CORE.name, "rtl").component(program.params)
    return build(component, CORE.pins(program.params), CORE.outputs(program.params), **options)


def run_rtl(
    built: Built,
    program: Program,
    spikes: Spikes,
    *,
    seed: int = 0,
    stalls: Stall = LIGHT,
    processes: int = 2,
    progress: Progress = ignore_progress,
) -> LevelRun:
    """Runs a built chain over all samples, in several processes, each of which loads the program first."""
    start = time.perf_counter()
    parts = [spikes[first : first + SAMPLES_AT_ONCE] for first in range(0, len(spikes), SAMPLES_AT_ONCE)]
    done: dict[int, tuple[Trace, Response]] = {}
    for number, result in _run_parts(built, program, parts, seed, stalls, min(processes, len(parts))):
        done[number] = result
        progress(sum(trace.samples for trace, _ in done.values()))
    traces, responses = zip(*(done[number] for number in range(len(parts))), strict=True)
    problems = tuple(
        f"samples from {number * SAMPLES_AT_ONCE} on: {problem}"
        for number, response in enumerate(responses)
        for problem in response.problems
    )
    cycles = sum(response.cycles for response in responses)
    return LevelRun("rtl", concatenate(traces), problems, cycles, time.perf_counter() - start)


def _run_parts(
    built: Built, program: Program, parts: list[Spikes], seed: int, stalls: Stall, processes: int
) -> Iterator[tuple[int, tuple[Trace, Response]]]:
    """Number and result of each part, as they are finished."""
    if processes < 2:
        for number, part in enumerate(parts):
            yield number, run_part(built, program, part, seed + number, stalls)
        return
    with ProcessPoolExecutor(processes) as pool:
        jobs: dict[Future[tuple[Trace, Response]], int] = {
            pool.submit(run_part, built, program, part, seed + number, stalls): number
            for number, part in enumerate(parts)
        }
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result()
        finally:
            pool.shutdown(cancel_futures=True)


def run_part(
    built: Built, program: Program, spikes: Spikes, seed: int, stalls: Stall, wave: Any = None
) -> tuple[Trace, Response]:
    """Runs some samples on one instance, from power-up on; `wave` is a file for the waves of the run."""
    samples, ticks, _ = spikes.shape
    slack = 100 + 8 * (program.addresses - program.inputs)  # cycles of the longest silence: a sweep of every tile
    events = events_of_raster(spikes, built.inputs["input"])
    contents = load_records(CORE.memories(program.params), program.configuration.memories)
    with Model(built, seed=seed) as model:
        if wave:
            model.start_wave(wave)
        model.run(Job({"load": contents}, levels={"registers": program.configuration.registers}))
        response = model.run(Job({"input": events}, stalls=stalls, seed=seed, drain=slack, patience=10_000 + slack))
        if wave:
            model.stop_wave()
    return Trace(response.outputs["output"], samples, ticks, program.addresses), response
