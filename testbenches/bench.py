"""The bench of a core: its cases and its coverage, declared once, checked at every level by one function.

A case is a choice of parameters, registers and memories, with a seeded stimulus of any size. `check` runs a
case at a level and holds it against the reference; hardware is also stalled, reset in mid-stream, and timed.
`coverage` says whether the cases together reach every situation that the core's bench names. Both serve
pytest and the command line.
"""

from __future__ import annotations

import shlex
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.core import Configuration, Core, run_reference
from spikelock.models.errors import BadInput, MissingTool
from spikelock.models.ports import Records

from . import levels
from .coverage_data import Coverage, merge
from .functional_coverage import Columns, CoverGroup, handshakes
from .levels import HARDWARE, LEVELS, SIMULATOR_OF, SOFTWARE, CoreRun
from .lockstep import AFTER_VALID, BURSTS, HEAVY, LIGHT, Job
from .problem import Detector, Problem

Stimulus = Callable[[np.random.Generator, int], Mapping[str, Records]]
"""Input transactions from a random generator, about as many as asked for."""

BETWEEN_RESETS = 25
"""Hardware is reset in mid-stream about once in so many transactions."""

Impossible = Mapping[str, Mapping[tuple[str, ...], str]]
"""By stream: combinations of handshakes a core cannot show, and why; see `functional_coverage.handshakes`."""


@dataclass(frozen=True)
class Case:
    """One use of a core. registers, memories: those that differ from their reset values."""

    name: str
    params: Any
    stimulus: Stimulus
    registers: Mapping[str, int] = field(default_factory=dict)
    memories: Mapping[str, Records] = field(default_factory=dict)

    def inputs(self, seed: int, size: int) -> Mapping[str, Records]:
        """The stimulus of a seed: another one in every case."""
        return self.stimulus(np.random.default_rng([seed, zlib.crc32(self.name.encode())]), size)


@dataclass(frozen=True)
class Bench:
    """All there is to try on a core.

    coverage: makes an empty group of what should be reached. observe: `(params, configuration, inputs,
    outputs) →` the columns it samples. impossible: handshakes. silence: cycles for which the hardware may be
    busy without any transaction. component: hardware in the place of the core's own. alarms: by which an
    output says that something went wrong, as stream → field → value.
    """

    core: Core
    cases: Sequence[Case]
    coverage: Callable[[], CoverGroup]
    observe: Callable[[Any, Configuration, Mapping[str, Records], Mapping[str, Records]], Columns]
    impossible: Impossible = field(default_factory=dict)
    silence: int = 64
    component: Callable[[Any], Any] | None = None
    alarms: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def case(self, name: str) -> Case:
        """The case of that name. Raises BadInput, naming the cases there are."""
        for case in self.cases:
            if case.name == name:
                return case
        raise BadInput(
            f"{self.core.name} has no case {name!r}; it has: {', '.join(c.name for c in self.cases)}"
        )


@dataclass(frozen=True)
class CaseResult:
    """What became of a case at a level.

    problems: one sentence each, naming the run they belong to; empty means a pass. transactions: output
    transactions held against the reference. hits: of the bench's coverage. code: line, branch and toggle
    coverage, where asked for. waves: of the first run that failed. cycles: of hardware, of all runs.
    """

    core: str
    case: str
    level: str
    seed: int
    size: int
    problems: tuple[Problem, ...]
    transactions: int
    hits: Mapping[str, Mapping[str, int]]
    code: Coverage | None = None
    waves: Path | None = None
    cycles: int = 0

    @property
    def passed(self) -> bool:
        """Nothing is wrong."""
        return not self.problems

    @property
    def command(self) -> str:
        """Repeats this on the command line."""
        return (
            f"spikelock verify {self.core} --case {shlex.quote(self.case)} --levels {self.level} "
            f"--seed {self.seed} --size {self.size}"
        )

    def __str__(self) -> str:
        head = f"{self.core}, case {self.case}, at {self.level}"
        if self.passed:
            return f"{head}: {self.transactions} transactions agree"
        waves = [f"waves: {self.waves}"] if self.waves else []
        return "\n".join(
            [head, *(f"  {problem}" for problem in self.problems), *waves, f"again: {self.command}"]
        )


