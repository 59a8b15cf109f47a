"""Several instances of a model at once, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

from spikelock.testbenches.interrupts import ignore_interrupts, interrupts_later

from .builds import Built
from .job import Job
from .model import Clock, Model
from .response import Response

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_many(
    built: Built, jobs: Sequence[Job], *, processes: int = 2, clocks: Mapping[str, Clock] | None = None
) -> Iterator[Response]:
    """Runs each job on a fresh instance; gives their responses, in the order of the jobs.

    Raises what `Model.run` raises.
    """
    return in_processes(partial(_run, built, clocks or {}), jobs, processes)


def in_processes(
    function: Callable[[Item], Result], items: Sequence[Item], processes: int
) -> Iterator[Result]:
    """The function of each item, in their order, computed by so many processes at a time.

    The processes are started anew and import what they need: a script that calls this at its top level must
    do so under `if __name__ == "__main__":`. Ctrl-C is left to this process, which ends the others.
    """
    if processes < 2 or len(items) < 2:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(
        min(processes, len(items)),
        multiprocessing.get_context("spawn"),
        initializer=ignore_interrupts,
    ) as pool:
        try:
            with interrupts_later():
                results = pool.map(function, items)
            yield from results
        finally:
            pool.shutdown(cancel_futures=True)


def _run(built: Built, clocks: Mapping[str, Clock], job: Job) -> Response:
    with Model(built, clocks=clocks) as model:
        return model.run(job)
