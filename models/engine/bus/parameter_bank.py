"""Vectorised live parameters: only the requests that bring or drop a set are gone through one by one.

Whether a write can be done does not depend on what came before it, so that all are judged at once; those
between two other requests are staged and summed together. Traps are counted at the end, from all statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from spikelock.models.bus.parameter_bank import CORE, TRAPS, Command, Params, Status
from spikelock.models.core import Configuration
from spikelock.models.ports import Records

Bits = NDArray[np.uint64]
Numbers = NDArray[np.int64]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `bus.parameter_bank`."""
    request = inputs["request"]
    command, entry, low = (request[name] for name in ("command", "entry", "low"))
    value = low.astype(np.uint64) | request["high"].astype(np.uint64) << np.uint64(32)
    status = _refusals(params, request, value)
    words = np.stack([request[name] for name in ("bank", "entry", "low", "high")], axis=1).astype("<u4")
    possible = status == Status.DONE
    writes = possible & (command == Command.WRITE)

    live = np.array([reset % 2**64 for reset in params.resets], np.uint64)
    staged, before = live, None
    sets: list[Bits] = []
    start, count, total = 0, 0, 0
    for at in np.flatnonzero(possible & np.isin(command, [Command.APPLY, Command.ROLLBACK, Command.BEGIN])):
        new = start + np.flatnonzero(writes[start:at])
        staged = staged.copy()
        staged[entry[new]] = value[new]
        start, count, total = int(at), count + len(new), crc32(words[new].tobytes(), total)
        if command[at] == Command.APPLY:
            if count == 0 or total != low[at]:
                status[at] = Status.WRONG_SUM if count else Status.NOTHING_TO_APPLY
                continue
            live, before = staged, live
            sets.append(live)
        elif command[at] == Command.ROLLBACK:
            if before is None:
                status[at] = Status.NOTHING_BEFORE
                continue
            live, before = before, None
            sets.append(live)
        staged, count, total = live, 0, 0

    traps, trapped = _latched(status, command)
    outputs = CORE.outputs(params)
    return {
        "answer": outputs["answer"].records(status, traps, np.minimum(trapped, 2**params.count_width - 1)),
        "applied": _records(params, sets),
    }


def _refusals(params: Params, request: Records, value: Bits) -> Numbers:
    """The status of each request as far as it does not depend on others."""
    formats = [register.q for _, register in params.registers]
    exists = request["entry"] < len(formats)
    at = np.where(exists, request["entry"], 0)
    # What lies above the bits of a value: nothing, or copies of the sign, which is then one of the bits.
    kept = np.array([q.width - q.signed for q in formats], np.uint64)[at]
    above = np.where(kept < 64, value >> np.minimum(kept, np.uint64(63)), np.uint64(0))
    every = np.uint64(2**64 - 1) >> np.minimum(kept, np.uint64(63))
    is_signed = np.array([q.signed for q in formats])[at]
    fits = (above == 0) | (is_signed & (above == every))
    writes = request["command"] == Command.WRITE
    return np.select(
        [
            request["command"] > max(Command),
            request["bank"] != params.bank,
            writes & ~exists,
            writes & ~fits,
        ],
        [Status.UNKNOWN_COMMAND, Status.UNKNOWN_BANK, Status.UNKNOWN_ENTRY, Status.DOES_NOT_FIT],
        Status.DONE,
    ).astype(np.int64)


def _latched(status: Numbers, command: Numbers) -> tuple[Numbers, Numbers]:
    """(traps that are latched after each request, how many came since they were cleared)."""
    here = np.arange(len(status))
    cleared = _last((status == Status.DONE) & (command == Command.CLEAR), here)
    traps = np.zeros(len(status), np.int64)
    for kind in range(1, TRAPS + 1):
        traps |= (_last(status == kind, here) > cleared).astype(np.int64) << kind - 1
    came = np.concatenate([[0], np.cumsum(status != Status.DONE)])
    return traps, came[1:] - came[cleared + 1]


def _last(true: NDArray[np.bool_], here: Numbers) -> Numbers:
    """Where it was last true, up to each place; −1 before."""
    return np.maximum.accumulate(np.where(true, here, -1)) if len(here) else here


def _records(params: Params, sets: list[Bits]) -> Records:
    rows = np.array(sets, np.uint64).reshape(len(sets), len(params.registers))
    columns = [
        rows[:, i].astype(np.int64) if register.q.signed else rows[:, i]
        for i, (_, register) in enumerate(params.registers)
    ]
    return CORE.outputs(params)["applied"].records(*columns)
