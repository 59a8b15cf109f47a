"""Runs a core under cocotb and pyuvm, and reruns a failure with waves."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from cocotb_tools.check_results import get_results
from numpy.typing import NDArray

from spikelock.models.cache import key_of
from spikelock.models.core import Configuration, Core, twin
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.ports import Records
from spikelock.testbenches.coverage_data import Coverage, read_coverage
from spikelock.testbenches.lockstep.job import Job
from spikelock.testbenches.lockstep.response import ResetMark
from spikelock.testbenches.lockstep.verilog import (
    TOP,
    Verilog,
    convert,
    to_verilog,
    without_power_up_values,
)
from spikelock.testbenches.problem import Detector, Problem
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
    fell. cycles: simulated. waves: the file, where asked for. code: line, branch and toggle coverage, where
    asked for; it is of all jobs of a simulation, and stands with the last.
    """

    problems: tuple[Problem, ...]
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
    jobs: Sequence[Job],
    simulator: Simulator = "verilator",
    *,
    component: Any = None,
    waves: bool = False,
    coverage: bool = False,
    folder: Path | None = None,
    seconds: float = SECONDS,
) -> list[CocotbResult]:
    """Plays the inputs, stalls and resets of jobs, cycle for cycle as lockstep does, and checks everything.

    The jobs are played one after the other in one simulation, each after a reset. What must come out is what
    the core's reference gives, so a job's `expected` is not needed. On Icarus, which knows X, registers have
    no value before their first reset. component: in the place of the core's own hardware. waves: writes every
    signal to a file. coverage: collects Verilator's line, branch and toggle coverage, of all jobs together.
    folder: where files are kept; without it waves stay in `build/cocotb`, and all else is removed. seconds:
    for all jobs together. A job that ends without a complete result has a problem, whatever else the
    simulator says. Raises MissingTool where a tool is missing, SpikelockError where the design cannot be
    built.
    """
    builds.require(simulator)
    _require_streams(core, params)
    component = component if component is not None else twin(core.name, "rtl").component(params)
    timing = component.timing if isinstance(component, Verilog) else core.timing(params)
    four_state = simulator == "icarus"
    assignment = Assignment(core, params, configuration, tuple(jobs), timing, four_state)
    verilog, key = _verilog_of(component, four_state, coverage)
    built = builds.build(verilog, key, simulator, waves=waves, coverage=coverage)
    if folder is None and waves:
        folder = Path("build") / "cocotb" / f"{core.name}-{simulator}"
    with _run_folder(folder) as run_folder:
        simulation = _Simulation(assignment, simulator, built, run_folder, waves, coverage)
        return simulation.results(simulation.run(seconds))


def replay(
    core: Core,
    params: Any,
    configuration: Configuration,
    job: Job,
    simulator: Simulator = "verilator",
    **options: Any,
) -> CocotbResult:
    """The rerun of a failure: the same job, with waves; the result says where they are."""
    return run_cocotb(core, params, configuration, [job], simulator, **options, waves=True)[0]


def _require_streams(core: Core, params: Any) -> None:
    for name, port in (dict(core.inputs(params)) | dict(core.outputs(params))).items():
        if port.kind != "stream" or port.clock != "sync":
            raise BadInput(
                f"{core.name}: port {name} is a {port.kind} of clock {port.clock}; the cocotb environment "
                "drives streams of clock sync, level rtl drives all"
            )


def _verilog_of(component: Any, four_state: bool, coverage: bool) -> tuple[Callable[[], str], str]:
    """What gives the Verilog of a component, and a key that names it. four_state: no power-up values."""
    if isinstance(component, Verilog):
        return lambda: component.text, key_of(component.text)
    rtlil = convert(component, ["sync"], {}, emit_src=coverage).rtlil
    if four_state:
        rtlil = without_power_up_values(rtlil)
    return lambda: to_verilog(rtlil), key_of(rtlil)


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
        stale = [self.folder / "results.xml", self._wave_file, self._coverage_file]
        for number in range(len(self.assignment.jobs)):
            stale += [self._result_file(number), self._result_file(number).with_suffix(".npz")]
        for file in stale:
            file.unlink(missing_ok=True)
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
                seed=self.assignment.jobs[0].seed,
                test_args=["--trace-file", str(self._wave_file)] if self.waves and verilator else [],
                plusargs=plusargs,
                extra_env={
                    ENVIRONMENT_VARIABLE: str(self.folder / "assignment.pickle"),
                    "COCOTB_REWRITE_ASSERTION_FILES": "",  # else every pytest plugin is imported
                },
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

    def results(self, ended: str) -> list[CocotbResult]:
        """What the files say of each job."""
        numbers = range(len(self.assignment.jobs))
        complete = [self._result_file(number).is_file() for number in numbers]
        verdict = self._verdict_of_cocotb()
        results = [
            self._result(number) if complete[number] else self._without_result(ended) for number in numbers
        ]
        if all(complete) and (verdict or ended) and all(result.ok for result in results):
            broken = Problem(Detector.TOOL, verdict or ended)
            return [replace(result, problems=(broken,)) for result in results]
        return results

    def _result(self, number: int) -> CocotbResult:
        result = json.loads(self._result_file(number).read_text())
        core, params = self.assignment.core, self.assignment.params
        inputs, outputs = core.inputs(params), core.outputs(params)
        with np.load(self._result_file(number).with_suffix(".npz")) as arrays:
            records = {name: arrays[f"{name}.records"] for name in outputs}
            passed_at = {name: arrays[f"{name}.cycle"] for name in (*inputs, *outputs)}
        marks = [
            ResetMark(cycle, {n: passed[n] for n in inputs}, {n: passed[n] for n in outputs})
            for cycle, passed in result["reset_marks"]
        ]
        return CocotbResult(
            problems=tuple(Problem(Detector(kind), sentence) for kind, sentence in result["problems"]),
            outputs=records,
            passed_at=passed_at,
            handshakes=result["handshakes"],
            reset_marks=tuple(marks),
            cycles=result["cycles"],
            code=self._code_coverage() if number == len(self.assignment.jobs) - 1 else None,
            waves=self._waves(),
        )

    def _without_result(self, ended: str) -> CocotbResult:
        log = self.folder / "simulation.log"
        last = log.read_text(errors="replace").splitlines()[-30:] if log.is_file() else []
        problem = "\n".join([f"the simulation ended without a result: {ended or 'exit code 0'}", *last])
        return CocotbResult((Problem(Detector.TOOL, problem),), waves=self._waves())

    def _code_coverage(self) -> Coverage | None:
        if not self.coverage:
            return None
        return Coverage(read_coverage(self._coverage_file), (self.built / builds.VERILOG).read_text())

    def _verdict_of_cocotb(self) -> str:
        """cocotb's own word: empty where every job was run and passed."""
        try:
            tests, failed = get_results(self.folder / "results.xml")
        except (RuntimeError, SyntaxError) as error:
            return f"cocotb left no results: {error}"
        if tests != len(self.assignment.jobs):
            return f"cocotb ran {tests} tests; {len(self.assignment.jobs)} were to run"
        return f"{failed} tests failed in the simulator" if failed else ""

    def _waves(self) -> Path | None:
        return self._wave_file if self._wave_file.is_file() else None

    def _result_file(self, number: int) -> Path:
        return self.folder / f"{number}.json"

    @property
    def _wave_file(self) -> Path:
        return self.folder / ("dump.vcd" if self.simulator == "verilator" else "dump.fst")

    @property
    def _coverage_file(self) -> Path:
        return self.folder / "coverage.dat"
