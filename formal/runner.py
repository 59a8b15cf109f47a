"""Runs proofs: first the claims, by k-induction or up to a depth; then, where they hold, the covers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from spikelock.models.files import written_whole
from spikelock.models.mutant import Mutant

from .design import Design, design
from .proof import Proof, proofs
from .sby import Mode, Run, Task, run
from .trace import Counterexample, read_pins, read_signals

Status = Literal["proved", "bounded", "failed", "unknown"]


@dataclass(frozen=True)
class ProofResult:
    """What came of a proof.

    status: `proved`, for every run from reset; `bounded`, for the first `depth` cycles of every run;
        `failed`, where a run breaks a claim or a cover is not reached; `unknown`, where it is undecided or
        took too long.
    reason: why it is neither proved nor bounded, or empty.
    seconds: what the tools took. kept: they were not run now, the result is that of an earlier, equal run.
    covers: the covers that are reached, and in which cycle of the shortest run. missing: those that are not.
    counterexample: a run from reset that breaks a claim; with `unknown`, one from a state that may not occur.
    """

    proof: Proof
    status: Status
    reason: str
    seconds: float
    kept: bool
    covers: Mapping[str, int]
    missing: tuple[str, ...]
    counterexample: Counterexample | None

    @property
    def holds(self) -> bool:
        """No run breaks it, as far as the proof reaches."""
        return self.status in ("proved", "bounded")

    @property
    def verdict(self) -> str:
        """The status in words, with how far it reaches."""
        words: Mapping[Status, str] = {
            "proved": "proved, unbounded",
            "bounded": f"bounded to {self.proof.depth} cycles",
            "failed": "FAILED",
            "unknown": "UNKNOWN",
        }
        return words[self.status]


def prove(proof: Proof, folder: Path) -> ProofResult:
    """Runs one proof; the wave of a counterexample is left in `folder`.

    Raises MissingTool where a tool is not installed, BadInput for a proof that claims or covers nothing,
    SpikelockError where a tool fails.
    """
    return _judge(proof, design(proof), folder)


def prove_altered(proof: Proof, altered: Design, folder: Path) -> ProofResult:
    """`prove` with an altered design in the place of the proof's own, as a control of the proof."""
    return _judge(proof, altered, folder)


def prove_broken(proof: Proof, mutant: Mutant, folder: Path) -> ProofResult:
    """Looks for a run of a broken core, from reset and up to the proof's depth, that breaks a claim.

    Helper invariants do not count: they speak of the inside of the core, and a broken core may break them
    alone. The status is `failed` where the proof catches the mutant, and `bounded` where it does not. Raises
    as `prove`.
    """
    return _search(proof, design(proof, mutant.component(proof.core, proof.params)), folder)


def search_as_a_bench(proof: Proof, folder: Path, component: Any = None) -> ProofResult:
    """Looks for a run that breaks a claim as `prove_broken` does, among those that a bench can play.

    component: hardware in the place of the core's own. Raises as `prove`.
    """
    return _search(proof, design(proof, component, as_a_bench=True), folder)


def _search(proof: Proof, made: Design, folder: Path) -> ProofResult:
    return _check_claims(proof, made, folder, _task(proof, "bmc", proof.depth, helpers=False))


def prove_all(
    cores: Iterable[str],
    folder: Path,
    jobs: int = 2,
    progress: Callable[[ProofResult], None] = lambda result: None,
) -> list[ProofResult]:
    """Runs all proofs of some cores, `jobs` at a time; `progress` is told each result as it comes.

    Raises as `prove`, and BadInput for a core that has no proofs.
    """
    designs = [(proof, design(proof)) for core in cores for proof in proofs(core)]
    results: dict[int, ProofResult] = {}
    with ThreadPoolExecutor(jobs) as pool:
        numbers = {
            pool.submit(_judge, proof, made, folder): number for number, (proof, made) in enumerate(designs)
        }
        try:
            for done in as_completed(numbers):
                results[numbers[done]] = done.result()
                progress(done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [results[number] for number in sorted(results)]


def _judge(proof: Proof, made: Design, folder: Path) -> ProofResult:
    if proof.induction is None:
        result = _check_claims(proof, made, folder, _task(proof, "bmc", proof.depth, proof.free_products))
    else:
        task = _task(proof, "prove", proof.induction, proof.free_products)
        result = _check_claims(proof, made, folder, task)
    if result.status in ("proved", "bounded"):
        return _check_covers(proof, made, result)
    # Only a run from reset, with true products, that breaks more than a helper shows that something is wrong.
    search = _search(proof, made, folder)
    if search.status == "failed":
        return search
    reason = result.reason
    if search.status == "bounded":
        reason += f"; no run of {proof.depth} cycles from reset breaks a claim"
    return replace(result, status="unknown", reason=reason, kept=result.kept and search.kept)


def _task(proof: Proof, mode: Mode, depth: int, free_products: bool = False, helpers: bool = True) -> Task:
    return Task(mode, depth, proof.timeout, proof.bit_level, free_products, helpers)


def _check_claims(proof: Proof, made: Design, folder: Path, task: Task) -> ProofResult:
    ran = run(made, task)

    def result(status: Status, reason: str = "", counterexample: Counterexample | None = None) -> ProofResult:
        return ProofResult(proof, status, reason, ran.seconds, ran.kept, {}, (), counterexample)

    if ran.outcome == "PASS":
        return result("proved" if task.mode == "prove" else "bounded")
    if ran.outcome == "TIMEOUT":
        return result("unknown", f"no result within {proof.timeout} s")
    found = _counterexample(proof, made, ran, folder)
    if ran.outcome == "FAIL":
        return result("failed", f'"{found.claim}" does not hold', found)
    return result("unknown", f'"{found.claim}" is not inductive', found)


def _check_covers(proof: Proof, made: Design, claims: ProofResult) -> ProofResult:
    """Adds the covers to a result whose claims hold; where one is not reached, they may hold in vain."""
    ran = run(made, _task(proof, "cover", proof.depth))
    claims = replace(claims, seconds=claims.seconds + ran.seconds, kept=claims.kept and ran.kept)
    if ran.outcome == "TIMEOUT":
        return replace(claims, status="unknown", reason=f"covers: no result within {proof.timeout} s")
    reached = {made.covers[cell].name: step for cell, step in ran.reached().items()}
    missing = tuple(cover.name for cover in made.covers.values() if cover.name not in reached)
    if missing:
        reason = f"not reached in {proof.depth} cycles, so claims may hold in vain: {', '.join(missing)}"
        return replace(claims, status="failed", reason=reason, covers=reached, missing=missing)
    return replace(claims, covers=reached)


def _counterexample(proof: Proof, made: Design, ran: Run, folder: Path) -> Counterexample:
    failed = ran.failed()
    cell = next(cell for cell in made.claims if cell in failed)
    folder.mkdir(parents=True, exist_ok=True)
    claim, step = made.claims[cell], failed[cell]
    signals, pins = read_signals(made, ran.wave, step + 1), read_pins(ran.wave, step + 1)
    # Another broken core may leave a wave of the same proof at the same time.
    wave = folder / f"{re.sub(r'[^a-z0-9]+', '-', str(proof))}.vcd"
    with written_whole(wave) as file:
        file.write(ran.wave.read_bytes())
    return Counterexample(claim.name, claim.source, step, signals, wave, pins)
