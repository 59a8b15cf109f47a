"""Packages of dies that are no mesh: rings, stars and tori, with different clocks, are the network too."""

from __future__ import annotations

from typing import Any

import pytest

from spikelock.models.errors import BadInput
from spikelock.models.package.topology import Kind, Package, machine_of, package_named
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.cosim import cosimulate
from spikelock.testbenches.dies import OnDies, die_levels
from spikelock.testbenches.lockstep import Clock
from spikelock.testbenches.mesh import fitted
from spikelock.testbenches.network import Software, make_levels
from spikelock.testbenches.test_on_mesh import NETWORK, SPIKES

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")


def agrees(package: Package, samples: int, **clocks: Clock) -> None:
    level = OnDies(NETWORK, fitted(NETWORK, machine_of(package)), line_errors=1e-3, clocks=clocks)
    assert len(level.package.dies) == package.dies
    assert len(level.package.lines) == 2 * len(package.bridges)
    with skipped_without_tools():
        levels: list[Any] = [Software("engine", NETWORK), level]
        result = cosimulate(NETWORK, SPIKES[:samples], levels, shrink_seconds=0)
    assert result.agrees, (result.comparisons[0].run.problems, result.comparisons[0].divergence)
    assert result.neuron_spikes > 20


def test_a_network_on_a_ring_agrees_with_the_engine(size: Any) -> None:
    """Marks go both ways around, and none that the host sends comes back to it."""
    agrees(package_named(size.pick("ring:3", "ring:6")), 6, die0=Clock(4), die1=Clock(9), die2=Clock(3))


def test_a_network_on_a_star_agrees_with_the_engine(size: Any) -> None:
    """The host is at an arm."""
    agrees(Package(Kind.STAR, size.pick(4, 5), host=1), 6, die0=Clock(9), die1=Clock(4))


def test_a_network_on_a_torus_agrees_with_the_engine(size: Any) -> None:
    if size.pick(True, False):
        pytest.skip("a torus of nine dies takes minutes to build: --size long")
    agrees(package_named("torus:3x3"), 6)


def test_the_level_takes_a_package_in_the_place_of_a_mesh() -> None:
    (level,) = make_levels(NETWORK, ["dies"], die_levels(None, None, package=package_named("star:4")))
    assert isinstance(level, OnDies)
    assert list(level.package.dies) == ["die0", "die1", "die2", "die3"]
    assert level.package.host == "die0"
    with pytest.raises(BadInput, match="star:5, or ring:9, would do"):
        make_levels(NETWORK, ["dies"], die_levels(None, None, package=package_named("star:9")))
