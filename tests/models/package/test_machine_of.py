"""A planned package as a machine: the same dies, the same bridges; networks map on it."""

from __future__ import annotations

from itertools import permutations

import pytest

from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fabric.mesh import Params as MeshParams
from spikelock.models.network.mapping.check import check
from spikelock.models.network.mapping.machine import LINKS, Machine
from spikelock.models.network.mapping.mapped import map_network, reroute
from spikelock.models.network.mapping.turns import allowed_turns, cycle_of
from spikelock.models.package.dies import Params
from spikelock.models.package.topology import Kind, Package, joined_dies, machine_of, package_named

from ..network.mapping.networks import program

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

NAMES = [
    "mesh:2x2",
    "mesh:3x2:1x2",
    "torus:2x2",
    "torus:3x3",
    "torus:4x3:2x1",
    "ring:3",
    "ring:4",
    "ring:7:2x2",
    *(f"star:{dies}" for dies in (2, 3, 4, 5)),
    "star:5:2x3",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_machine_has_the_dies_and_bridges_that_are_planned(name: str) -> None:
    package = package_named(name)
    for host in range(package.dies):
        planned = Package(package.kind, package.across, package.up, package.tiles, host)
        machine = machine_of(planned)
        assert machine.nodes == package.slots
        assert joined_dies(machine) == {frozenset(one) for one in package.bridges}
        assert machine.die_places.index(machine.die(machine.host)) == host


@pytest.mark.parametrize("name", NAMES)
def test_nothing_waits_in_a_circle_wherever_the_host_is(name: str) -> None:
    package = package_named(name)
    for host in range(package.dies):
        machine = machine_of(Package(package.kind, package.across, package.up, package.tiles, host))
        assert cycle_of(machine, allowed_turns(machine)) == []


@pytest.mark.parametrize("name", ["torus:3x3", "ring:4", "ring:3:2x2", "star:4", "star:5:1x2"])
def test_a_network_maps_on_it(name: str) -> None:
    """Every key, followed through the tables, comes exactly to its destinations."""
    network = program()
    mapped = map_network(network, machine_of(package_named(name), neurons=20, entries=12))
    assert check(mapped).keys == network.addresses + 1
    hardware = Params(MeshParams(mapped.machine, (tile.Params(),) * mapped.machine.nodes))
    assert list(hardware.dies) == [f"die{die}" for die in range(len(mapped.machine.die_places))]
    assert all(hardware.lines[other] == link for link, other in hardware.lines.items())
    for link in list(mapped.machine.links)[:2]:
        if name.startswith(("torus", "ring")):
            check(reroute(mapped, [link]))


def test_a_dead_bridge_is_dead_in_the_machine() -> None:
    planned = Package(Kind.RING, 4, tiles=(1, 2), dead=frozenset({(3, 0)}))
    machine = machine_of(planned)
    assert joined_dies(machine) == {frozenset(one) for one in planned.bridges}
    assert cycle_of(machine, allowed_turns(machine)) == []
    with pytest.raises(BadInput, match="dead links cut off the nodes 1"):
        allowed_turns(machine_of(Package(Kind.STAR, 3, dead=frozenset({(0, 1)}))))


def test_in_a_star_everything_may_turn_in_the_middle() -> None:
    """In dimension order, what comes from the north could not go east."""
    star = machine_of(Package(Kind.STAR, 5))
    turns = allowed_turns(star)[star.node_at[1, 1]]
    assert {(a, b) for a, b in turns if a in LINKS and b in LINKS} == set(permutations(LINKS, 2))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("ring", "as in ring:4"),
        ("cube:3", "as in ring:4"),
        ("ring:4x2", "as in 8"),
        ("ring:2", "3 or more"),
        ("mesh:2x0", "1 or more"),
        ("star:7", "star:5, or ring:7, would do"),
    ],
)
def test_what_is_no_package_is_refused(words: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        machine_of(package_named(words))


def test_dies_that_are_nowhere_are_refused() -> None:
    for wrong in (((0, 0), (0, 0)), ((2, 0),)):
        with pytest.raises(BadInput, match="different places in 2x1 dies"):
            Machine(2, 1, dies=(2, 1), present=wrong)
    with pytest.raises(BadInput, match="the places of the dies cut off the nodes 1"):
        allowed_turns(Machine(3, 1, dies=(3, 1), present=((0, 0), (2, 0))))
