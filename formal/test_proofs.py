"""Every proof of every core and part of a board holds, reaches its covers, and catches its broken cores."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import Any

import pytest

from spikelock.formal.proof import Proof, proofs, subjects
from spikelock.formal.runner import prove, prove_broken
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant
from spikelock.rtl import board

FEW = 1
"""Broken cores of a proof that a short run tries: the first ones. The regression tries all."""

ALL = [proof for subject in subjects() for proof in proofs(subject)]


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


WITHOUT_PROOFS = {
    "top": "wires; simulated as a virtual board",
    "services": "wires, and counts; hil/test_services.py",
    "on_board": "a board's pins and clock",
    "rmii_line": "wires, and crossings between clocks; a proof has one clock",
    "udp_line": "wires; its parts are cores, with proofs of their own",
    "without_reset": "for simulation only",
}
"""Modules of a board's hardware → why there is nothing to prove of them."""


def test_each_part_of_a_board_has_proofs() -> None:
    found = {module.name for module in pkgutil.iter_modules(board.__path__)}
    proved = {name.removeprefix("board.") for name in subjects(["board"])}
    assert found - proved == set(WITHOUT_PROOFS)
    assert proved <= found
    assert all(WITHOUT_PROOFS.values())


def test_subjects_are_found_by_name() -> None:
    assert subjects(["board.packets"]) == ["board.packets"]
    assert subjects(["board", "neurons.lif"])[0] == "neurons.lif"
    assert {"neurons.lif", "board.packets"} <= set(subjects())
    with pytest.raises(BadInput, match=r"no part of a board is called 'board\.nothing'"):
        subjects(["board.nothing"])
