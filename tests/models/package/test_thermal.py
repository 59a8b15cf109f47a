"""Temperatures: heat is conserved, solutions agree with others and with arithmetic by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.package.thermal import Material, Network, network_of
from spikelock.models.package.topology import Kind, Package

integrate = pytest.importorskip("scipy.integrate", reason="needs scipy: pip install 'spikelock[mapping]'")

PACKAGE = Package(Kind.MESH, 2, 2)
POWER = [0.5, 0.1, 0.0, 0.2]


@pytest.fixture
def network() -> Network:
    return network_of(PACKAGE)


def test_in_the_end_all_heat_goes_to_the_air(network: Network) -> None:
    above = network.steady(POWER) - network.ambient
    assert network.air @ above == pytest.approx(sum(POWER), rel=1e-9)
    assert above[-1] == pytest.approx(sum(POWER) * Material().air)
    assert above[0] == above.max()
    assert above[:4].argmin() == 2


@pytest.mark.parametrize("kind", list(Kind))
def test_heat_in_is_heat_out_and_heat_stored(kind: Kind) -> None:
    package = Package(kind, 4)
    network = network_of(package)
    power, end = [0.3, 0.0, 0.4, 0.1], 200.0
    times = np.concatenate([[0.0], np.geomspace(1e-6, end, 4000)])
    above = network.transient(power, times.tolist()) - network.ambient
    to_air = float(np.trapezoid(above @ network.air, times))
    stored = float(network.capacities @ above[-1])
    assert to_air + stored == pytest.approx(sum(power) * end, rel=1e-4)
    assert to_air > 0
    assert stored > 0


def test_control_a_network_that_makes_or_loses_heat_is_refused(network: Network) -> None:
    one_way = network.conductances.copy()
    one_way[0, 4] *= 1.01
    leak = network.conductances.copy()
    leak[2, 2] *= 1.01
    for says, wrong in (
        ("not symmetric", replace(network, conductances=one_way)),
        ("made or lost", replace(network, conductances=leak)),
        ("must be above 0", replace(network, capacities=0 * network.capacities)),
    ):
        with pytest.raises(SpikelockError, match=says):
            wrong.steady(POWER)
        with pytest.raises(SpikelockError, match=says):
            wrong.transient(POWER, [1.0])


def test_control_the_balance_notices_a_leak(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    leak = network.conductances.copy()
    leak[4, 4] *= 1.001
    wrong = replace(network, conductances=leak)
    monkeypatch.setattr(Network, "check", lambda self: None)
    above = wrong.steady(POWER) - wrong.ambient
    assert wrong.air @ above != pytest.approx(sum(POWER), rel=1e-3)


def test_the_transient_is_that_of_an_integrator(network: Network) -> None:
    def slope(_: float, above: np.ndarray[tuple[int], np.dtype[np.float64]]) -> object:
        power = np.zeros(len(above))
        power[:4] = POWER
        return (power - network.conductances @ above) / network.capacities

    times = [1e-4, 1e-2, 1.0, 30.0]
    wanted = integrate.solve_ivp(
        slope, (0, 30.0), np.zeros(9), method="LSODA", t_eval=times, rtol=1e-8, atol=1e-10
    )
    found = network.transient(POWER, times) - network.ambient
    assert found == pytest.approx(wanted.y.T, rel=1e-4, abs=1e-7)


def test_it_begins_where_it_is_told_and_ends_steady(network: Network) -> None:
    hot = network.steady(POWER)
    start, late = network.transient([0.0] * 4, [0.0, 50 * network.slowest()], start=hot)
    assert start == pytest.approx(hot)
    assert late == pytest.approx(np.full(9, network.ambient))
    first, last = network.transient(POWER, [0.0, 50 * network.slowest()])
    assert first == pytest.approx(np.full(9, network.ambient))
    assert last == pytest.approx(hot)


def test_one_die_by_hand() -> None:
    """Resistances in a row: half the die, the interface, the spreader, the air."""
    m = Material()
    area, cell = m.side**2, (m.side + m.gap) ** 2
    resistance = (
        m.die / 2 / (m.silicon * area)
        + m.interface / (m.interface_conductivity * area)
        + m.spreader / (m.copper * cell)
        + m.air
    )
    die, *_ = network_of(Package(Kind.MESH, 1)).steady([2.0])
    assert die == pytest.approx(m.ambient + 2 * resistance)
    # the sink is by far the largest capacity, and the air the largest resistance
    assert network_of(Package(Kind.MESH, 1)).slowest() == pytest.approx(m.air * m.sink_capacity, rel=0.01)


def test_equal_dies_in_a_ring_are_equally_warm() -> None:
    *dies, _ = network_of(Package(Kind.RING, 4)).steady([0.2] * 4)
    assert np.ptp(dies[:4]) < 1e-9


def test_what_is_no_material_or_power_is_refused(network: Network) -> None:
    with pytest.raises(BadInput, match="air = 0"):
        Material(air=0)
    with pytest.raises(BadInput, match="2 powers for 4 dies"):
        network.steady([1.0, 2.0])
