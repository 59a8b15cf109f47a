"""How long a tick takes: by hand on one node, never shorter for more, longer where something is slower."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.noc.queues import Timing
from spikelock.models.network.noc.ticks import TileTiming, leaving_after, tick_time

from ..mapping.networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

SIMPLE = TileTiming(event=4, synapse=0, mark=2, neuron=1, spike=1)


@pytest.fixture(scope="module")
def mapped() -> Mapped:
    return map_network(program(), Machine(3, 3, neurons=8))


def test_one_node_by_hand() -> None:
    """Five neurons in one tile, which sweeps at the mark of step 0; two inputs, and three spikes."""
    one = map_network(program((5,)), Machine(1, 1))
    hop = Timing().hop
    # Marks of the host's and the tile's door pass the router in `hop`; the host's is behind two events, and
    # the tile takes it when it has done with these: one comes a cycle, each takes four.
    inputs_done = hop + 2 * 4
    swept = inputs_done + 2 + 5 + 3
    # The mark leaves the door a cycle after the last spike; the host's mark 0 waits for nobody.
    marks = tick_time(one, np.array([2, 3]), tiles=SIMPLE).marks
    assert marks == (hop, swept + 1 + hop)
    # Without any events nothing waits but for the sweep.
    (_, silent) = tick_time(one, np.array([0, 0]), tiles=SIMPLE).marks
    assert silent == hop + 2 + 5 + hop


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), min_size=1, max_size=20))
def test_a_queue_of_unequal_events(events: list[tuple[int, int]]) -> None:
    events.sort(key=lambda one: one[0])
    free, wanted = 0, []
    for arrival, service in events:
        wanted.append(max(arrival, free))
        free = wanted[-1] + service
    arrivals, services = np.array(events).T
    assert leaving_after(arrivals, services).tolist() == wanted


def test_more_events_never_make_a_tick_shorter(mapped: Mapped) -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        few = random.integers(0, 6, len(mapped.blocks))
        more = few + random.integers(0, 3, len(mapped.blocks))
        assert tick_time(mapped, few).cycles <= tick_time(mapped, more).cycles


def test_marks_come_in_order_and_a_tick_has_one_more_than_steps(mapped: Mapped) -> None:
    marks = tick_time(mapped, np.full(len(mapped.blocks), 3)).marks
    assert len(marks) == mapped.steps + 1
    assert list(marks) == sorted(set(marks))


def test_what_is_slower_takes_longer(mapped: Mapped) -> None:
    sent = np.full(len(mapped.blocks), 3)
    usual = tick_time(mapped, sent).cycles
    assert tick_time(mapped, sent, Timing(hop=6)).cycles > usual
    assert tick_time(mapped, sent, tiles=TileTiming(synapse=3)).cycles > usual
    dies = map_network(program(), Machine(4, 2, neurons=8, dies=(2, 1)))
    near = tick_time(dies, np.full(len(dies.blocks), 3), Timing(bridge_hop=3, bridge_interval=1)).cycles
    assert tick_time(dies, np.full(len(dies.blocks), 3)).cycles > near + 20


def test_every_mark_of_a_silent_tick_waits_for_the_farthest_node(mapped: Mapped) -> None:
    """Each step goes out from the tiles and back: at least as many hops as the farthest is away."""
    hop = Timing().hop
    marks = tick_time(mapped, np.zeros(len(mapped.blocks), np.int64)).marks
    farthest = max(sum(mapped.machine.place(one.node)) for one in mapped.placed)
    assert marks[0] >= hop * (farthest + 1)
    assert all(b - a >= hop for a, b in pairwise(marks))


def test_other_blocks_are_refused(mapped: Mapped) -> None:
    with pytest.raises(BadInput, match="the inputs first"):
        tick_time(mapped, np.zeros(2, np.int64))
