"""Plans: what is counted adds up, by hand and on every kind of package."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.partition import connections
from spikelock.models.network.program import Program
from spikelock.models.network.stochastic import Stochastic, stochastic
from spikelock.models.package.energy import EVENT, Constants, Counts, utilisation
from spikelock.models.package.plan import Plan, plan
from spikelock.models.package.topology import Kind, Package

from ..network.mapping.networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

PACKAGES = {
    "mesh": Package(Kind.MESH, 2, 2, tiles=(2, 1)),
    "torus": Package(Kind.TORUS, 3, 2),
    "ring": Package(Kind.RING, 6, clocks={1: 50e6}),
    "star": Package(Kind.STAR, 3, tiles=(2, 2)),
}


@pytest.fixture(scope="module")
def network() -> Program:
    return program()


@pytest.fixture(scope="module")
def raster(network: Program) -> NDArray[np.bool_]:
    spikes = np.random.default_rng(2).random((3, 10, network.inputs)) < 0.4
    return engine.run(network, spikes).raster()


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_counted_adds_up(name: str, network: Program, raster: NDArray[np.bool_]) -> None:
    made = plan(network, PACKAGES[name], raster, neurons=8)
    together = sum(made.counts, Counts())
    fan_out = np.zeros(network.addresses, np.int64)
    for population in network.populations:
        np.add.at(fan_out, connections(population)[0], 1)
    assert together.synapses == (raster.sum(axis=(0, 1)) * fan_out).sum()
    assert together.updates == 30 * 40
    assert together.bridged == sum(made.routes.loads.values())
    assert max(np.bincount(made.dies)) <= made.package.slots // made.package.dies
    assert sum(demand.events for demand in made.demands) == raster.sum()
    watts = sum(made.powers(1000.0)) - made.package.dies * made.constants.idle
    assert watts == pytest.approx(1000 * made.energy)
    assert (made.steady(1000.0) > made.thermal.ambient).all()
    assert max(made.utilisations(made.highest_rate()).values()) == pytest.approx(1)
    assert made.transient(10.0, [1e9])[0] == pytest.approx(made.steady(10.0))


def test_energy_by_hand() -> None:
    # A body of 3 + 15 + 18 bits is 5 bytes, the CRC 4, the scrambler's state 2: 11 beats of 8 + 5 + 1 wires.
    constants = Constants(hop=1, synapse=10, update=100, bit=0.5)
    assert (constants.beats, constants.bits) == (11, 154)
    bare = Constants(line=replace(EVENT, lanes=4, scrambled=False, protected=False))
    assert (bare.beats, bare.bits) == (18, 90)
    assert Counts(2, 3, 4, 5).picojoules(constants) == {
        "hops": 2,
        "synapses": 30,
        "updates": 400,
        "bridges": 385,
    }
    # 1000 events of 11 cycles in 0.11 ms, of 100 MHz
    assert utilisation(1000, 1.1e-4, 100e6, constants) == pytest.approx(1)


def test_a_slow_die_uses_more_of_its_bridge(network: Program, raster: NDArray[np.bool_]) -> None:
    made = plan(network, PACKAGES["ring"], raster, neurons=8)
    for (source, there), part in made.utilisations(1e4).items():
        events = made.routes.loads[source, there] / made.samples
        assert part == pytest.approx(events * 11 * 1e4 / (50e6 if source == 1 else 100e6))


def test_one_die_bridges_nothing(network: Program, raster: NDArray[np.bool_]) -> None:
    made: Plan = plan(network, Package(Kind.MESH, 1, tiles=(3, 3)), raster, neurons=8)
    assert sum(made.counts, Counts()).bridged == 0
    assert made.highest_rate() == float("inf")


def test_what_does_not_fit_is_refused_with_what_would(network: Program, raster: NDArray[np.bool_]) -> None:
    with pytest.raises(BadInput, match="needs 6 tiles; 4 dies of 1 have 4: 6 such dies"):
        plan(network, Package(Kind.RING, 4), raster, neurons=8)
    with pytest.raises(BadInput, match="of bit streams"):
        plan(stochastic(program((5,)), Stochastic())[0], Package(Kind.RING, 4), raster)
    with pytest.raises(BadInput, match=r"bit = -1\.0: 0 or more"):
        Constants(bit=-1.0)
