"""How the mutants of a core are shared out among its designs: one design for each value of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikelock.models.errors import BadInput
from spikelock.testbenches.bench import Bench, Case

SIZE = 2000
"""About how many input transactions a case has: as many as its tests give it at `rtl`."""

LEAST = 25
"""Mutants of a design, at least: each design costs a build, so where there are few, some have none."""


@dataclass(frozen=True)
class Share:
    """The mutants of one design of a core; plain data.

    design: number of the design, see `designs`. count: of mutants. seed: of the choice of mutants and of the
    stimuli. size: about how many input transactions a case has.
    """

    core: str
    design: int
    count: int
    seed: int
    size: int


def designs(bench: Bench) -> list[list[Case]]:
    """The cases of each design: those whose parameters are equal."""
    found: dict[object, list[Case]] = {}
    for case in bench.cases:
        found.setdefault(case.params, []).append(case)
    return list(found.values())


def share_out(bench: Bench, count: int, seed: int, size: int) -> list[Share]:
    """`count` mutants over the designs of a core, in proportion to their cases; the largest share first.

    Raises BadInput for a count or size below 1, or a seed below 0.
    """
    if min(count, size) < 1 or seed < 0:
        raise BadInput(f"{count} mutants, size {size}, seed {seed}: 1 or more, 1 or more, and 0 or more work")
    sizes = {number: len(cases) for number, cases in enumerate(designs(bench))}
    chosen = sorted(sizes, key=lambda number: -sizes[number])[: max(1, count // LEAST)]
    counts = _in_proportion(count, [sizes[number] for number in chosen])
    shares = [Share(bench.core.name, i, n, seed, size) for i, n in zip(chosen, counts, strict=True) if n]
    return sorted(shares, key=lambda share: -share.count)


def _in_proportion(total: int, weights: Sequence[int]) -> list[int]:
    """Integers that sum to `total`, each within one of its proportion."""
    ends = [round(total * sum(weights[: i + 1]) / sum(weights)) for i in range(len(weights))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
