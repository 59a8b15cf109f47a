"""How long a tick takes: by hand on one node, never shorter for more, longer where something is slower."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.noc.queues import Timing
from spikelock.models.network.noc.ticks import TileTiming, leaving, order_of_channels, tick_time, tick_times

from ..mapping.networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

SIMPLE = TileTiming(event=4, synapse=0, empty=4, mark=2, neuron=1, spike=1, door=3)


@pytest.fixture(scope="module")
def mapped() -> Mapped:
    return map_network(program(), Machine(3, 3, neurons=8))


def test_one_node_by_hand() -> None:
    """Five neurons in one tile, which sweeps at the mark of step 0; two inputs, and three spikes."""
    one = map_network(program((5,)), Machine(1, 1))
    mark_hop = Timing().mark_hop
    # Silent: a mark of the tile's door goes through the router to the host; the host's own is there already
    # when the tile's comes, so one goes to the tile too, which sweeps and sends the next one.
    sweep = 2 + 5
    assert tick_time(one, np.array([0, 0]), tiles=SIMPLE).marks == (sweep + 3 + mark_hop,)
    # Of five inputs each takes four cycles of the tile from then on, after the sweep of the tick before;
    # three spikes make its own longer.
    (tick,) = tick_time(one, np.array([5, 3]), tiles=SIMPLE).marks
    assert tick == 5 * 4 + sweep + 1 + 3 + 3 + mark_hop - 3 - mark_hop


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), min_size=1, max_size=20))
def test_a_queue_of_unequal_events(events: list[tuple[int, int]]) -> None:
    events.sort(key=lambda one: one[0])
    free, wanted = 0, []
    for arrival, service in events:
        wanted.append(max(arrival, free))
        free = wanted[-1] + service
    arrivals, services = np.array(events).T
    assert leaving(arrivals, services).tolist() == wanted


def test_more_events_never_make_a_tick_shorter(mapped: Mapped) -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        few = random.integers(0, 6, len(mapped.blocks))
        more = few + random.integers(0, 3, len(mapped.blocks))
        assert tick_time(mapped, few).cycles <= tick_time(mapped, more).cycles


def test_marks_come_in_order_one_a_step(mapped: Mapped) -> None:
    marks = tick_time(mapped, np.full(len(mapped.blocks), 3)).marks
    assert len(marks) == mapped.steps
    assert list(marks) == sorted(set(marks))


def test_what_is_slower_takes_longer(mapped: Mapped) -> None:
    sent = np.full(len(mapped.blocks), 3)
    usual = tick_time(mapped, sent).cycles
    assert tick_time(mapped, sent, Timing(hop=6)).cycles > usual
    assert tick_time(mapped, sent, tiles=TileTiming(synapse=3)).cycles > usual
    dies = map_network(program(), Machine(4, 2, neurons=8, dies=(2, 1)))
    silent = np.zeros(len(dies.blocks), np.int64)
    near = tick_time(dies, silent, Timing(bridge_hop=3, bridge_interval=1)).cycles
    assert tick_time(dies, silent).cycles > near + 40


def test_ticks_overlap() -> None:
    """The next tick's inputs are summed in the first layer while the second one sums that one's spikes."""
    layers = map_network(program((8, 6)), Machine(2, 1, neurons=8))
    alone = tick_times(layers, np.array([[12, 0, 0], [0, 0, 0], [0, 8, 0], [0, 0, 0]]))
    together = tick_times(layers, np.array([[0, 0, 0], [0, 8, 0], [12, 0, 0], [0, 0, 0]]))
    assert sum(one.cycles for one in together) < sum(one.cycles for one in alone)


def test_steps_without_a_sweep_are_those_that_were_measured() -> None:
    """Section 7 of docs/mesh.md: 4 cycles, and 2 for each hop between the nodes farthest apart."""
    for width, height in ((1, 1), (2, 1), (2, 2), (3, 3)):
        one = map_network(program((2,) * width * height), Machine(width, height, neurons=2))
        no_sweep = TileTiming(mark=0, neuron=0)
        marks = tick_time(one, np.zeros(len(one.blocks), np.int64), tiles=no_sweep).marks
        assert set(np.diff([0, *marks])) == {4 + 2 * (width + height - 2)}


def test_other_blocks_are_refused(mapped: Mapped) -> None:
    with pytest.raises(BadInput, match="the inputs first"):
        tick_time(mapped, np.zeros(2, np.int64))


def test_control_turns_with_a_circle_have_no_order() -> None:
    mesh = Machine(3, 3)
    ports = {node: list(mesh.ports(node)) for node in range(9)}
    every = {n: frozenset((a, b) for a in ports[n] for b in ports[n] if a != b) for n in ports}
    with pytest.raises(BadInput, match="have a circle"):
        order_of_channels(mesh, every)
