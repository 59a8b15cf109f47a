"""How the mutants of a core are shared out among its designs: one design for each value of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikelock.testbenches.bench import Bench, Case


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
    """`count` mutants over the designs of a core, in proportion to their cases; the largest share first."""
    weights = [len(cases) for cases in designs(bench)]
    counts = _in_proportion(count, weights)
    shares = [Share(bench.core.name, i, n, seed, size) for i, n in enumerate(counts) if n]
    return sorted(shares, key=lambda share: -share.count)


def _in_proportion(total: int, weights: Sequence[int]) -> list[int]:
    """Integers that sum to `total`, each within one of its proportion."""
    ends = [round(total * sum(weights[: i + 1]) / sum(weights)) for i in range(len(weights))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
