"""Runs tasks on a Dask cluster: the same tasks, on other machines."""

from __future__ import annotations

import queue
import secrets
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from spikelock.models.errors import BadInput, MissingTool, SpikelockError

from .execution import failed, run_task
from .identity import sources
from .plan import longest_first
from .task import Result, Task

SECONDS = 10.0
"""In which a scheduler answers."""

WORKER_SECONDS = 30.0
"""In which it has a worker."""

WITHOUT_WORKERS = 120.0
"""Seconds after which a run ends whose cluster has lost all its workers."""


def run_on_cluster(tasks: Sequence[Task], address: str) -> Generator[Result]:
    """The result of each task, in the order in which they come.

    A task whose worker dies is run again on another; one that has ended several workers has failed. Raises
    MissingTool where Dask is missing; BadInput where no scheduler answers or its workers run other code;
    SpikelockError where all workers are gone.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise MissingTool(
            "the Python package distributed is not installed: pip install 'spikelock[cluster]'"
        ) from error
    try:
        client = Client(address, timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput(
            f"--scheduler {address}: no Dask scheduler answers there; 'dask scheduler' starts one and prints "
            "its address, such as tcp://127.0.0.1:8786"
        ) from error
    try:
        _require_equal_code(client, address)
        run = secrets.token_hex(4)  # so that no result of an earlier run is taken for one of this
        done: queue.Queue[Any] = queue.Queue()
        task_of = {}
        for number, task in enumerate(longest_first(tasks)):
            future = client.submit(run_task, task, key=f"{task.key}-{run}", pure=False, priority=-number)
            task_of[future.key] = (task, future)
            future.add_done_callback(done.put)
        while task_of:
            future = _next(done, client)
            task, _ = task_of.pop(future.key)
            yield _result(task, future)
            future.release()
    finally:
        client.close()


def _next(done: queue.Queue[Any], client: Any) -> Any:
    """The next future that is done. Raises SpikelockError where there is nobody left to do any."""
    waited = 0.0
    while True:
        try:
            return done.get(timeout=1.0)
        except queue.Empty:
            workers: Mapping[str, Any] = client.scheduler_info(n_workers=-1).get("workers", {})
            waited = 0.0 if workers else waited + 1.0
            if waited >= WITHOUT_WORKERS:
                raise SpikelockError(
                    "the cluster has no workers any more; start some, and go on with --resume"
                ) from None


def _result(task: Task, future: Any) -> Result:
    if future.status == "finished":
        result: Result = future.result()
        return result
    if future.status == "error":
        return failed(task, f"the cluster could not run it: {future.exception()}")
    return failed(task, f"the cluster lost it: {future.status}")


def _require_equal_code(client: Any, address: str) -> None:
    """Workers that run other code would judge something else."""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise BadInput(
            f"--scheduler {address} has no workers; 'dask worker {address} --nthreads 1' starts one"
        ) from None
    ours = sources()
    other = sorted(worker for worker, theirs in client.run(sources).items() if theirs != ours)
    if other:
        raise BadInput(
            f"--scheduler {address}: other code than here is installed for {', '.join(other)}; install the "
            "same Spikelock there, and start these workers again"
        )
