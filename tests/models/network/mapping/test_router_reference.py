"""What is loaded into routers, against the router's own reference: every key, compressed and not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spikelock.models.aer.router import Fate, fate
from spikelock.models.core import Configuration
from spikelock.models.fabric import mesh
from spikelock.models.network.mapping.hardware import hardware, table_records
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.mapped import Mapped, map_network, reroute
from spikelock.models.network.mapping.tables import Table

from .networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")


def wrong_keys(mapped: Mapped, tables: dict[int, Table]) -> list[tuple[int, Port, int, Fate]]:
    """Router, input, key and fate of what does not go exactly where its tree does."""
    params, configuration = hardware(mapped)
    counts = [mapped.program.inputs, *(len(one.part.neurons) for one in mapped.placed), 1]
    wrong = []
    for journey, count in zip(mapped.journeys, counts, strict=True):
        for node, source in journey.sources(mapped.machine).items():
            sizes = replace(params.routers[node], entries=max(1, len(tables[node])))
            records = table_records(sizes.table["table"].layout, tables[node])
            loaded = Configuration(mesh.part(configuration, node).registers, {"table": records})
            wanted = Fate(tuple(sorted(int(port) for port in journey.tree[node])))
            for key in range(journey.key, journey.key + count):
                if (found := fate(sizes, loaded, int(source), key)) != wanted:
                    wrong.append((node, source, key, found))
    return wrong


MACHINES = {
    "small tables": Machine(3, 3, neurons=8, entries=6),
    "torus": Machine(4, 3, neurons=8, torus=True),
    "dead link": Machine(3, 3, neurons=8, dead=frozenset({(0, Port.EAST)})),
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_key_goes_where_its_tree_does(name: str) -> None:
    mapped = map_network(program(), MACHINES[name])
    assert wrong_keys(mapped, dict(mapped.tables)) == []
    assert wrong_keys(mapped, dict(mapped.uncompressed)) == []


def test_rerouted_tables_fit_the_rerouted_turns() -> None:
    mapped = map_network(program(), MACHINES["small tables"])
    again = reroute(mapped, [(4, Port.NORTH)])
    assert wrong_keys(again, dict(again.tables)) == []
    assert wrong_keys(again, dict(mapped.tables)), "control: the old tables are not those for the new ways"


def test_control_one_entry_less_is_found() -> None:
    mapped = map_network(program(), MACHINES["small tables"])
    node = max(mapped.tables, key=lambda number: len(mapped.tables[number]))
    for number in range(len(mapped.tables[node])):
        shorter = [entry for n, entry in enumerate(mapped.tables[node]) if n != number]
        found = wrong_keys(mapped, {**mapped.tables, node: shorter})
        assert found
        assert {one[0] for one in found} == {node}


def test_what_is_loaded_is_what_was_checked() -> None:
    """The records of a router's memory, read back."""
    mapped = map_network(program(), MACHINES["small tables"])
    _, configuration = hardware(mapped)
    for node, table in mapped.tables.items():
        records = mesh.part(configuration, node).memories["table"]
        used = records[records["used"] == 1]
        assert used["key"].tolist() == [entry.key for entry in table]
        assert used["mask"].tolist() == [entry.mask for entry in table]
        assert len(used) <= mapped.machine.entries
