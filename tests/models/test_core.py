"""Finding cores by their names, and by those of their families."""

from __future__ import annotations

import pytest

from spikelock.models.core import all_cores, find_core, find_cores
from spikelock.models.errors import BadInput


def test_a_family_stands_for_all_its_cores() -> None:
    fabric = [core.name for core in all_cores() if core.name.startswith("fabric.")]
    assert len(fabric) > 1
    assert [core.name for core in find_cores(["fabric"])] == fabric
    assert [core.name for core in find_cores(["neurons.lif", "fabric"])] == ["neurons.lif", *fabric]


def test_each_core_is_found_once() -> None:
    twice = find_cores(["fabric.tile", "fabric", "fabric.tile"])
    assert sorted(core.name for core in twice) == [core.name for core in find_cores(["fabric"])]


def test_no_names_are_no_cores() -> None:
    assert find_cores([]) == []


@pytest.mark.parametrize("name", ["fabri", "fabric.", "fabric.none", "", "tile"])
def test_a_wrong_name_is_told_which_there_are(name: str) -> None:
    with pytest.raises(BadInput, match=f"no core or family of cores is called '{name}'; families: .*fabric"):
        find_cores(["neurons.lif", name])


def test_one_core_is_not_a_family() -> None:
    with pytest.raises(BadInput, match="fabric is a family of cores, and one core is needed here: fabric"):
        find_core("fabric")
