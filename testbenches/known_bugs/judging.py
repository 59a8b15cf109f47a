"""Puts known bugs into cores, and says what catches them.

A bug is first shown to the checks at `rtl`, the cheapest that see hardware, then to those at the level, or to
the proof, that must catch it. Whatever else catches it is told too, but does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from spikelock.formal.proof import proofs
from spikelock.formal.runner import prove_broken
from spikelock.models.errors import BadInput
from spikelock.testbenches.bench import Bench
from spikelock.testbenches.bench_tests import SIZES
from spikelock.testbenches.checking import check
from spikelock.testbenches.problem import Detector, Problem

from .bug import Catch, KnownBug

CHEAPEST = "rtl"


@dataclass(frozen=True)
class BugResult:
    """What became of a bug. found: each problem that a check found, with the check."""

    bug: KnownBug
    found: tuple[tuple[Catch, Problem], ...]

    @property
    def catches(self) -> tuple[Catch, ...]:
        """The checks that caught it, each once, in the order in which they looked."""
        return tuple(dict.fromkeys(catch for catch, _ in self.found))

    @property
    def passed(self) -> bool:
        """The check that must catch the bug did."""
        return self.bug.caught_by in self.catches

    def __str__(self) -> str:
        others = ", ".join(str(catch) for catch in self.catches if catch != self.bug.caught_by)
        if self.passed:
            return f"caught by {self.bug.caught_by}" + (f", and by {others}" if others else "")
        told = f"only {others} caught it" if others else "nothing caught it"
        return f"missed by {self.bug.caught_by}, which must catch it; {told}: {self.bug.mutant.breaks}"


def find_bug(bench: Bench, name: str) -> KnownBug:
    """The known bug of that name. Raises BadInput, naming the bugs there are."""
    for bug in bench.bugs:
        if bug.name == name:
            return bug
    known = ", ".join(bug.name for bug in bench.bugs) or "none"
    raise BadInput(f"{bench.core.name} has no known bug {name!r}; it has: {known}")


def planted(bench: Bench, bug: KnownBug) -> Bench:
    """The bench with the broken core in the place of its own."""
    return replace(bench, component=lambda params: bug.mutant.component(bench.core.name, params))


def judge(bench: Bench, bug: KnownBug, folder: Path, *, seed: int = 0) -> BugResult:
    """Shows a bug to the checks. folder: for the wave of a counterexample, where a proof must catch the bug.

    Raises BadInput where the text that the bug edits does not occur once, or where there is no such case or
    proof; MissingTool where a tool is missing.
    """
    return BugResult(bug, tuple(_found(bench, bug, folder, seed)))


def _found(bench: Bench, bug: KnownBug, folder: Path, seed: int) -> Iterator[tuple[Catch, Problem]]:
    broken, case = planted(bench, bug), bench.case(bug.case)
    at_levels = bug.caught_by.detector is not Detector.PROOF
    shown_at = [CHEAPEST]
    if at_levels and bug.caught_by.where != CHEAPEST:
        shown_at.append(bug.caught_by.where)
    for level in shown_at:
        for problem in check(broken, case, level, seed=seed, size=SIZES[level]).problems:
            yield Catch(problem.detector, level), problem
    if not at_levels:
        yield from _refuted(bench.core.name, bug, folder)


def _refuted(core: str, bug: KnownBug, folder: Path) -> Iterator[tuple[Catch, Problem]]:
    """What the proof says that must catch the bug."""
    name = bug.caught_by.where
    found = [proof for proof in proofs(core) if proof.name == name]
    if not found:
        raise BadInput(
            f"{core} has no proof {name!r}, which must catch the bug {bug.name}; it has: "
            f"{', '.join(proof.name for proof in proofs(core))}"
        )
    result = prove_broken(found[0], bug.mutant, folder)
    if result.status == "failed":
        yield Catch(Detector.PROOF, name), Problem(Detector.PROOF, f"proof {name}: {result.reason}")
