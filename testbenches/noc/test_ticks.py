"""The model of a tick's time against what a network takes on a mesh of tiles."""

from __future__ import annotations

import numpy as np
import pytest

from spikelock.models.engine import network as engine
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.loads import block_of_addresses
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.noc.queues import Timing
from spikelock.models.network.noc.ticks import TileTiming, tick_time, tick_times
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.mesh import machine_for
from spikelock.testbenches.network import Spikes
from spikelock.testbenches.noc.ticks import measured_ticks
from spikelock.testbenches.test_on_mesh import NETWORK

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

BUSY = np.random.default_rng(1).random((1, 60, NETWORK.inputs)) < 0.8
CALM = BUSY & (np.random.default_rng(2).random(BUSY.shape) < 0.3)


def sent(mapped: Mapped, spikes: Spikes) -> Ints:
    """Events by tick and block, as the engine gives them."""
    raster = engine.run(mapped.program, spikes).raster()[0]
    blocks = block_of_addresses(mapped)
    count = len(mapped.blocks)
    return np.array([np.bincount(blocks[np.flatnonzero(tick)], minlength=count) for tick in raster])


@pytest.fixture(scope="module")
def mapped() -> Mapped:
    return map_network(NETWORK, machine_for(NETWORK, 2, 2))


@pytest.mark.parametrize("spikes", [CALM, BUSY], ids=["calm", "busy"])
def test_ticks_take_as_long_as_the_model_says(mapped: Mapped, spikes: Spikes) -> None:
    with skipped_without_tools():
        measured = measured_ticks(mapped, spikes)
    model = np.array([tick.cycles for tick in tick_times(mapped, sent(mapped, spikes))])
    assert model.sum() == pytest.approx(measured.sum(), rel=0.01)
    assert np.abs(model - measured).mean() < 0.04 * measured.mean()
    assert np.corrcoef(model, measured)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("timing", "tiles"),
    [(Timing(mark_hop=3), TileTiming()), (Timing(), TileTiming(mark=5)), (Timing(), TileTiming(synapse=2))],
    ids=["marks", "sweeps", "synapses"],
)
def test_control_other_hardware_is_seen_to_be_other(
    mapped: Mapped, timing: Timing, tiles: TileTiming
) -> None:
    events = sent(mapped, CALM)
    model, other = tick_times(mapped, events), tick_times(mapped, events, timing, tiles)
    cycles, others = (sum(tick.cycles for tick in ticks) for ticks in (model, other))
    assert abs(others - cycles) > 0.05 * cycles


def test_silent_ticks_take_exactly_as_long(mapped: Mapped) -> None:
    with skipped_without_tools():
        measured = measured_ticks(mapped, np.zeros((1, 4, NETWORK.inputs), np.bool_))
    silent = tick_time(mapped, np.zeros(len(mapped.blocks), np.int64))
    assert measured.tolist() == [silent.cycles] * 4
