"""Every proof of a core, and how far it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from spikelock.formal.proof import Proof, proofs
from spikelock.formal.runner import prove
from spikelock.models.core import has_twin
from spikelock.testbenches.regression_cases.counterexamples import store_counterexample

from ..failures import failures_folder
from ..task import Result, Stage, Task

TITLE = "Proofs"

SECONDS = 40.0
"""About what a proof takes."""

DETECTOR = "proof"


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a proof; none in a smoke run, which must be quick."""
    if stage == "smoke" or not has_twin(core, "formal"):
        return []
    return [Task("proofs", core, {"proof": proof.name}) for proof in proofs(core)]


def seconds(task: Task) -> float:
    """About how long it takes."""
    return SECONDS


def run(task: Task) -> Result:
    """Data: verdict, what is proved, covers. Undecided is a failure: nothing was proved."""
    proof = _proof(task)
    done = prove(proof, failures_folder())
    problems = [f"{done.verdict}: {done.reason}"] if not done.holds else []
    counterexample = done.counterexample
    files = {"waves": str(counterexample.wave)} if counterexample is not None else {}
    if done.status == "failed" and (case := store_counterexample(proof, failures_folder())) is not None:
        files["case"] = str(case)
    return Result(
        task,
        proof.name,
        "passed" if done.holds else "failed",
        problems,
        [DETECTOR] * len(problems),
        f"spikelock prove {proof.core}",
        files,
        data={
            "verdict": done.verdict,
            "says": proof.says,
            "status": done.status,
            "cycles": None if done.status == "proved" else proof.depth,
            "covers": dict(done.covers),
            "covers_missing": list(done.missing),
            "counterexample": None if counterexample is None else str(counterexample),
        },
    )


def conclude(core: str, stage: Stage, results: Sequence[Result]) -> list[Result]:
    """How many are unbounded, bounded, undecided and refuted."""
    done = Counter(str(result.data.get("status")) for result in results if result.task.check == "proofs")
    done.pop("None", None)
    if not done:
        return []
    good = not done["unknown"] and not done["failed"]
    words = {"proved": "unbounded", "bounded": "bounded", "unknown": "unknown", "failed": "refuted"}
    figure = ", ".join(f"{done[status]} {word}" for status, word in words.items() if done[status])
    return [
        Result(
            Task("proofs", core, {"conclude": stage}),
            "all proofs",
            "passed" if good else "failed",
            [] if good else [figure],
            [] if good else [DETECTOR],
            f"spikelock prove {core}",
            data={"figure": figure, **{word: done[status] for status, word in words.items()}},
        )
    ]


def _proof(task: Task) -> Proof:
    return next(proof for proof in proofs(task.subject) if proof.name == task.arguments["proof"])
