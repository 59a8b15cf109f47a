"""A core at every level: input transactions in, output transactions out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spikelock.models.compare import compare
from spikelock.models.core import Configuration, Core, Timing, run_reference, twin
from spikelock.models.errors import BadInput
from spikelock.models.ports import Records, load_records

from .coverage_data import Coverage, read_coverage
from .lockstep import Built, Job, Model, ResetMark, build, problems_between_resets
from .netlist import build_netlist
from .problem import Detector, Problem
from .timing import timing_problems

SOFTWARE = ("reference", "engine")
NETLISTS: Mapping[str, str] = {"netlist-ice40": "ice40", "netlist-ecp5": "ecp5"}
"""Levels of synthesised cells, and their family."""

HARDWARE = ("rtl", "cocotb", "icarus", *NETLISTS)
LEVELS = (*SOFTWARE, *HARDWARE)
"""Levels a core runs at. `cocotb` is cocotb on Verilator, `icarus` is cocotb on Icarus Verilog."""

LOCKSTEP = ("rtl", *NETLISTS)
"""Levels that lockstep drives."""

GROUPS: Mapping[str, Sequence[str]] = {"netlist": tuple(NETLISTS)}
"""Names that stand for several levels."""

SIMULATOR_OF: Mapping[str, Literal["verilator", "icarus"]] = {
    "rtl": "verilator",
    "cocotb": "verilator",
    "icarus": "icarus",
}
"""On which simulator cocotb plays, or replays, what ran at a level."""


def level_names(given: str) -> list[str]:
    """The levels of a list such as `engine,rtl,netlist`, in order; `netlist` stands for all of `NETLISTS`."""
    names = [name.strip() for name in given.split(",") if name.strip()]
    return [level for name in names for level in GROUPS.get(name, (name,))]


@dataclass(frozen=True)
class CoreRun:
    """What a level made of a job.

    problems: what is wrong, one sentence each; at hardware levels also a broken protocol, a hang, X.
    reset_marks: where resets fell. handshakes: hits of the handshake coverage by stream, at the cocotb
    levels. code: line, branch and toggle coverage, where it was asked for and the level has it. cycles: of
    hardware. passed_at: the cycle of each transaction, by stream, at hardware levels, where the job asks for
    stamps. promised: the timing that the hardware promises, where it is still to be checked.
    """

    outputs: Mapping[str, Records]
    problems: tuple[Problem, ...] = ()
    reset_marks: tuple[ResetMark, ...] = ()
    handshakes: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    code: Coverage | None = None
    cycles: int | None = None
    passed_at: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    promised: Timing | None = None


@dataclass(frozen=True)
class Play:
    """A job, and what is set in the core for it."""

    configuration: Configuration
    job: Job


def run_all(
    level: str,
    core: Core,
    params: Any,
    plays: Sequence[Play],
    *,
    component: Any = None,
    code_coverage: bool = False,
) -> list[CoreRun]:
    """Runs the inputs of jobs at a level, each from reset; stalls and resets act on hardware only.

    component: hardware in the place of the core's own. code_coverage: Verilator's, at `rtl` and `cocotb`.
    Raises BadInput for an unknown level, for resets of software, and for several configurations where cocotb
    plays; MissingTool where a tool is missing.
    """
    if level not in LEVELS:
        raise BadInput(f"no level is called {level!r}; a core runs at {', '.join(LEVELS)}")
    if level in SOFTWARE:
        if any(play.job.resets for play in plays):
            raise BadInput(f"level {level} has no cycles in which to reset; {', '.join(HARDWARE)} have")
        if level == "reference":
            return [CoreRun(run_reference(core, params, p.configuration, p.job.inputs)[1]) for p in plays]
        engine = twin(core.name, "models.engine")
        return [CoreRun(engine.run(params, p.configuration, p.job.inputs)) for p in plays]
    component = component if component is not None else twin(core.name, "rtl").component(params)
    if level in LOCKSTEP:
        options = {"coverage": code_coverage} if level == "rtl" else {}  # a netlist has no lines
        run_one = runner(level, core, params, component=component, **options)
        return [run_one(play.configuration, play.job) for play in plays]
    configuration = plays[0].configuration
    if any(play.configuration is not configuration for play in plays):
        raise BadInput(f"level {level} plays jobs of one configuration at a time")
    from .uvm.runner import run_cocotb

    simulator = SIMULATOR_OF[level]
    code_coverage = code_coverage and simulator == "verilator"
    results = run_cocotb(
        core,
        params,
        configuration,
        [play.job for play in plays],
        simulator,
        component=component,
        coverage=code_coverage,
    )
    return [
        CoreRun(r.outputs, r.problems, r.reset_marks, r.handshakes, r.code, r.cycles, r.passed_at)
        for r in results
    ]


def run(
    level: str,
    core: Core,
    params: Any,
    configuration: Configuration,
    job: Job,
    *,
    component: Any = None,
    code_coverage: bool = False,
) -> CoreRun:
    """`run_all` of one job."""
    play = Play(configuration, job)
    return run_all(level, core, params, [play], component=component, code_coverage=code_coverage)[0]


def runner(
    level: str, core: Core, params: Any, *, component: Any = None, **options: Any
) -> Callable[[Configuration, Job], CoreRun]:
    """`run` of one job after another; in lockstep the model is built once, so that short jobs take ms.

    options: of the build.
    """
    if level not in LOCKSTEP:
        return lambda configuration, job: run(level, core, params, configuration, job, component=component)
    from .lockstep.verilog import Verilog

    component = component if component is not None else twin(core.name, "rtl").component(params)
    built = _built(level, core, params, component, **options)
    promised = component.timing if isinstance(component, Verilog) else core.timing(params)

    def run_one(configuration: Configuration, job: Job) -> CoreRun:
        return replace(run_built(built, core, params, configuration, job), promised=promised)

    return run_one


def replay(
    level: str,
    core: Core,
    params: Any,
    configuration: Configuration,
    job: Job,
    folder: Path,
    *,
    component: Any = None,
) -> Path | None:
    """Reruns a job with waves, and says where they are; None for software.

    A netlist shows its own wires, in lockstep; other hardware is played by cocotb.
    """
    if level in SOFTWARE:
        return None
    component = component if component is not None else twin(core.name, "rtl").component(params)
    if level in NETLISTS:
        folder.mkdir(parents=True, exist_ok=True)
        built = _built(level, core, params, component, waves="vcd")
        run_built(built, core, params, configuration, job, waves=folder / "dump.vcd")
        return folder / "dump.vcd"
    from .uvm.runner import replay as replay_cocotb

    return replay_cocotb(
        core, params, configuration, job, SIMULATOR_OF[level], component=component, folder=folder
    ).waves


def _built(level: str, core: Core, params: Any, component: Any, **options: Any) -> Built:
    pins, outputs = core.pins(params), core.outputs(params)
    if level in NETLISTS:
        return build_netlist(component, pins, outputs, NETLISTS[level], **options)
    return build(component, pins, outputs, **options)


def run_built(
    built: Built,
    core: Core,
    params: Any,
    configuration: Configuration,
    job: Job,
    *,
    waves: Path | None = None,
) -> CoreRun:
    """Runs a job on a fresh instance of a core that was built for lockstep, reset and loaded first.

    waves: a file for the waves of all of it, for a model that was built with them.

    Levels of the job, besides `registers`, hold from before the reset on; of records, one a cycle, that is
    the last one.
    """
    registers = {"registers": configuration.registers} if configuration.registers else {}
    levels = {**registers, **job.levels}
    before = {name: v if isinstance(v, Mapping) else v[-1:] for name, v in levels.items()}
    contents = None
    if configuration.memories:  # in any order, which is the host's choice
        in_order = load_records(core.memories(params), configuration.memories)
        contents = in_order[np.random.default_rng(job.seed).permutation(len(in_order))]
    load = Job(
        {} if contents is None else {"load": contents},
        counts={name: 0 for name, port in core.outputs(params).items() if port.kind == "stream"},
        levels=before,
        resets=(0,),
        patience=job.patience,
        limit=job.limit,
    )
    with Model(built, seed=job.seed) as model:
        if waves is not None:
            model.start_wave(waves)
        loaded = model.run(load)
        if not loaded.ok:
            if waves is not None:
                model.stop_wave()
            return CoreRun(
                {}, tuple(p.within("while loading") for p in loaded.problems), cycles=loaded.cycles
            )
        # With no record to offer, what is on `load` while it is not valid changes all the time.
        inputs = dict(job.inputs) if contents is None else {**job.inputs, "load": contents[:0]}
        response = model.run(replace(job, levels=levels, inputs=inputs))
        code = _coverage(model) if built.coverage else None
        if waves is not None:
            model.stop_wave()
    return CoreRun(
        response.outputs,
        response.problems,
        response.reset_marks,
        code=code,
        cycles=response.cycles,
        passed_at={**response.accepted_at, **response.produced_at} if job.stamps else {},
    )


def _coverage(model: Model) -> Coverage:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "coverage.dat"
        model.write_coverage(file)
        return Coverage(read_coverage(file), model.built.verilog.read_text())


def problems_of(
    core: Core, params: Any, configuration: Configuration, job: Job, done: CoreRun
) -> list[Problem]:
    """All that is wrong with a run: what the level found; else the first divergences; else broken promises.

    A run without resets is held against `job.expected`, where that is given, else against the reference.
    """
    if done.problems:
        return list(done.problems)
    if job.resets:
        return divergences_after_resets(core, params, configuration, job.inputs, done)
    expected = job.expected or run_reference(core, params, configuration, job.inputs)[1]
    if found := compare(expected, done.outputs).divergences:
        return [Problem(Detector.SCOREBOARD, f"{port}: {where}") for port, where in found.items()]
    if not done.passed_at or done.promised is None:
        return []
    return list(timing_problems(core, params, configuration, job, done.passed_at, done.promised))


def divergences_after_resets(
    core: Core, params: Any, configuration: Configuration, inputs: Mapping[str, Records], done: CoreRun
) -> list[Problem]:
    """Where a run with resets differs from the reference, which starts anew after each: one sentence each.

    What the core held at a reset is lost: before each reset, and only there, outputs may be missing.
    """

    def reference(part: Mapping[str, Records]) -> Mapping[str, Records]:
        return run_reference(core, params, configuration, part)[1]

    groups = core.steps_from(params)
    return list(problems_between_resets(done.reset_marks, inputs, done.outputs, reference, groups=groups))
