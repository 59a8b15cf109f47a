"""Negative controls: what is corrupted must be seen, and what is repeated must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spikelock.formal.proof import proofs
from spikelock.models.core import has_twin
from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.controls.assumptions import all_dropped, with_false_assumption
from spikelock.testbenches.controls.comparisons import altered_model, corrupted, repeated
from spikelock.testbenches.controls.control import ControlResult
from spikelock.testbenches.selection import icarus_is_there

from ..failures import failures_folder
from ..task import Result, Stage, Task
from .bench import compared_levels, has_bench

TITLE = "Negative controls"
DETECTOR = "control"

SIZE = 200
"""Input transactions of a control."""

QUICK = ("engine", "rtl")
"""Levels whose controls need no build but the core's own."""

PROOFS_IN_FULL = 1
"""Proofs of a core whose assumptions are tried in a full run; in a release run all are."""


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a level, for corruptions and for repetition; one for the compiled model; one a proof.

    A smoke run has only the levels that are quick. At `cocotb` each corruption is a build of seconds: a full
    run has one there, where the same environment sees all of them on Icarus.
    """
    found = []
    if has_bench(core):
        levels = ["reference", *compared_levels()]
        chosen = [level for level in levels if level in QUICK] if stage == "smoke" else levels
        few = {"cocotb": {"most": 1}} if stage == "full" and icarus_is_there() else {}
        found = [_task(core, "corrupted", seed, level=level, **few.get(level, {})) for level in chosen]
        if stage != "smoke":
            found.append(_task(core, "altered", seed))
    if stage != "smoke" and has_twin(core, "formal"):
        assumed = proofs(core)
        count = len(assumed) if stage == "release" else PROOFS_IN_FULL
        found += [_task(core, "assumed", seed, proof=proof.name) for proof in assumed[:count]]
    return found


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    level = task.arguments.get("level", "")
    return {"reference": 1.0, "engine": 1.0, "rtl": 8.0, "icarus": 25.0, "cocotb": 60.0}.get(level, 15.0)


def run(task: Task) -> Result:
    """Data: each control, and what was seen of it."""
    done = list(_controls(task))
    wrong = [result.wrong for result in done if not result.passed]
    if not done:
        wrong = ["there is nothing to corrupt, so nothing was tried"]
    return Result(
        task,
        _title(task),
        "failed" if wrong else "passed",
        wrong,
        [DETECTOR] * len(wrong),
        f"spikelock verify {task.subject} --checks controls --task {task.key}",
        data={
            "controls": [
                {"control": one.name, "seen": one.seen[0] if one.seen else "", "passed": one.passed}
                for one in done
            ]
        },
    )


def _controls(task: Task) -> Iterator[ControlResult]:
    arguments = task.arguments
    kind, seed = arguments["kind"], arguments["seed"]
    if kind == "assumed":
        (proof,) = (proof for proof in proofs(task.subject) if proof.name == arguments["proof"])
        yield with_false_assumption(proof, failures_folder())
        yield from all_dropped(proof, failures_folder())
        return
    bench = find_bench(task.subject)
    case = bench.cases[0]
    if kind == "altered":
        yield altered_model(bench, case, seed, SIZE)
        return
    yield from corrupted(bench, case, arguments["level"], seed, SIZE, arguments.get("most"))
    yield repeated(bench, case, arguments["level"], seed, SIZE)


def _task(core: str, kind: str, seed: int, **more: Any) -> Task:
    return Task("controls", core, {"kind": kind, "seed": seed, **more})


def _title(task: Task) -> str:
    arguments = task.arguments
    return {
        "corrupted": f"corruptions at {arguments.get('level')}",
        "altered": "an altered model",
        "assumed": f"assumptions of proof {arguments.get('proof')}",
    }[arguments["kind"]]
