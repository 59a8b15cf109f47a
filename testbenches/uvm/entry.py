"""What runs inside the simulator's process: plays the jobs, one after the other, and writes their results."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from pyuvm import uvm_root

from spikelock.models.ports import from_bits
from spikelock.testbenches.uvm.assignment import ENVIRONMENT_VARIABLE, Assignment
from spikelock.testbenches.uvm.coverage import columns
from spikelock.testbenches.uvm.environment import CoreTest, set_up
from spikelock.testbenches.uvm.setup import Setup

FILE = Path(os.environ[ENVIRONMENT_VARIABLE])
ASSIGNMENT = Assignment.load(FILE)


@cocotb.test()
@cocotb.parametrize(number=range(len(ASSIGNMENT.jobs)))
async def play(dut: Any, number: int) -> None:
    """Plays one of the jobs. Its result is written only when it came to its end."""
    uvm_root().clear_singletons(set())
    setup = set_up(dut, ASSIGNMENT, ASSIGNMENT.jobs[number])
    await uvm_root().run_test(CoreTest, keep_singletons=True)
    write_result(FILE.parent / str(number), uvm_root().uvm_test_top.env, setup)
    assert not setup.problems, "\n".join(setup.problems)


def write_result(file: Path, env: Any, setup: Setup) -> None:
    """`….npz`: what passed each stream, and when. `….json`: problems, coverage, resets.

    The JSON file comes last: where it is, the result is whole.
    """
    board = env.scoreboard
    arrays: dict[str, Any] = {}
    for name, port in (board.inputs | board.outputs).items():
        arrays[f"{name}.records"] = from_bits(port, [one.bits for one in board.seen[name]])
        arrays |= {f"{name}.{column}": values for column, values in columns(board.seen[name]).items()}
    np.savez(file.with_suffix(".npz"), **arrays)
    result = {
        "problems": [(problem.detector, problem) for problem in setup.problems],
        "handshakes": {name: subscriber.group.hits for name, subscriber in env.coverage.items()},
        "reset_marks": board.marks,
        "cycles": setup.clocking.cycle + 1,
    }
    file.with_suffix(".json").write_text(json.dumps(result))
