"""Ctrl-C, which reaches every process of a terminal: who is told is the one that has started the others."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

INTERRUPT = {signal.SIGINT}


@contextmanager
def interrupts_later() -> Iterator[None]:
    """Inside, SIGINT waits. A process that is started there, by `spawn`, begins so: it dies of none while it
    imports what it needs. It has to call `hear_interrupts` or `ignore_interrupts` then."""
    resource_tracker.ensure_running()  # which `spawn` would do first, and so end the waiting
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def hear_interrupts() -> None:
    """From now on SIGINT is a KeyboardInterrupt; one that has waited comes now."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)


def ignore_interrupts() -> None:
    """SIGINT does nothing, nor does one that has waited."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)
