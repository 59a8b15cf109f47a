"""Small meshes never stand still, whatever their tables; with turns in a circle they do, and it is found."""

from __future__ import annotations

import pytest

from spikelock.formal.fabric.mesh_deadlock import WaitingMesh, explore
from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.turns import Turns, allowed_turns, cycle_of

MACHINES = {
    "1x1": Machine(1, 1),
    "2x1": Machine(2, 1),
    "4x1": Machine(4, 1),
    "2x2": Machine(2, 2),
    "2x2, another host": Machine(2, 2, host=3),
    "2x2, a dead link": Machine(2, 2, dead=frozenset({(0, Port.EAST)})),
    "ring of 3": Machine(3, 1, torus=True),
    "ring of 4": Machine(1, 4, torus=True),
    "star of 4": Machine(3, 2, dies=(3, 2), present=((1, 0), (0, 0), (2, 0), (1, 1)), host=0),
}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_it_never_stands_still(machine: Machine) -> None:
    mesh = WaitingMesh(machine, allowed_turns(machine))
    assert mesh.all_are_waited_for()
    explored = explore(mesh)
    assert explored.stuck is None, f"after {explored.states} states: {explored.stuck}"
    assert explored.owed == 1
    assert explored.events >= machine.nodes - 1, "one in which nothing is ever full shows nothing"


def all_turns(machine: Machine) -> Turns:
    """Every turn but those back to where an item came from."""
    return {
        node: frozenset(
            (source, target)
            for source in machine.ports(node)
            for target in machine.ports(node)
            if source != target or source is Port.LOCAL
        )
        for node in range(machine.nodes)
    }


@pytest.mark.parametrize("machine", [Machine(2, 2), Machine(3, 1, torus=True)], ids=["2x2", "ring of 3"])
def test_control_turns_in_a_circle_stand_still(machine: Machine) -> None:
    turns = all_turns(machine)
    assert cycle_of(machine, turns)
    assert explore(WaitingMesh(machine, turns)).stuck is not None


def test_control_marks_that_come_back_to_the_host_stand_still() -> None:
    """In a ring that is opened at the host's own node, its mark goes all round, and waits for itself."""
    machine = Machine(3, 1, torus=True)
    turns = dict(all_turns(machine))
    straight = {(Port.EAST, Port.WEST), (Port.WEST, Port.EAST)}
    turns[0] = turns[0] - straight
    assert explore(WaitingMesh(machine, turns)).stuck is not None


@pytest.mark.parametrize("machine", [Machine(3, 1), Machine(1, 3)], ids=["3x1", "1x3"])
def test_the_order_of_marks_changes_no_answer(machine: Machine) -> None:
    mesh = WaitingMesh(machine, allowed_turns(machine))
    quick, thorough = explore(mesh), explore(mesh, any_order=True)
    assert quick.stuck is thorough.stuck is None
    assert quick.states < thorough.states
    ring = Machine(3, 1, torus=True)
    circle = WaitingMesh(ring, all_turns(ring))
    assert explore(circle, any_order=True).stuck is not None


def test_what_is_too_large_is_refused() -> None:
    machine = Machine(2, 2)
    with pytest.raises(BadInput, match="more than 1000 states"):
        explore(WaitingMesh(machine, allowed_turns(machine)), most=1000)


def test_turns_that_lead_nowhere_are_refused() -> None:
    machine = Machine(2, 1)
    turns = {
        0: frozenset({(Port.LOCAL, Port.EAST), (Port.HOST, Port.LOCAL)}),
        1: frozenset({(Port.LOCAL,) * 2}),
    }
    with pytest.raises(BadInput, match="east of node 0: what goes there can go nowhere"):
        explore(WaitingMesh(machine, turns))
