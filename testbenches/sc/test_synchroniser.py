"""Bench of `sc.synchroniser`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.synchroniser import CORE, Kind, Params
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.sc.synchroniser_bugs import BUGS

INPUT = CORE.inputs(Params())["input"]


def pairs(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Stretches of independent bits, of one pair of bits again and again, and of two opposite pairs."""
    shares = [
        [1, 1, 1, 1],
        [1, 0, 0, 1],
        [0, 1, 1, 0],
        [0, 4, 1, 0],
        [0, 1, 4, 0],
        [4, 0, 0, 1],
        [1, 0, 0, 4],
    ]
    stretches = [
        random.choice(4, 16, p=np.array(shares[kind]) / sum(shares[kind]))
        for kind in random.integers(0, len(shares), size // 16 + 1)
    ]
    both = np.concatenate(stretches)[:size]
    return {"input": INPUT.records(both & 1, both >> 1)}


def case(kind: Kind, depth: int) -> Case:
    """A case of those parameters."""
    return Case(f"{kind.value}-{depth}", Params(kind, depth), pairs)


CASES = [
    case(kind, depth)
    for kind, deep in ((Kind.SYNCHRONISER, 3), (Kind.DESYNCHRONISER, 4))
    for depth in (1, deep)
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a transaction: x + 2·y as they came and as they went; of which stream ones are held back."""
    given, out = inputs["input"], outputs["output"]
    kept_x, kept_y = np.cumsum(given["x"] - out["x"]), np.cumsum(given["y"] - out["y"])
    return {
        "kind": np.full(len(given), list(Kind).index(params.kind)),
        "deep": np.full(len(given), int(params.depth > 1)),
        "given": given["x"] + 2 * given["y"],
        "out": out["x"] + 2 * out["y"],
        "full": (kept_x + kept_y == params.depth).astype(np.int64),
        "kept": np.sign(kept_x - kept_y),
    }


STEPS = {
    Kind.SYNCHRONISER: [(0, 0), (1, 0), (1, 1), (1, 3), (2, 0), (2, 2), (2, 3), (3, 3)],
    Kind.DESYNCHRONISER: [(0, 0), (0, 1), (0, 2), (1, 1), (2, 2), (3, 1), (3, 2), (3, 3)],
}
"""What can come and what can then go out, as x + 2·y."""


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    steps = Point(
        "step",
        {
            f"{kind.value}: {before:02b} gives {after:02b}": lambda t, k=k, b=before, a=after: (
                (t["kind"] == k) & (t["given"] == b) & (t["out"] == a)
            )
            for k, kind in enumerate(Kind)
            for before, after in STEPS[kind]
        },
    )
    kinds = Point("kind", {kind.value: lambda t, k=k: t["kind"] == k for k, kind in enumerate(Kind)})
    deep = values("deep", "deep", 0, 1)
    return CoverGroup(
        "sc.synchroniser",
        [
            cross(steps, deep),
            cross(kinds, deep, values("full", "full", 0, 1)),
            cross(kinds, deep, values("stream held back", "kept", -1, 0, 1)),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
