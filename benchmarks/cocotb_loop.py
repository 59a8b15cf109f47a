"""The same check in plain cocotb: what one would write without any environment. Run by `lockstep.py`."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge


@cocotb.test()
async def loop(dut: Any) -> None:
    """Feeds one input a cycle and compares every output."""
    folder = Path(os.environ["SPIKELOCK_BENCHMARK"])
    with np.load(folder / "transactions.npz") as arrays:
        current, expected = arrays["current"].tolist(), arrays["expected"].tolist()
        registers = int.from_bytes(arrays["registers"].tobytes(), "little")
    cocotb.start_soon(Clock(dut.clk, 10, "step").start())
    dut.rst.value, dut.input__valid.value, dut.registers.value = 1, 0, registers
    for _ in range(2):
        await RisingEdge(dut.clk)
    dut.rst.value, dut.input__valid.value, dut.output__ready.value = 0, 1, 1

    start = time.process_time()
    sent = received = cycles = 0
    dut.input__payload.value = current[0]
    while received < len(expected):
        await RisingEdge(dut.clk)
        taken, came = dut.input__valid.value and dut.input__ready.value, dut.output__valid.value
        if came:
            assert int(dut.output__payload.value) == expected[received]
            received += 1
        if taken:
            sent += 1
            if sent < len(current):
                dut.input__payload.value = current[sent]
            else:
                dut.input__valid.value = 0
        cycles += 1
    seconds = time.process_time() - start
    (folder / "result.json").write_text(json.dumps({"cycles": cycles, "seconds": seconds}))
