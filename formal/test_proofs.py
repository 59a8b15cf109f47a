"""Every proof of every core holds, reaches its covers, and catches each of its broken cores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spikelock.formal.proof import Proof, proofs
from spikelock.formal.runner import prove, prove_broken
from spikelock.models.core import all_cores
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant

FEW = 2
"""Broken cores of a proof that a short run tries: the first ones."""


def all_proofs() -> list[Proof]:
    found: list[Proof] = []
    for core in all_cores():
        try:
            found += proofs(core.name)
        except BadInput:  # whether a core may have none is for the layout test to say
            continue
    return found


ALL = all_proofs()


@pytest.mark.parametrize("proof", ALL, ids=str)
def test_holds(proof: Proof, tmp_path: Path) -> None:
    result = prove(proof, tmp_path)
    expected = "proved" if proof.induction is not None else "bounded"
    assert result.status == expected, f"{result.reason}\n{result.counterexample}"


@pytest.mark.parametrize(
    ("proof", "number", "mutant"),
    [
        pytest.param(proof, number, mutant, id=f"{proof}: {mutant.breaks}")
        for proof in ALL
        for number, mutant in enumerate(proof.mutants)
    ],
)
def test_catches_a_broken_core(proof: Proof, number: int, mutant: Mutant, size: Any, tmp_path: Path) -> None:
    if number >= size.pick(FEW, len(proof.mutants)):
        pytest.skip("tried with --size long")
    result = prove_broken(proof, mutant, tmp_path)
    assert result.status == "failed", f"{result.status}: {result.reason}"
    assert result.counterexample is not None


@pytest.mark.parametrize("proof", ALL, ids=str)
def test_has_broken_cores(proof: Proof) -> None:
    assert proof.mutants, "a proof that was never seen to fail is worth nothing"
