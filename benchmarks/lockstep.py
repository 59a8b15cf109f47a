"""Cycles per second of the lockstep harness, of a bare C++ loop, and of cocotb, on the same design and check.

    python benchmarks/lockstep.py

The design is `neurons.lif`; each of the three feeds it one input a cycle and compares every output. Times are
of the processor, so that other work on the machine disturbs less; the harness and the bare loop take turns,
and the ratio is the median over the rounds. The harness can be faster than the bare loop, which calls
Verilator's public `eval()`: the harness calls the design's own evaluation function and so takes no locks.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import run_reference
from spikelock.models.neurons.lif import CORE, Params
from spikelock.models.ports import Records
from spikelock.testbenches.lockstep import Built, Job, Model, build_core, compiling
from spikelock.testbenches.lockstep.verilog import TOP
from spikelock.testbenches.uvm import builds as cocotb_builds

HERE = Path(__file__).parent
PARAMS = Params()
CONFIGURATION = CORE.configuration(PARAMS)
WANTED = {"bare loop": 0.8, "cocotb": 30.0}


def main() -> int:
    """Prints the figures; returns 1 where a ratio is below the one wanted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cycles", type=int, default=2_000_000, help="of the harness and the bare loop")
    parser.add_argument("--cocotb-cycles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    built = build_core(CORE, PARAMS)
    with tempfile.TemporaryDirectory(prefix="spikelock-benchmark-") as folder:
        bare_loop = build_bare_loop(built, Path(folder))
        rounds = compare_with_bare_loop(built, bare_loop, arguments.cycles, arguments.rounds)
        cocotb_rate = run_cocotb(built, arguments.cocotb_cycles, Path(folder))
    harness = statistics.median(harness for harness, _ in rounds)
    figures = {
        "harness": harness,
        "bare loop": statistics.median(bare for _, bare in rounds),
        "cocotb": cocotb_rate,
    }
    ratios = {
        "bare loop": statistics.median(harness / bare for harness, bare in rounds),
        "cocotb": harness / cocotb_rate,
    }
    for name, rate in figures.items():
        against = f"harness is {ratios[name]:.2f} × this; wanted {WANTED[name]:g} ×" if name in ratios else ""
        print(f"{name:10} {rate / 1e6:9.3f} M cycles/s   {against}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"cycles_per_second": figures, "harness_over": ratios}, indent=2)
        )
    return int(any(ratios[name] < wanted for name, wanted in WANTED.items()))


def stimulus(model: Model, count: int) -> tuple[Records, Records]:
    """Input currents that make the neuron spike now and then, and the outputs, checked in part."""
    current = np.random.default_rng(1).integers(-100, 300, count)
    records = CORE.inputs(PARAMS)["input"].records(current)
    job = Job({"input": records}, levels={"registers": CONFIGURATION.registers}, counts={"output": count})
    outputs = model.run(job).outputs["output"]
    _, expected = run_reference(CORE, PARAMS, CONFIGURATION, {"input": records[:1000]})
    assert (outputs[:1000] == expected["output"]).all()
    return records, outputs


def packed(records: Records, outputs: Records) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Inputs, outputs and registers as bits of the ports."""
    port = CORE.pins(PARAMS)["registers"]
    registers = port.records(**{name: [value] for name, value in CONFIGURATION.registers.items()})
    return (
        CORE.inputs(PARAMS)["input"].pack(records)[:, 0].astype(np.uint16),
        CORE.outputs(PARAMS)["output"].pack(outputs)[:, 0].astype(np.uint32),
        port.pack(registers).view(np.uint32)[0],
    )


def build_bare_loop(built: Built, folder: Path) -> ctypes.CDLL:
    """Compiles bare_loop.cpp with the same Verilog, tools and flags as the harness."""
    shutil.copy(built.verilog, folder)
    shutil.copy(HERE / "bare_loop.cpp", folder)
    compiling.verilate(folder)
    compiling.compile_unit(folder, ["Vdut.h"], "../bare_loop.cpp")
    library = ctypes.CDLL(str(folder / compiling.LIBRARY))
    library.bare_loop.restype = ctypes.c_uint64
    library.bare_loop.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p]
    return library


def compare_with_bare_loop(
    built: Built, library: ctypes.CDLL, count: int, rounds: int
) -> list[tuple[float, float]]:
    """Cycles per second of the harness and of the bare loop, in each round."""
    rates = []
    with Model(built) as model:
        records, outputs = stimulus(model, count)
        current, expected, registers = packed(records, outputs)
        for _ in range(rounds):
            model.reset()
            start = time.process_time()
            response = model.run(Job({"input": records}, {"output": outputs}))
            middle = time.process_time()
            wrong = library.bare_loop(current.ctypes.data, expected.ctypes.data, count, registers.ctypes.data)
            end = time.process_time()
            assert response.ok, response.problems
            assert not wrong
            rates.append((response.cycles / (middle - start), (count + 1) / (end - middle)))
    return rates


def run_cocotb(built: Built, count: int, folder: Path) -> float:
    """Cycles per second of cocotb_loop.py."""
    with Model(built) as model:
        current, expected, registers = packed(*stimulus(model, count))
    np.savez(folder / "transactions.npz", current=current, expected=expected, registers=registers)
    text = built.verilog.read_text()
    design = cocotb_builds.build(lambda: text, text, "verilator", waves=False, coverage=False)
    cocotb_builds.RUNNERS["verilator"]().test(
        test_module="cocotb_loop",  # found next to this script
        hdl_toplevel=TOP,
        hdl_toplevel_lang="verilog",
        build_dir=design,
        test_dir=folder,
        extra_env={"SPIKELOCK_BENCHMARK": str(folder)},
        log_file=folder / "cocotb.log",
    )
    result = json.loads((folder / "result.json").read_text())
    return float(result["cycles"] / result["seconds"])


if __name__ == "__main__":
    sys.exit(main())
