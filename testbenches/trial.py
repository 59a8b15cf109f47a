"""A case of a bench at a level: its jobs, and what the level makes of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spikelock.models.core import run_reference

from . import levels
from .bench import Bench, Case
from .levels import HARDWARE, CoreRun
from .lockstep import AFTER_VALID, BURSTS, HEAVY, LIGHT, Job
from .problem import Problem
from .settings import random_settings

BETWEEN_RESETS = 25
"""Hardware is reset in mid-stream about once in so many transactions."""

SETTINGS = 36
"""Runs of a case with random values in the registers, each with a stimulus of its own."""

SHORTER = 3
"""They are so many times as short as the case: other values tell more than longer runs."""

STALLED = 64
"""Cycles that a transaction may be stalled for on average, before a run is given up."""


@dataclass(frozen=True)
class Run:
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
        self.bench, self.case, self.level, self.seed, self.size = bench, case, level, seed, size
        self.params = case.params
        self.configuration = bench.core.configuration(case.params, case.registers, case.memories)
        self.inputs = case.inputs(seed, size)
        _, self.expected = run_reference(bench.core, case.params, self.configuration, self.inputs)
        self.component = bench.component(case.params) if bench.component and level in HARDWARE else None

    def jobs(self) -> dict[str, Job]:
        """Unhindered first; then, for hardware, with stalls, and with resets in the midst of the stimulus.

        At `rtl`, where that costs little, also with random values in the registers: they are in `Job.levels`.
        """
        transactions = sum(map(len, (*self.inputs.values(), *self.expected.values())))
        limit = (self.bench.silence + STALLED) * (transactions + 100)
        plain = Job(self.inputs, expected=self.expected, seed=self.seed, limit=limit)
        jobs = {"unhindered": replace(plain, stamps=self.level in HARDWARE)}
        if self.level == "rtl":
            stalls = {"light": LIGHT, "bursts": BURSTS, "after_valid": AFTER_VALID}
            jobs |= {f"stalls {name}": replace(plain, stalls=stall) for name, stall in stalls.items()}
            settings = SETTINGS if self.bench.any_registers and self.configuration.registers else 0
            jobs |= {f"settings {n}": self._with_settings(plain, n) for n in range(1, settings + 1)}
        if self.level in HARDWARE:
            longest = max(len(records) for records in self.inputs.values())
            count = 2 + longest // BETWEEN_RESETS
            resets = np.random.default_rng(self.seed).integers(1, 2 * longest + 2, count)
            jobs["stalls heavy, resets"] = replace(
                plain, expected={}, stalls=HEAVY, resets=tuple(resets.tolist()), drain=self.bench.silence
            )
        return jobs

    def _with_settings(self, plain: Job, number: int) -> Job:
        """A shorter job with random values in the registers, and what the reference makes of it."""
        core = self.bench.core
        random = np.random.default_rng([self.seed, number, zlib.crc32(self.case.name.encode())])
        registers = {
            **self.configuration.registers,
            **random_settings(core.registers(self.params), random),
        }
        configuration = core.configuration(self.params, registers, self.configuration.memories)
        inputs = self.case.inputs(int(random.integers(1 << 31)), max(1, self.size // SHORTER))
        _, expected = run_reference(core, self.params, configuration, inputs)
        return replace(plain, inputs=inputs, levels={"registers": registers}, expected=expected)

    def runs(self, code: bool) -> Iterator[Run]:
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
            yield Run(name, job, run, problems)

    def replay(self, job: Job, folder: Path) -> Path | None:
        """The waves of a job on hardware; None for software."""
        registers = {**self.configuration.registers, **dict(job.levels.get("registers", {}))}
        return levels.replay(
            self.level,
            self.bench.core,
            self.params,
            replace(self.configuration, registers=registers),
            job,
            folder,
            component=self.component,
        )
