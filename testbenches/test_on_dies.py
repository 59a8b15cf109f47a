"""The level `dies`: a network on a package of dies with clocks of their own is the network."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fabric.mesh import Params as MeshParams
from spikelock.models.mutant import Mutant
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.program import Program
from spikelock.models.package.dies import Params
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.cosim import Cosimulation, cosimulate
from spikelock.testbenches.dies import OnDies, die_levels
from spikelock.testbenches.lockstep import Clock
from spikelock.testbenches.mesh import machine_for
from spikelock.testbenches.network import Software, make_levels
from spikelock.testbenches.test_on_mesh import NETWORK, SPIKES

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")


@cache
def machine() -> Machine:
    """Two dies of one tile each."""
    return machine_for(NETWORK, 2, 1, dies=(2, 1))


def run(level: OnDies, samples: int) -> Cosimulation:
    levels: list[Any] = [Software("engine", NETWORK), level]
    with skipped_without_tools():
        return cosimulate(NETWORK, SPIKES[:samples], levels, shrink_seconds=0)


@pytest.mark.parametrize(
    ("line_errors", "clocks"),
    [(0.0, {}), (1e-3, {}), (1e-3, {"die0": Clock(5), "die1": Clock(1)})],
    ids=["good lines", "errors", "errors, clocks of 5 to 1"],
)
def test_a_network_on_two_dies_agrees_with_the_engine(line_errors: float, clocks: dict[str, Clock]) -> None:
    result = run(OnDies(NETWORK, machine(), line_errors=line_errors, clocks=clocks), 6)
    assert result.agrees, (result.comparisons[0].run.problems, result.comparisons[0].divergence)
    assert result.neuron_spikes > 20


LOSES_A_WORD = Mutant(
    "one word in 32 is acknowledged and lost",
    "chiplet.bridge",
    "queue.w_en.eq(keeps)",
    "queue.w_en.eq(keeps & (self.expected != 3))",
)


def test_control_a_bridge_that_loses_a_word_is_found() -> None:
    from spikelock.testbenches.noisy_package import NoisyPackage

    params = Params(OnDies(NETWORK, machine()).params)
    east = LOSES_A_WORD.component("package.die", params, name="die1")
    result = run(OnDies(NETWORK, machine(), component=NoisyPackage(params, {"die1": east})), 4)
    assert not result.agrees


def test_each_link_between_dies_has_two_ends() -> None:
    tiles = (tile.Params(),) * 4
    params = Params(MeshParams(Machine(2, 2, dies=(2, 2)), tiles))
    assert list(params.dies) == ["die0", "die1", "die2", "die3"]
    assert params.lines[0, Port.EAST] == (1, Port.WEST)
    assert all(params.lines[other] == link for link, other in params.lines.items())
    assert len(params.lines) == 8
    halves = Params(MeshParams(Machine(2, 2, dies=(2, 1)), tiles))
    assert [part.here for part in halves.dies.values()] == [[0, 2], [1, 3]]
    assert len(halves.lines) == 4


def test_what_is_no_package_is_refused() -> None:
    tiles = (tile.Params(),) * 2
    with pytest.raises(BadInput, match="two dies or more"):
        Params(MeshParams(Machine(2, 1), tiles))
    with pytest.raises(BadInput, match=r"die = \(2, 0\)"):
        MeshParams(Machine(2, 1, dies=(2, 1)), tiles, die=(2, 0))
    with pytest.raises(BadInput, match="must divide the mesh of 2x2"):
        machine_for(NETWORK, 2, 2, dies=(3, 1))


def levels_of(program: Program, **given: Any) -> None:
    options = {"size": (2, 1), "dies": (2, 1), **given}
    make_levels(program, ["engine", "dies"], die_levels(options.pop("size"), options.pop("dies"), **options))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": None}, "--mesh 2x2 --dies 2x1, or --package ring:4"),
        ({"dies": None}, "--mesh 2x2 --dies 2x1, or --package ring:4"),
        ({"line_errors": 0.5}, "line errors 0.5"),
        ({"line_errors": np.nan}, "line errors nan"),
    ],
)
def test_the_level_wants_to_know_how_many(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        levels_of(NETWORK, **given)


@pytest.mark.parametrize(
    ("clocks", "message"),
    [({"die7": Clock(1)}, "clock of die7"), ({"die0": Clock(1), "die1": Clock(6)}, "5 times as slow")],
)
def test_clocks_that_no_package_has_are_refused(clocks: dict[str, Clock], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        assert OnDies(NETWORK, machine(), clocks=clocks).clocks
