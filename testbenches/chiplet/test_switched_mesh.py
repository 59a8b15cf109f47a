"""A mesh behind a power gate passes the bench of a mesh: off and on at first, then at changing rates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spikelock.formal.chiplet.power_gate_mutants import DOUBLED_WHEN_SLOW, LOST_WHEN_SLOW
from spikelock.models.mutant import Mutant
from spikelock.rtl.fabric.mesh import component
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.checking import check
from spikelock.testbenches.chiplet.switched import Switched
from spikelock.testbenches.fabric.test_mesh import BENCH


def run(size: int, broken: Mutant | None = None) -> Any:
    bench = replace(BENCH, component=lambda params: Switched(component(params), broken), silence=5_000)
    with skipped_without_tools():
        return check(bench, bench.case("row"), "rtl", size=size)


def test_a_switched_mesh_does_what_a_mesh_does(size: Any) -> None:
    result = run(size.pick(500, 50_000))
    assert result.passed, str(result)


@pytest.mark.parametrize("broken", [DOUBLED_WHEN_SLOW, LOST_WHEN_SLOW], ids=lambda mutant: mutant.breaks)
def test_control_a_broken_gate_is_noticed(broken: Mutant, size: Any) -> None:
    if size.pick(True, False) and broken is LOST_WHEN_SLOW:
        pytest.skip("tried with --size long")
    assert not run(500, broken).passed
