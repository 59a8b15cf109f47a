"""The structs that `shim.hpp` and `model.py` share, and the buffers behind them. Every field has 8 bytes."""

from __future__ import annotations

import ctypes
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.ports import Port, Records

WORD, POINTER = ctypes.c_uint64, ctypes.c_void_p


class Status(IntEnum):
    """Why the shim came back; those above DONE are failures."""

    RUNNING = 0
    FULL = 1
    DONE = 2
    HUNG = 3
    MISMATCH = 4
    OUT_OF_RANGE = 5
    VALID_DROPPED = 6
    PAYLOAD_CHANGED = 7
    ABORTED = 8


class StallState(ctypes.Structure):
    _fields_ = [
        *[(name, WORD) for name in ("begin", "end", "after_valid", "state", "stalled")],
        ("cycles", POINTER),
        *[(name, WORD) for name in ("cycle_count", "cycle")],
    ]


class InputState(ctypes.Structure):
    _fields_ = [
        *[(name, POINTER) for name in ("records", "stamps")],
        *[(name, WORD) for name in ("count", "accepted", "offered")],
        ("stall", StallState),
    ]


class OutputState(ctypes.Structure):
    _fields_ = [
        *[(name, POINTER) for name in ("records", "stamps")],
        *[(name, WORD) for name in ("record_capacity", "stamp_capacity", "produced", "matched")],
        ("expected", POINTER),
        *[(name, WORD) for name in ("expected_count", "comparing", "needed", "waiting")],
        ("stall", StallState),
    ]


class LevelState(ctypes.Structure):
    _fields_ = [("records", POINTER), ("count", WORD), ("index", WORD)]


class ClockState(ctypes.Structure):
    _fields_ = [(name, WORD) for name in ("period", "next", "cycle", "in_reset")]


class RunState(ctypes.Structure):
    _fields_ = [
        *[
            (name, WORD)
            for name in ("cycles", "remaining", "counted", "drain", "drained", "patience", "quiet")
        ],
        ("stop_at_mismatch", WORD),
        *[(name, POINTER) for name in ("resets", "marks")],
        *[(name, WORD) for name in ("reset_count", "resets_done", "reset_length", "port")],
    ]


def open_library(path: Path) -> ctypes.CDLL:
    """The built library, its functions declared."""
    library = ctypes.CDLL(str(path))
    for name, result, *arguments in (
        ("open", POINTER, WORD),
        ("close", None, POINTER),
        ("bind", None, *[POINTER] * 7),
        ("advance", WORD, POINTER, WORD),
        ("read_level", None, POINTER, WORD, POINTER),
        ("message", ctypes.c_char_p, POINTER),
        ("start_wave", None, POINTER, ctypes.c_char_p),
        ("stop_wave", None, POINTER),
        ("write_coverage", None, POINTER, ctypes.c_char_p),
    ):
        function = getattr(library, f"lockstep_{name}")
        function.restype, function.argtypes = result, arguments
    return library


class Sink:
    """Growing buffers for the transactions of one output, which the shim fills in place."""

    def __init__(
        self, state: OutputState, port: Port, capacity: int, stamps: bool, expected: Records | None = None
    ) -> None:
        self.state = state
        self.expected = np.empty(0, port.dtype) if expected is None else expected
        self._records: Records = np.empty(capacity, port.dtype)
        self._stamps: NDArray[Any] | None = np.empty(capacity, np.uint64) if stamps else None
        self._attach()

    @property
    def records(self) -> Records:
        """What has come so far."""
        matched, stored = self.state.matched, self.state.produced - self.state.matched
        if not stored:
            return self.expected[:matched]
        if not matched:
            return self._records[:stored]
        return np.concatenate([self.expected[:matched], self._records[:stored]])

    @property
    def stamps(self) -> NDArray[Any]:
        """The cycle of each."""
        return np.empty(0, np.uint64) if self._stamps is None else self._stamps[: self.state.produced]

    def make_room(self) -> None:
        """Doubles the buffers that are full."""
        if self.state.produced - self.state.matched == self.state.record_capacity:
            self._records = _doubled(self._records)
        if self._stamps is not None and self.state.produced == self.state.stamp_capacity:
            self._stamps = _doubled(self._stamps)
        self._attach()

    def _attach(self) -> None:
        self.state.records = self._records.ctypes.data
        self.state.record_capacity = len(self._records)
        if self._stamps is not None:
            self.state.stamps = self._stamps.ctypes.data
            self.state.stamp_capacity = len(self._stamps)


def _doubled(array: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([array, np.empty_like(array)])