def check(
    bench: Bench,
    case: Case,
    level: str,
    *,
    seed: int = 0,
    size: int = 300,
    code: bool = False,
    waves: Path | None = None,
) -> CaseResult:
    """Runs a case at a level and says all that is wrong.

    Every run must equal the reference. Hardware runs unhindered, then with stalls and with resets at seeded
    moments; the cocotb levels also check its timing, its protocol, and that the handshakes of every kind
    occurred. Outputs that never change verify nothing, and are a problem. size: about how many input
    transactions. code: collect line, branch and toggle coverage, where the level has it. waves: a folder; the
    first failing run of hardware is repeated, and its waves go there.
    Raises MissingTool where the level's tools are missing.
    """
    trial = Trial(bench, case, level, seed, size)
    runs = list(trial.runs(code))
    problems = [*_unmoved(trial.expected), *(problem.within(r.name) for r in runs for problem in r.problems)]
    hits: Mapping[str, Mapping[str, int]] = {}
    if not problems:
        problems += _missing_handshakes(bench, [r.done for r in runs])
        group = bench.coverage()
        group.sample(bench.observe(case.params, trial.configuration, trial.inputs, runs[0].done.outputs))
        hits = group.hits
    failed = next((r for r in runs if r.problems), None)
    return CaseResult(
        bench.core.name,
        case.name,
        level,
        seed,
        size,
        tuple(problems),
        sum(len(records) for r in runs for records in r.done.outputs.values()),
        hits,
        _merged([r.done.code for r in runs if r.done.code is not None]),
        trial.replay(failed.job, waves / f"{bench.core.name}-{case.name}-{level}")
        if failed and waves
        else None,
        sum(r.done.cycles or 0 for r in runs),
    )


def coverage(bench: Bench, results: Sequence[CaseResult]) -> CoverGroup:
    """What several cases reached together."""
    group = bench.coverage()
    for result in results:
        if result.hits:
            group.merge(result.hits)
    return group


def code_coverage(results: Sequence[CaseResult]) -> list[Coverage]:
    """Line, branch and toggle coverage of several results: those of the same Verilog are merged."""
    designs: dict[str, list[Coverage]] = {}
    for result in results:
        if result.code is not None:
            designs.setdefault(result.code.verilog, []).append(result.code)
    return [merged for parts in designs.values() if (merged := _merged(parts)) is not None]


@dataclass(frozen=True)
class _Run:
    """One job of a trial, what the level made of it, and what is wrong with that."""

    name: str
    job: Job
    done: CoreRun
    problems: Sequence[Problem]


