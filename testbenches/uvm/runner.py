"""Runs one core with one stimulus under cocotb and pyuvm, and reruns a failure with waves."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from cocotb_tools.check_results import get_results
from numpy.typing import NDArray

from spikelock.models.cache import key_of
from spikelock.models.core import Configuration, Core, twin
from spikelock.models.errors import SpikelockError
from spikelock.models.ports import Records
from spikelock.testbenches.coverage_data import Coverage, read_coverage
from spikelock.testbenches.lockstep.job import Job
from spikelock.testbenches.lockstep.response import ResetMark
from spikelock.testbenches.lockstep.verilog import TOP, convert, to_verilog, without_power_up_values
from spikelock.testbenches.uvm import builds
from spikelock.testbenches.uvm.assignment import ENVIRONMENT_VARIABLE, Assignment
from spikelock.testbenches.uvm.builds import Simulator

TEST_MODULE = "spikelock.testbenches.uvm.entry"

SECONDS = 600.0
"""A simulation that takes longer has failed. A design that hangs is found sooner, by the job's `patience`."""


@dataclass(frozen=True)
class CocotbResult:
    """What a run gave.

    problems: one sentence for each thing that is wrong, the first divergence first; empty means a pass.
    outputs: every transaction of each output stream. passed_at: the cycle of each transaction, for every
    stream. handshakes: hits of the handshake coverage, by stream, point and bin. reset_marks: where resets
    fell. cycles: simulated. code: line, branch and toggle coverage, and waves: a file, where asked for.
    """

    problems: tuple[str, ...]
    outputs: Mapping[str, Records] = field(default_factory=dict)
    passed_at: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    handshakes: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    reset_marks: tuple[ResetMark, ...] = ()
    cycles: int | None = None
    code: Coverage | None = None
    waves: Path | None = None

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def run_cocotb(
    core: Core,
    params: Any,
    configuration: Configuration,
    job: Job,
    simulator: Simulator = "verilator",
    *,
    component: Any = None,
    waves: bool = False,
    coverage: bool = False,
    folder: Path | None = None,
    seconds: float = SECONDS,
) -> CocotbResult:
    """Plays a job's inputs, stalls and resets, cycle for cycle as lockstep does, and checks everything.

    What must come out is what the core's reference gives, so the job's `expected` is not needed. On Icarus,
    which knows X, registers have no value before their first reset. component: in the place of the core's own
    hardware. waves: writes every signal to a file. coverage: collects Verilator's line, branch and toggle
    coverage. folder: where files are kept; without it waves stay in `build/cocotb`, and all else is removed.
    A simulation that ends without a complete result is a problem, whatever else it says.
    Raises MissingTool where a tool is missing, SpikelockError where the design cannot be built.
    """
    builds.require(simulator)
    component = component if component is not None else twin(core.name, "rtl").component(params)
    assignment = Assignment(core, params, configuration, job, four_state=simulator == "icarus")
    rtlil = convert(component, ["sync"], {}, emit_src=coverage).rtlil
    if assignment.four_state:
        rtlil = without_power_up_values(rtlil)
    built = builds.build(lambda: to_verilog(rtlil), key_of(rtlil), simulator, waves=waves, coverage=coverage)
    if folder is None and waves:
        folder = Path("build") / "cocotb" / f"{core.name}-{simulator}-{job.seed}"
    with _run_folder(folder) as run_folder:
        simulation = _Simulation(assignment, simulator, built, run_folder, waves, coverage)
        return simulation.result(simulation.run(seconds))


def replay(
    core: Core,
    params: Any,
    configuration: Configuration,
    job: Job,
    simulator: Simulator = "verilator",
    **options: Any,
) -> CocotbResult:
    """The rerun of a failure: the same job, with waves; the result says where they are."""
    return run_cocotb(core, params, configuration, job, simulator, **options, waves=True)


@contextmanager
def _run_folder(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="spikelock-cocotb-") as temporary:
            yield Path(temporary)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.absolute()


