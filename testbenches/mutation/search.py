"""Looks for a run that shows what alterations change: other settings and other seeds than the bench's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spikelock.models.errors import SpikelockError
from spikelock.testbenches.bench import Case
from spikelock.testbenches.settings import random_settings

from .trials import Jury, Kill

ROUNDS = 8


@dataclass(frozen=True)
class Shown:
    """A run that shows what an alteration changes: a case with other registers, its seed, its size."""

    kill: Kill
    registers: dict[str, int]
    seed: int
    size: int

    def __str__(self) -> str:
        settings = ", ".join(f"{name} = {value}" for name, value in self.registers.items())
        where = f"{self.kill.case} with {settings}" if settings else self.kill.case
        return f"{where}, seed {self.seed}, {self.kill.job}: {self.kill.problem}"


def search(
    jury: Jury,
    cases: Sequence[Case],
    numbers: Iterable[int],
    seed: int,
    size: int,
    rounds: int = ROUNDS,
) -> dict[int, Shown]:
    """For those alterations for which some round finds one, a run that shows what they change.

    Each round takes a case, with random registers and another seed. Settings with which the original is not
    the reference are no use of the core, and are passed over. jury: that has let them pass.
    """
    bench = jury.bench
    random = np.random.default_rng([seed, ROUNDS])
    left, shown = set(numbers), {}
    for number in range(rounds):
        if not left:
            break
        case = cases[number % len(cases)]
        registers = (bench.settings or random_settings)(bench.core.registers(case.params), random)
        other = replace(case, registers={**case.registers, **registers})
        other_seed = int(random.integers(1 << 31))
        try:
            another = Jury(bench, [other], jury.built, other_seed, size, jury.run_original)
        except SpikelockError:
            continue
        for mutant in sorted(left):
            if kill := another.judge(mutant):
                shown[mutant] = Shown(kill, dict(other.registers), other_seed, size)
        left -= shown.keys()
    return shown
