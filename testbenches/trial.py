"""A case of a bench at a level: its jobs, and what the level makes of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spikelock.models.core import run_reference
from spikelock.models.ports import RegisterMap

from . import levels
from .bench import Bench, Case
from .levels import HARDWARE, CoreRun, Play
from .lockstep import AFTER_VALID, BURSTS, HEAVY, LIGHT, Job
from .problem import Problem

RESETS_UNTIL = (2, 8)
"""Cycles a transaction until which resets come: some cores take one a cycle, and some spend many on each."""

SETTINGS = 36
"""Runs of a case with other settings of the core, each with a stimulus of its own."""

SHORTER = 3
"""They are so many times as short as the case: other values tell more than longer runs."""

STALLED = 64
"""Cycles that a transaction may be stalled for on average, before a run is given up."""


@dataclass(frozen=True)
class Run:
    """One job of a trial, what the level made of it, and what is wrong with that."""

    name: str
    play: Play
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

    def plays(self) -> dict[str, Play]:
        """Unhindered first; then, for hardware, with stalls, and with resets in the midst of the stimulus.

        At `rtl`, where that costs little, also with random values in the registers and other contents of the
        memories.
        """
        transactions = sum(map(len, (*self.inputs.values(), *self.expected.values())))
        limit = (self.bench.silence + STALLED) * (transactions + 100)
        plain = Job(self.inputs, expected=self.expected, seed=self.seed, limit=limit)
        jobs = {"unhindered": replace(plain, stamps=self.level in HARDWARE)}
        if self.level == "rtl":
            stalls = {"light": LIGHT, "bursts": BURSTS, "after_valid": AFTER_VALID}
            jobs |= {f"stalls {name}": replace(plain, stalls=stall) for name, stall in stalls.items()}
        if self.level in HARDWARE:
            longest = max(len(records) for records in self.inputs.values())
            count = 2 + longest // self.bench.between_resets
            random = np.random.default_rng(self.seed)
            ends = longest * random.choice(RESETS_UNTIL, count) + 2
            resets = random.integers(1, ends)
            jobs["stalls heavy, resets"] = replace(
                plain, expected={}, stalls=HEAVY, resets=tuple(resets.tolist()), drain=self.bench.silence
            )
        plays = {name: Play(self.configuration, job) for name, job in jobs.items()}
        if self.level == "rtl" and (self._settings or self.case.contents):
            plays |= {f"settings {n}": self._with_settings(plain, n) for n in range(1, SETTINGS + 1)}
        return plays

    @property
    def _settings(self) -> Callable[[RegisterMap, np.random.Generator], Mapping[str, int]] | None:
        return self.bench.settings if self.configuration.registers else None

    def _with_settings(self, plain: Job, number: int) -> Play:
        """A shorter job with other settings, and what the reference makes of it."""
        core = self.bench.core
        random = np.random.default_rng([self.seed, number, zlib.crc32(self.case.name.encode())])
        registers, memories = dict(self.configuration.registers), self.configuration.memories
        if self._settings:
            registers |= self._settings(core.registers(self.params), random)
        if self.case.contents:
            memories = self.case.contents(random)
        configuration = core.configuration(self.params, registers, memories)
        inputs = self.case.inputs(int(random.integers(1 << 31)), max(1, self.size // SHORTER))
        _, expected = run_reference(core, self.params, configuration, inputs)
        return Play(configuration, replace(plain, inputs=inputs, expected=expected))

    def runs(self, code: bool) -> Iterator[Run]:
        """The jobs at the level, and what is wrong with each."""
        core, params, plays = self.bench.core, self.params, self.plays()
        done = levels.run_all(
            self.level, core, params, list(plays.values()), component=self.component, code_coverage=code
        )
        for (name, play), run in zip(plays.items(), done, strict=True):
            yield Run(name, play, run, levels.problems_of(core, params, play.configuration, play.job, run))

    def replay(self, play: Play, folder: Path) -> Path | None:
        """The waves of a job on hardware; None for software."""
        return levels.replay(
            self.level,
            self.bench.core,
            self.params,
            play.configuration,
            play.job,
            folder,
            component=self.component,
        )
