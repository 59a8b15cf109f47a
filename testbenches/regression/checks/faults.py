"""Faults injected into the RTL of a core: how many are masked, detected, silent, or make it hang."""

from __future__ import annotations

from collections.abc import Sequence

from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.faults import CAMPAIGNS, Outcome

from ..task import Result, Stage, Task
from .bench import has_bench

TITLE = "Fault injection"

DETECTOR = "control"

COUNTS = {"smoke": 0, "full": 300, "release": 4_000}
"""Faults of each kind that are injected into a core."""


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a kind of fault; none in a smoke run."""
    if not COUNTS[stage] or not has_bench(core):
        return []
    return [Task("faults", core, {"kind": kind, "faults": COUNTS[stage], "seed": seed}) for kind in CAMPAIGNS]


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    return 12.0 + task.arguments["faults"] / 50


def run(task: Task) -> Result:
    """Data: counts, shares with 95 % intervals, and places.

    It fails where the design differs from the original while no fault is at work, and where no fault has any
    effect. How a core takes faults otherwise is a figure, not a rule.
    """
    arguments = task.arguments
    count, seed = arguments["faults"], arguments["seed"]
    bench = find_bench(task.subject)
    case = bench.cases[0]
    campaign = CAMPAIGNS[arguments["kind"]](bench, case, count, seed)
    tally = campaign.tally
    masked = tally.total > 0 and tally.counts[Outcome.MASKED] == tally.total
    problems = [f"none of {tally.total} faults had any effect: nothing shows that there were any"] * masked
    return Result(
        task,
        f"{arguments['kind']} faults",
        "failed" if masked else "passed",
        problems,
        [DETECTOR] * len(problems),
        again=f"spikelock faults {task.subject} --upsets {count} --stuck-at {count} --seed {seed}",
        cycles=campaign.cycles * tally.total,
        data=campaign.to_json(),
    )


def conclude(core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
    """Silent corruptions of each kind, in a few words."""
    own = [r.data for r in results if r.task.check == "faults" and "shares" in r.data]
    if not own:
        return []
    silent = ", ".join(f"{data['kind']} {100 * data['shares']['silent'][0]:.0f} %" for data in own)
    figure = f"silent: {silent}"
    return [
        Result(Task("faults", core, {"conclude": stage}), "all faults", "passed", data={"figure": figure})
    ]
