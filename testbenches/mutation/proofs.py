"""How proofs fare with mutants: which of a sample each proof of a core catches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spikelock.formal.design import TOP, Design, design
from spikelock.formal.proof import Proof
from spikelock.formal.sby import Task, run
from spikelock.testbenches.alterations import Alteration, list_mutations
from spikelock.testbenches.yosys import kept_yosys

SECONDS = 60
"""The time of one search for a run that breaks a claim."""

PREPARE = f"read_rtlil design.il\nhierarchy -top {TOP}\nproc\nopt_clean\nwrite_rtlil prepared.il\n"


@dataclass(frozen=True)
class ProofView:
    """What one proof makes of a sample of mutants. undecided: those for which its time was too short.

    Mutants that change nothing, or nothing that the proof is about, are missed as well: what counts is that a
    proof catches some.
    """

    proof: Proof
    caught: tuple[Alteration, ...]
    missed: tuple[Alteration, ...]
    undecided: tuple[Alteration, ...]

    @property
    def catches_none(self) -> bool:
        """It would, for all that this sample shows, pass whatever the core does."""
        return not self.caught


def view(proof: Proof, count: int, seed: int) -> ProofView:
    """Mutates the core in the midst of the design of a proof, and looks for runs that break a claim.

    Each search goes from reset up to the depth of the proof; helper invariants do not count. Raises
    MissingTool without the tools.
    """
    original = design(proof)
    prepared = kept_yosys(PREPARE, {"design.il": original.without_lines}, "prepared.il")
    found: dict[str, list[Alteration]] = {"FAIL": [], "PASS": [], "TIMEOUT": []}
    task = Task("bmc", proof.depth, min(SECONDS, proof.timeout), proof.bit_level, helpers=False)
    for mutation in list_mutations(prepared, count, seed, cells=f"{TOP}.core*/t:*"):
        found[run(_mutated(original, prepared, mutation), task).outcome].append(mutation)
    return ProofView(proof, tuple(found["FAIL"]), tuple(found["PASS"]), tuple(found["TIMEOUT"]))


def _mutated(original: Design, prepared: str, mutation: Alteration) -> Design:
    script = f"read_rtlil prepared.il\n{mutation.command}\nwrite_rtlil mutated.il\n"
    return replace(original, rtlil=kept_yosys(script, {"prepared.il": prepared}, "mutated.il"))


def toothless(views: Sequence[ProofView]) -> list[str]:
    """The proofs that catch none of their mutants, a sentence each."""
    return [
        f'the proof "{view.proof.name}" catches none of {len(view.missed) + len(view.undecided)} mutants'
        for view in views
        if view.catches_none
    ]
