"""Several instances of a model at once, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from .build import Built
from .job import Job
from .model import Clock, Model
from .response import Response


def run_many(
    built: Built, jobs: Sequence[Job], *, processes: int = 2, clocks: Mapping[str, Clock] | None = None
) -> Iterator[Response]:
    """Runs each job on a fresh instance; gives their responses, in the order of the jobs.

    The processes are started anew and import what they need: a script that calls this at its top level must
    do so under `if __name__ == "__main__":`. Raises what `Model.run` raises.
    """
    run = partial(_run, built, clocks or {})
    if processes < 2 or len(jobs) < 2:
        yield from map(run, jobs)
        return
    with ProcessPoolExecutor(min(processes, len(jobs)), multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(run, jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def _run(built: Built, clocks: Mapping[str, Clock], job: Job) -> Response:
    with Model(built, clocks=clocks) as model:
        return model.run(job)
