"""What runs inside the simulator's process: reads the job, runs the environment, writes the result."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from pyuvm import uvm_root

from spikelock.testbenches.uvm.assignment import ENVIRONMENT_VARIABLE, Assignment
from spikelock.testbenches.uvm.coverage import columns
from spikelock.testbenches.uvm.environment import CoreTest, set_up
from spikelock.testbenches.uvm.transactions import from_bits


@cocotb.test()
async def run(dut: Any) -> None:
    """Carries out one assignment. Its result is written only when the run came to its end."""
    file = Path(os.environ[ENVIRONMENT_VARIABLE])
    setup = set_up(dut, Assignment.load(file))
    await uvm_root().run_test(CoreTest, keep_singletons=True)
    env = uvm_root().uvm_test_top.env
    write_result(file.parent, env, setup.problems, setup.clocking.cycle + 1)
    assert not setup.problems, "\n".join(setup.problems)


def write_result(folder: Path, env: Any, problems: list[str], cycles: int) -> None:
    """`transactions.npz`: what passed each stream, and when. `result.json`: problems, coverage, resets.

    The JSON file comes last: where it is, the result is whole.
    """
    board = env.scoreboard
    arrays: dict[str, Any] = {}
    for name, port in (board.inputs | board.outputs).items():
        arrays[f"{name}.records"] = from_bits(port, [one.bits for one in board.seen[name]])
        arrays |= {f"{name}.{column}": values for column, values in columns(board.seen[name]).items()}
    np.savez(folder / "transactions.npz", **arrays)
    result = {
        "problems": problems,
        "handshakes": {name: subscriber.group.hits for name, subscriber in env.coverage.items()},
        "reset_marks": board.marks,
        "cycles": cycles,
    }
    (folder / "result.json").write_text(json.dumps(result))
