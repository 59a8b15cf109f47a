"""Checks benches: one function for every case at every level, and what the cases reach together."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spikelock.models.ports import Records

from .bench import Bench, Case
from .coverage_data import Coverage, merge
from .functional_coverage import CoverGroup, handshakes
from .levels import CoreRun
from .problem import Detector, Problem
from .trial import Trial


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

    Every run must equal the reference. Hardware runs unhindered, when it must keep the timing it promises,
    then with stalls and with resets at seeded moments; the cocotb levels also check that the handshakes of
    every kind occurred. Outputs that never change verify nothing, and are a problem. size: about how many
    input transactions. code: collect line, branch and toggle coverage, where the level has it. waves: a
    folder; the first failing run of hardware is repeated, and its waves go there.
    Raises MissingTool where the level's tools are missing.
    """
    return check_trial(Trial(bench, case, level, seed, size), code=code, waves=waves)


def check_trial(trial: Trial, *, code: bool = False, waves: Path | None = None) -> CaseResult:
    """`check` of a trial."""
    bench, case, level = trial.bench, trial.case, trial.level
    runs = list(trial.runs(code))
    problems = [*unmoved(trial.expected), *(problem.within(r.name) for r in runs for problem in r.problems)]
    hits: Mapping[str, Mapping[str, int]] = {}
    if not problems:
        # With other settings a core may well be silent.
        own = [r for r in runs if r.play.configuration is trial.configuration]
        problems += [problem.within(r.name) for r in own for problem in unmoved(r.done.outputs)]
        problems += _missing_handshakes(bench, case, [r.done for r in runs])
        group = bench.coverage()
        group.sample(bench.observe(case.params, trial.configuration, trial.inputs, runs[0].done.outputs))
        hits = group.hits
    failed = next((r for r in runs if r.problems), None)
    return CaseResult(
        bench.core.name,
        case.name,
        level,
        trial.seed,
        trial.size,
        tuple(problems),
        sum(len(records) for r in runs for records in r.done.outputs.values()),
        hits,
        _merged([r.done.code for r in runs if r.done.code is not None]),
        trial.replay(failed.play, waves / f"{bench.core.name}-{case.name}-{level}")
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


def unmoved(outputs: Mapping[str, Records]) -> list[Problem]:
    """Outputs that show nothing: fields that are the same in every transaction."""
    return [
        Problem(Detector.UNMOVED, f"{name}: {field} never changes, so its comparison says nothing")
        for name, records in outputs.items()
        for field in records.dtype.names or ()
        if len(np.unique(records[field])) < 2
    ]


def _missing_handshakes(bench: Bench, case: Case, runs: Sequence[CoreRun]) -> list[Problem]:
    groups: dict[str, CoverGroup] = {}
    for run in runs:
        for stream, hits in run.handshakes.items():
            impossible = {**bench.impossible.get(stream, {}), **case.impossible.get(stream, {})}
            groups.setdefault(stream, handshakes(stream, impossible)).merge(hits)
    problems = [f"{stream}: {problem}" for stream, group in groups.items() for problem in group.problems()]
    for stream in groups.keys() & bench.core.outputs(case.params).keys():
        stalled = [
            n for hits in groups[stream].hits.values() for b, n in hits.items() if b.endswith("stalled")
        ]
        if not any(stalled):
            problems.append(f"{stream}: nothing was stalled, so no payload was seen to hold")
    return [Problem(Detector.HANDSHAKES, problem) for problem in problems]


def _merged(parts: Sequence[Coverage]) -> Coverage | None:
    return replace(parts[0], counts=merge(part.counts for part in parts)) if parts else None