class Trial:
    """A case at a level, with its stimulus and what the reference makes of it.

    configuration, inputs, expected: of all its jobs. component: hardware in the place of the core's own.
    """

    def __init__(self, bench: Bench, case: Case, level: str, seed: int, size: int) -> None:
        self.bench, self.params, self.level, self.seed = bench, case.params, level, seed
        self.configuration = bench.core.configuration(case.params, case.registers, case.memories)
        self.inputs = case.inputs(seed, size)
        _, self.expected = run_reference(bench.core, case.params, self.configuration, self.inputs)
        self.component = bench.component(case.params) if bench.component and level in HARDWARE else None

    def jobs(self) -> dict[str, Job]:
        """Unhindered first; then, for hardware, with stalls, and with resets in the midst of the stimulus."""
        plain = Job(self.inputs, expected=self.expected, seed=self.seed)
        jobs = {"unhindered": plain}
        if self.level == "rtl":
            stalls = {"light": LIGHT, "bursts": BURSTS, "after_valid": AFTER_VALID}
            jobs |= {f"stalls {name}": replace(plain, stalls=stall) for name, stall in stalls.items()}
        if self.level in HARDWARE:
            longest = max(len(records) for records in self.inputs.values())
            count = 2 + longest // BETWEEN_RESETS
            resets = np.random.default_rng(self.seed).integers(1, 2 * longest + 2, count)
            jobs["stalls heavy, resets"] = replace(
                plain, expected={}, stalls=HEAVY, resets=tuple(resets.tolist()), drain=self.bench.silence
            )
        return jobs

    def runs(self, code: bool) -> Iterator[_Run]:
        """The jobs at the level, and what is wrong with each."""
        core, params, configuration, jobs = self.bench.core, self.params, self.configuration, self.jobs()
        done = levels.run_all(
            self.level,
            core,
            params,
            configuration,
            list(jobs.values()),
            component=self.component,
            code_coverage=code,
        )
        for (name, job), run in zip(jobs.items(), done, strict=True):
            problems = levels.problems_of(core, params, configuration, job, run)
            yield _Run(name, job, run, problems)

    def replay(self, job: Job, folder: Path) -> Path | None:
        """The waves of a job on hardware; None for software."""
        if self.level in SOFTWARE:
            return None
        from .uvm.runner import replay

        return replay(
            self.bench.core,
            self.params,
            self.configuration,
            job,
            SIMULATOR_OF[self.level],
            component=self.component,
            folder=folder,
        ).waves


def _unmoved(outputs: Mapping[str, Records]) -> list[Problem]:
    """Outputs that show nothing: fields that are the same in every transaction of the reference."""
    return [
        Problem(Detector.UNMOVED, f"{name}: {field} never changes, so its comparison says nothing")
        for name, records in outputs.items()
        for field in records.dtype.names or ()
        if len(np.unique(records[field])) < 2
    ]


def _missing_handshakes(bench: Bench, runs: Sequence[CoreRun]) -> list[Problem]:
    groups: dict[str, CoverGroup] = {}
    for run in runs:
        for stream, hits in run.handshakes.items():
            groups.setdefault(stream, handshakes(stream, bench.impossible.get(stream))).merge(hits)
    return [
        Problem(Detector.HANDSHAKES, f"{stream}: {problem}")
        for stream, group in groups.items()
        for problem in group.problems()
    ]


def _merged(parts: Sequence[Coverage]) -> Coverage | None:
    return replace(parts[0], counts=merge(part.counts for part in parts)) if parts else None


# ---------------------------------------------------------------- pytest

SIZES = {"reference": 2_000, "engine": 2_000, "rtl": 2_000, "cocotb": 300, "icarus": 300}
"""Input transactions of a test, by level; a long run takes `LONGER` times as many."""

LONGER = 50


def parametrise(metafunc: Any, bench: Bench) -> None:
    """A bench module's `pytest_generate_tests`: every case at every level."""
    if {"case", "level"} <= set(metafunc.fixturenames):
        metafunc.parametrize("level", LEVELS)
        metafunc.parametrize("case", bench.cases, ids=lambda case: case.name)


def require(bench: Bench, case: Case, level: str, size: Any) -> None:
    """A bench module's test of one case at one level; skipped where a tool is missing. size: the fixture."""
    import pytest

    transactions = size.pick(SIZES[level], LONGER * SIZES[level])
    try:
        result = check(bench, case, level, size=transactions, waves=Path("build") / "waves")
    except MissingTool as missing:
        pytest.skip(str(missing))
    assert result.passed, str(result)


def require_coverage(bench: Bench, level: str = "cocotb") -> None:
    """A bench module's test that the cases, as large as at that level, reach everything between them."""
    results = [check(bench, case, "reference", size=SIZES[level]) for case in bench.cases]
    group = coverage(bench, results)
    assert not group.problems(), group.report()