@dataclass(frozen=True)
class _Simulation:
    """One process of the simulator, and the files around it."""

    assignment: Assignment
    simulator: Simulator
    built: Path
    folder: Path
    waves: bool
    coverage: bool

    def run(self, seconds: float) -> str:
        """Runs it; returns how it ended where that was not in order."""
        files = (
            "result.json",
            "transactions.npz",
            "results.xml",
            self._wave_file.name,
            self._coverage_file.name,
        )
        for stale in files:
            (self.folder / stale).unlink(missing_ok=True)
        self.assignment.save(self.folder / "assignment.pickle")
        verilator = self.simulator == "verilator"
        plusargs = [f"+dumpfile_path={self._wave_file}"] if self.waves and not verilator else []
        plusargs += [f"+verilator+coverage+file+{self._coverage_file}"] if self.coverage else []
        runner = builds.RUNNERS[self.simulator]()
        runner.seconds = seconds
        try:
            runner.test(
                test_module=TEST_MODULE,
                hdl_toplevel=TOP,
                hdl_toplevel_lang="verilog",
                build_dir=self.built,
                test_dir=self.folder,
                seed=self.assignment.job.seed,
                test_args=["--trace-file", str(self._wave_file)] if self.waves and verilator else [],
                plusargs=plusargs,
                extra_env={ENVIRONMENT_VARIABLE: str(self.folder / "assignment.pickle")},
                waves=self.waves,
                results_xml=str(self.folder / "results.xml"),
                log_file=self.folder / "simulation.log",
            )
        except SpikelockError as error:
            return str(error)
        except subprocess.TimeoutExpired:
            return f"it took more than {seconds:g} s"
        except SystemExit as leaving:  # so cocotb's runner ends, under pytest, where the test failed
            return f"exit code {leaving.code}"
        return ""

    def result(self, ended: str) -> CocotbResult:
        """What the files say."""
        waves = self._wave_file if self._wave_file.is_file() else None
        result_file = self.folder / "result.json"
        if not result_file.is_file():
            log = self.folder / "simulation.log"
            last = log.read_text(errors="replace").splitlines()[-30:] if log.is_file() else []
            problem = "\n".join([f"the simulation ended without a result: {ended or 'exit code 0'}", *last])
            return CocotbResult((problem,), waves=waves)
        result = json.loads(result_file.read_text())
        problems = result["problems"] or [*self._verdict_of_cocotb(), *([ended] if ended else [])]
        core, params = self.assignment.core, self.assignment.params
        inputs, outputs = core.inputs(params), core.outputs(params)
        with np.load(self.folder / "transactions.npz") as arrays:
            records = {name: arrays[f"{name}.records"] for name in outputs}
            passed_at = {name: arrays[f"{name}.cycle"] for name in (*inputs, *outputs)}
        marks = [
            ResetMark(cycle, {n: passed[n] for n in inputs}, {n: passed[n] for n in outputs})
            for cycle, passed in result["reset_marks"]
        ]
        return CocotbResult(
            tuple(problems), records, passed_at, result["handshakes"], tuple(marks), result["cycles"],
            self._code_coverage(), waves,
        )  # fmt: skip

    def _code_coverage(self) -> Coverage | None:
        if not self.coverage:
            return None
        return Coverage(read_coverage(self._coverage_file), (self.built / builds.VERILOG).read_text())

    def _verdict_of_cocotb(self) -> list[str]:
        """cocotb's own word must agree that one test was run and passed."""
        try:
            tests, failed = get_results(self.folder / "results.xml")
        except (RuntimeError, SyntaxError) as error:
            return [f"cocotb left no results: {error}"]
        if tests != 1:
            return [f"cocotb ran {tests} tests; exactly 1 was to run"]
        return ["the test failed in the simulator"] if failed else []

    @property
    def _wave_file(self) -> Path:
        return self.folder / ("dump.vcd" if self.simulator == "verilator" else "dump.fst")

    @property
    def _coverage_file(self) -> Path:
        return self.folder / "coverage.dat"
