"""Runs tasks in processes of this machine, and outlives whatever becomes of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from spikelock.testbenches.interrupts import hear_interrupts, interrupts_later

from .execution import failed, run_task
from .plan import longest_first, shares_of
from .task import Result, Task

LIMIT = 3600.0
"""Seconds after which a task has failed. Every tool has a shorter limit of its own; this one is the last."""

GRACE = 10.0
"""Seconds in which a process that is told to stop can tidy up."""


def run_in_processes(tasks: Sequence[Task], jobs: int, limit: float = LIMIT) -> Generator[Result]:
    """The result of each task, in the order in which they come; `jobs` tasks are run at a time.

    Long tasks are begun first. Tasks that build the same thing are not run at once where there is another
    choice, as one would only wait for the other. Where a process dies, or takes longer than `limit` seconds,
    its task has failed, and the others go on. When the iterator is closed, all processes are ended, and
    whatever they have started.
    """
    waiting = longest_first(tasks)
    shares = {task.key: shares_of(task) for task in waiting}
    idle: list[Process] = []
    busy: dict[Connection, Process] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < jobs:
                running = {shares[process.task.key] for process in busy.values()}
                chosen = next((task for task in waiting if shares[task.key] not in running), waiting[0])
                waiting.remove(chosen)
                process = idle.pop() if idle else Process.start()
                process.give(chosen)
                busy[process.connection] = process
            for connection in wait(list(busy), timeout=1.0):
                process = busy.pop(connection)  # type: ignore[call-overload]
                result = process.result()
                if process.alive:
                    idle.append(process)
                yield result
            for process in [one for one in busy.values() if time.monotonic() - one.since > limit]:
                del busy[process.connection]
                process.end()
                yield failed(process.task, f"it took longer than {limit:g} s and was stopped")
    finally:
        _end_all([*idle, *busy.values()])


NOTHING = Task("", "")


@dataclass
class Process:
    """A process, in a process group of its own so that it can be ended with all that it has started."""

    process: Any
    connection: Connection
    task: Task = NOTHING
    since: float = 0.0
    alive: bool = True

    @classmethod
    def start(cls) -> Process:
        """A new one; it has nothing to do yet."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=False)
        with interrupts_later():
            process.start()
        theirs.close()
        return cls(process, ours)

    def give(self, task: Task) -> None:
        """Lets it begin a task."""
        self.task, self.since = task, time.monotonic()
        with suppress(ConnectionError):  # it has died: `result` will say so
            self.connection.send(task)

    def result(self) -> Result:
        """What it has sent, or what became of it."""
        try:
            done: Result = self.connection.recv()
        except (EOFError, OSError):  # the latter where it died while it was answering
            self.end()
            return failed(self.task, f"the process that ran it died: {_cause(self.process.exitcode)}")
        return done

    def interrupt(self) -> None:
        """Asks it, and what it has started, to stop."""
        self._signal(signal.SIGINT)

    def end(self) -> None:
        """Ends it, and what it has started, in any case."""
        self.alive = False
        self._signal(signal.SIGKILL)
        self.process.join()
        self.connection.close()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
            return
        self.process.kill()  # it has not made its group yet


def _end_all(processes: Sequence[Process]) -> None:
    for process in processes:
        process.interrupt()
    until = time.monotonic() + GRACE
    try:
        for process in processes:
            process.process.join(max(until - time.monotonic(), 0))
    finally:
        for process in processes:
            process.end()


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return f"{signal.Signals(-code).name}, {signal.strsignal(-code)}"
    return f"it returned {code}"


def _work(connection: Connection) -> None:
    """What a process does: one task after the other, until nobody asks any more."""
    os.setpgid(0, 0)
    with suppress(KeyboardInterrupt, EOFError, ConnectionError):
        hear_interrupts()
        while True:
            connection.send(run_task(connection.recv()))
