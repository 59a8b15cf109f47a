"""Loads of channels: counted again one event at a time; what the report says of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.network.mapping.loads import block_of_addresses, channel_loads
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.mapping.report import name_of, neurons_of, report_of
from spikelock.models.network.mapping.tables import Entry, outputs_of

from .networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")


@pytest.fixture(scope="module")
def mapped() -> Mapped:
    return map_network(program(), Machine(4, 2, neurons=8, entries=10, dies=(2, 1)))


def raster_for(mapped: Mapped) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.random.default_rng(3).random((2, 3, mapped.program.addresses)) < 0.3


def test_loads_are_those_of_events_followed_one_by_one(mapped: Mapped) -> None:
    """Each spike goes through the compressed tables, hop by hop."""
    raster = raster_for(mapped)
    counted: Counter[tuple[int, Port]] = Counter()
    doors = [(mapped.machine.host, Port.HOST), *((one.node, Port.LOCAL) for one in mapped.placed)]
    blocks = block_of_addresses(mapped)
    for _, _, address in zip(*np.nonzero(raster), strict=True):
        key = int(mapped.keys[address])
        assert mapped.blocks[blocks[address]].base <= key
        waiting = [doors[blocks[address]]]
        while waiting:
            node, source = waiting.pop()
            for port in outputs_of(mapped.tables[node], key, source) or ():
                counted[node, port] += 1
                if (node, port) in mapped.machine.links:
                    waiting.append((mapped.machine.links[node, port], Port((port + 2) % 4)))
    loads = channel_loads(mapped, raster)
    assert {c: loads.of(c) for c in loads.channels if loads.of(c)} == counted
    assert loads.sent.sum() == raster.sum()
    one_by_one = [channel_loads(mapped, raster[s : s + 1, t : t + 1]) for s in range(2) for t in range(3)]
    assert (np.max([one.events for one in one_by_one], axis=0) == loads.busiest).all()
    links = [n for n, channel in enumerate(loads.channels) if channel in mapped.machine.links]
    assert loads.events[loads.hottest] == loads.events[links].max()


def test_a_raster_of_another_network_is_refused(mapped: Mapped) -> None:
    with pytest.raises(BadInput, match=r"\(samples, ticks, 52\) is needed"):
        channel_loads(mapped, np.zeros((1, 1, 9), np.bool_))


def test_the_report_adds_up(mapped: Mapped) -> None:
    raster = raster_for(mapped)
    report = report_of(mapped, channel_loads(mapped, raster))
    assert json.loads(json.dumps(report)) == report
    assert sum(tile["count"] for tile in report["tiles"]) == 40
    assert report["traffic"]["spikes"] == raster.sum()
    assert report["traffic"]["hops"] == sum(link["events"] for link in report["links"])
    assert report["links"][0]["events"] == report["traffic"]["hottest_events"]
    assert {link["link"] for link in report["links"] if link["bridge"]} == {
        "(1, 0) east to (2, 0)",
        "(2, 0) west to (1, 0)",
        "(1, 1) east to (2, 1)",
        "(2, 1) west to (1, 1)",
    }
    assert max(table["entries"] for table in report["tables"]) <= 10
    first = mapped.placed[0]
    assert neurons_of(mapped, first).startswith("p0 ")
    assert report["raw"]["neurons"][name_of(mapped.machine, first.node)] == first.part.neurons.tolist()
    part = replace(first.part, neurons=np.array([2, 3, 4, 9]))
    assert neurons_of(mapped, replace(first, part=part)) == "p0 2…4, 9"
    part = replace(part, neurons=np.arange(0, 20, 2))
    assert neurons_of(mapped, replace(first, part=part)) == "p0 10 of 0…18"
    assert "traffic" not in report_of(mapped)


def test_control_no_report_of_a_table_that_is_wrong(mapped: Mapped) -> None:
    tables = {**mapped.tables, 0: [Entry(0, 0, frozenset({Port.EAST})), *mapped.tables[0]][:10]}
    wrong = Mapped(**{**vars(mapped), "tables": tables})
    with pytest.raises(SpikelockError, match="node 0: key"):
        report_of(wrong)
