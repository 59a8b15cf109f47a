"""Mutants of a core's RTL that its bench must kill; the score decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.mutation.campaign import run_share
from spikelock.testbenches.mutation.report import share_data
from spikelock.testbenches.mutation.score import below_gate, merged, surely_below_gate
from spikelock.testbenches.mutation.shares import SIZE, Share, share_out
from spikelock.testbenches.problem import Detector

from ..task import Result, Stage, Task
from .bench import has_bench

TITLE = "Mutation score"

COUNTS = {"smoke": 100, "full": 400, "release": 4_000}
"""Mutants of a core."""


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a design: a design for each value of the core's parameters."""
    if not has_bench(core):
        return []
    bench = find_bench(core)
    return [
        Task("mutation", core, {"design": s.design, "mutants": s.count, "seed": s.seed, "size": s.size})
        for s in share_out(bench, COUNTS[stage], seed, SIZE)
    ]


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    return 8.0 + task.arguments["mutants"] / 10


def run(task: Task) -> Result:
    """Data: the score, by module too, and the survivors. A task itself does not fail: the score decides."""
    arguments = task.arguments
    share = Share(
        task.subject, arguments["design"], arguments["mutants"], arguments["seed"], arguments["size"]
    )
    done = run_share(find_bench(task.subject), share)
    return Result(
        task,
        f"mutants of {done.design}",
        "passed",
        again=_again(task.subject, share.seed),
        cycles=done.cycles * len(done.fates),
        data=share_data(done),
    )


def conclude(core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
    """The score of all designs against its gates; at `smoke`, whether it is surely below."""
    own = [r for r in results if r.task.check == "mutation" and "score" in r.data]
    if not own:
        return []
    everything, leaves = (merged(r.data[name] for r in own) for name in ("score", "leaves"))
    problems = surely_below_gate(everything) if stage == "smoke" else below_gate(everything, leaves)
    low, high = everything.interval
    data: dict[str, Any] = {
        "score": everything.to_json(),
        "leaves": leaves.to_json(),
        "survivors": [survivor for r in own for survivor in r.data["survivors"]],
        "figure": f"{100 * everything.strict:.1f} % ({100 * low:.0f} to {100 * high:.0f}) of "
        f"{everything.total} mutants",
    }
    return [
        Result(
            Task("mutation", core, {"conclude": stage}),
            "all mutants",
            "failed" if problems else "passed",
            problems,
            [Detector.MUTATION.value] * len(problems),
            _again(core, own[0].task.arguments["seed"], everything.total),
            data=data,
        )
    ]


def _again(core: str, seed: int, mutants: int = COUNTS["full"]) -> str:
    return f"spikelock mutate {core} --mutants {mutants} --seed {seed}"
