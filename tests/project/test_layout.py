"""The name of a core is its address: it is found at the same path in every folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from spikelock.models.core import Core, all_cores, find_core

ROOT = Path(__file__).parents[2]

TWINS = {
    "specification": "models/{family}/{leaf}.py",
    "engine": "models/engine/{family}/{leaf}.py",
    "hardware": "rtl/{family}/{leaf}.py",
    "bench": "testbenches/{family}/test_{leaf}.py",
    "proof": "formal/{family}/{leaf}.py",
    "tests without a simulator": "tests/models/{family}/test_{leaf}.py",
    "page": "docs/cores/{family}/{leaf}.md",
}

DECLARED_MISSING: Mapping[tuple[str, str], str] = {}
"""(core, twin) → why it does not exist."""


def missing_twins(cores: Iterable[str], exists: Callable[[str], bool]) -> set[tuple[str, str]]:
    """(core, twin) of all files that are not there."""
    missing: set[tuple[str, str]] = set()
    for core in cores:
        family, _, leaf = core.rpartition(".")
        missing |= {
            (core, twin) for twin, path in TWINS.items() if not exists(path.format(family=family, leaf=leaf))
        }
    return missing


def names_of(cores: Iterable[Core]) -> list[str]:
    names = [core.name for core in cores]
    assert names, "no core was found in models"
    return names


def test_each_core_has_its_twins() -> None:
    missing = missing_twins(names_of(all_cores()), lambda path: (ROOT / path).is_file())
    assert missing == set(DECLARED_MISSING), "missing twins, or twins declared missing that exist"
    assert all(DECLARED_MISSING.values()), "a twin is declared missing without a reason"


def test_each_core_is_found_at_its_name() -> None:
    for core in all_cores():
        module = find_core(core.name).params.__module__
        assert module == f"spikelock.models.{core.name}"


def test_hardware_has_a_specification() -> None:
    names = names_of(all_cores())
    families = {name.rpartition(".")[0] for name in names}
    found = {
        f"{family}.{path.stem}"
        for family in families
        for path in (ROOT / "rtl" / family).glob("*.py")
        if path.stem != "__init__"
    }
    assert found == set(names), "a file in rtl/<family>/ is no core; what cores share lies in rtl/"


def test_control_a_missing_twin_is_found() -> None:
    all_but_one = {path.format(family="neurons", leaf="lif") for path in TWINS.values()} - {
        "formal/neurons/lif.py"
    }
    assert missing_twins(["neurons.lif"], all_but_one.__contains__) == {("neurons.lif", "proof")}


def test_control_no_cores_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="no core was found"):
        names_of([])
