"""How a bench cuts a link between dies, and what it notes of each die: levels of a package."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.fabric.mesh import link_name
from spikelock.models.fixed import unsigned
from spikelock.models.network.mapping.machine import Port as RouterPort
from spikelock.models.package.dies import Link, Params
from spikelock.models.ports import Port

COUNT_BITS = 32


def links(params: Params) -> Mapping[Link, Link]:
    """The links between dies, from their western or southern end; with each, the same from its other end."""
    return {
        end: other for end, other in params.lines.items() if end[1] in (RouterPort.EAST, RouterPort.NORTH)
    }


def cut_port(params: Params) -> Port:
    """Links that are cut, a bit each, for good: both directions, from a cycle of the host's clock on.

    Cycles count from when the host has sent something, after each reset. 0: dead from the reset on.
    """
    chosen = {link_name(*link): unsigned(1) for link in links(params)}
    return Port({"cycle": unsigned(COUNT_BITS), **chosen}, kind="level", clock=params.host)


def cut(params: Params, link: Link | None = None, cycle: int = 0) -> Mapping[str, int]:
    """Values of `cut_port`, for one link of `links`, or for none."""
    chosen = {link_name(*other): int(other == link) for other in links(params)}
    return {"cycle": cycle, **chosen}


def logs(params: Params) -> dict[str, Port]:
    """Of each die: `cycles` of its clock since power-up, and by link that at which `up` last became 0."""
    found = {}
    for name, die in params.dies.items():
        downs = {f"{link_name(*link)}_down": unsigned(COUNT_BITS) for link in die.cut}
        found[f"{name}_log"] = Port({"cycles": unsigned(COUNT_BITS), **downs}, kind="level", clock=name)
    return found
