"""The model of a mesh as queues: against a loop over cycles, published formulas, and counts by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.loads import channel_loads
from spikelock.models.network.mapping.machine import LINKS, Machine, Port
from spikelock.models.network.mapping.mapped import map_network
from spikelock.models.network.mapping.tables import Journey
from spikelock.models.network.mapping.trees import multicast_tree
from spikelock.models.network.mapping.turns import allowed_turns
from spikelock.models.network.noc import curves, patterns
from spikelock.models.network.noc.patterns import Pattern
from spikelock.models.network.noc.queues import Delivered, Injected, Timing, simulate

from ..mapping.networks import program
from .by_cycles import cycle_by_cycle

pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

MESH = Machine(3, 3)


def to_one_place(machine: Machine, hot: int) -> Pattern:
    """Every node beside `hot` sends to it, all equally."""
    turns = allowed_turns(machine)
    sources = [other for (node, _), other in machine.links.items() if node == hot]
    mask = (1 << machine.key_width) - 1
    flows = [
        Journey(a, Port.LOCAL, key, mask, multicast_tree(machine, turns, a, [(hot, Port.LOCAL)]))
        for key, a in enumerate(sources)
    ]
    return Pattern("to one", machine, turns, tuple(flows), np.full(len(flows), 1 / len(flows)))


@pytest.mark.parametrize(
    "machine", [MESH, Machine(4, 2, dies=(2, 1)), Machine(3, 3, torus=True)], ids=["mesh", "dies", "torus"]
)
@pytest.mark.parametrize(
    "timing",
    [Timing(hop=2, bridge_hop=9, bridge_interval=3), Timing(interval=1, lookup=0, exit=2)],
    ids=["shared table", "own tables"],
)
def test_queues_are_those_of_a_loop_over_cycles(machine: Machine, timing: Timing) -> None:
    pattern = patterns.uniform(machine)
    rate = 0.9 * curves.saturation(pattern, timing)
    injected = curves.injections(pattern, rate, 1500, seed=4)
    found = simulate(pattern, injected, timing)
    wanted = cycle_by_cycle(pattern, injected, timing)
    assert sorted(zip(found.events.tolist(), found.cycles.tolist(), strict=True)) == sorted(wanted)


def test_without_ties_every_event_comes_when_the_loop_says() -> None:
    pattern = patterns.uniform(MESH)
    injected = Injected(np.arange(0, 4000, 40), np.arange(100) % len(pattern.flows))
    found = simulate(pattern, injected)
    wanted = cycle_by_cycle(pattern, injected)
    assert sorted(zip(found.events.tolist(), found.cycles.tolist(), strict=True)) == sorted(wanted)


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_waiting_is_that_of_the_published_formula(load: float) -> None:
    """Output queueing: (N − 1)/N · p / (2 (1 − p)), Karol, Hluchyj and Morgan 1987, equation 4."""
    pattern = to_one_place(MESH, 4)
    cycles = 60_000
    injected = curves.injections(pattern, load / 4, cycles, seed=1)
    delivered = simulate(pattern, injected, Timing(hop=1, interval=1, lookup=0))
    waits = delivered.cycles - injected.cycles[delivered.events] - 2
    assert waits.mean() == pytest.approx(3 / 4 * load / (2 * (1 - load)), rel=0.06)


def test_an_event_alone_takes_its_hops() -> None:
    pattern = patterns.uniform(Machine(4, 2, dies=(2, 1)))
    for number, flow in enumerate(pattern.flows):
        links = [(n, p) for n, ports in flow.tree.items() for p in ports if p in LINKS]
        bridges = sum(pattern.machine.is_bridge(*link) for link in links)
        found = simulate(pattern, Injected(np.array([7]), np.array([number])), Timing(hop=3, bridge_hop=20))
        assert found.cycles.tolist() == [7 + 3 * (1 + len(links) - bridges) + 20 * bridges]


def test_a_copy_comes_to_each_destination_of_a_network() -> None:
    mapped = map_network(program(), Machine(3, 3, neurons=8))
    raster = np.random.default_rng(1).random((1, 20, mapped.program.addresses)) < 0.2
    loads = channel_loads(mapped, raster)
    pattern = patterns.network(mapped, loads.sent)
    injected = curves.injections(pattern, 0.05, 2000)
    delivered = simulate(pattern, injected)
    leave = [p not in LINKS for n in range(9) for p in mapped.machine.ports(n)]
    wanted = pattern.uses[:, leave].sum(axis=1)[injected.flows]
    assert np.bincount(delivered.events, minlength=len(wanted)).tolist() == wanted.tolist()
    # what flows where is in proportion to what was counted
    busiest = loads.events.max() / loads.sent.sum()
    assert (pattern.shares @ pattern.uses).max() == pytest.approx(busiest)


def test_no_more_is_accepted_than_the_busiest_channel_takes() -> None:
    pattern = to_one_place(MESH, 4)
    limit = curves.saturation(pattern)
    assert limit == 1 / 4
    low, high = curves.curve(pattern, [0.3 * limit, 1.9 * limit], cycles=3000).points
    assert low.accepted == pytest.approx(low.offered, rel=0.05)
    assert 0.99 * limit < high.accepted <= limit
    assert high.mean > 10 * low.mean
    assert low.percentile > low.mean


def test_saturation_of_patterns_by_hand() -> None:
    own_tables = Timing(interval=1, lookup=0)
    # a row of 4: the middle link carries 2 · 2 of the 12 pairs, each sent by 1/3 of a door
    row = patterns.uniform(Machine(4, 1))
    assert curves.saturation(row, own_tables) == pytest.approx(3 / 4)
    # a table in the middle is asked for all pairs but the 2 behind it
    assert curves.saturation(row) == pytest.approx(3 / 10)
    # half of what 8 doors send, and an eighth of the rest, goes to one
    hotspot = patterns.hotspot(MESH, 4)
    assert curves.saturation(hotspot, own_tables) == pytest.approx(1 / (8 * (0.5 + 0.5 / 8)))
    # and its table is asked for what its own door sends, and half of what is uniform and passes: 16 pairs
    assert curves.saturation(hotspot) == pytest.approx(1 / (8 * (0.5 + 0.5 / 8) + 1 + 0.5 * 16 / 8))
    ring = patterns.neighbour(Machine(4, 1, torus=True))
    assert curves.saturation(ring, Timing(interval=2, lookup=0)) == 0.5


def test_measured_points_are_the_models_where_hardware_is_as_fast() -> None:
    """What a bench does: the same injections, arrivals from elsewhere."""
    pattern = patterns.neighbour(MESH)
    injected = curves.injections(pattern, 0.2, 1000, seed=0)
    timing = Timing(lookup=0)
    arrivals = np.array(cycle_by_cycle(pattern, injected, timing))
    delivered = Delivered(arrivals[:, 0], arrivals[:, 1])
    measured = curves.measure(pattern, injected, delivered, 0.2, 1000, 100)
    (point,) = curves.curve(pattern, [0.2], timing, cycles=1000, warm_up=100).points
    assert measured == point
    late = curves.measure(
        pattern, injected, Delivered(delivered.events, delivered.cycles + 5), 0.2, 1000, 100
    )
    assert late.mean == pytest.approx(point.mean + 5)


def test_where_a_curve_saturates_and_how_far_two_are_apart() -> None:
    def made(*means: float) -> curves.Curve:
        points = (curves.Point(0.1 * n, 0.1 * n, mean, mean) for n, mean in enumerate(means, 1))
        return curves.Curve("uniform", "model", tuple(points))

    one, other = made(10, 12, 20, 40), made(10, 15, 22, 41)
    assert curves.saturates_at(one) == pytest.approx(0.35)  # at 30 cycles
    assert curves.saturates_at(one, 5) == float("inf")
    assert curves.difference(one, other, 0.25) == pytest.approx(3 / 15)
    assert curves.difference(one, other, 0.15) == 0
    with pytest.raises(BadInput, match="different rates"):
        curves.difference(one, made(10, 12), 0.25)


def test_curves_are_kept(tmp_path: Path) -> None:
    one = curves.curve(patterns.neighbour(MESH), [0.1, 0.2], cycles=300, warm_up=50)
    curves.save_curves(tmp_path / "noc.json", [one], {"mesh": "3x3"})
    assert curves.load_curves(tmp_path / "noc.json") == (one,)
    (tmp_path / "bad.json").write_text('{"curves": [{"pattern": "uniform"}]}')
    for name in ("bad.json", "missing.json"):
        with pytest.raises(BadInput, match="holds no curves"):
            curves.load_curves(tmp_path / name)


def test_what_makes_no_traffic_is_refused() -> None:
    mapped = map_network(program((5,)), Machine(1, 1))
    uniform = patterns.uniform(MESH)
    for says, call in (
        ("two nodes or more", lambda: patterns.uniform(Machine(1, 1))),
        ("7 bits would do", lambda: patterns.uniform(Machine(3, 3, key_width=4))),
        ("a part of 0 to 1", lambda: patterns.hotspot(MESH, 4, 1.5)),
        ("no block sends", lambda: patterns.network(mapped, np.zeros(2, np.int64))),
        ("at most 1 is possible", lambda: curves.injections(uniform, 1.5, 10)),
        ("nothing arrived", lambda: curves.curve(uniform, [0.0], cycles=100, warm_up=50)),
        ("1 cycle or more", lambda: Timing(hop=0)),
        ("0 cycles or more", lambda: Timing(lookup=-1)),
        ("as long as a hop", lambda: Timing(bridge_hop=2)),
    ):
        with pytest.raises(BadInput, match=says):
            call()
