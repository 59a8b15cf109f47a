"""Placement: which part goes to which node, so that events go few hops.

The sum over all pairs of parts of traffic × distance is a quadratic assignment; scipy's 2-opt finds a good
one. The inputs' part is at the host's node, beside whatever part is placed there.
"""

from __future__ import annotations

import numpy as np

from spikelock.models.errors import MissingTool
from spikelock.models.fixed import Ints

from .machine import Machine

RESTARTS = 8
"""Of the search, from other random places."""

BRIDGE = 4
"""Hops that a bridge between dies counts for: it is slower, and takes more energy."""


def distances(machine: Machine) -> Ints:
    """Hops between any two nodes, shape (nodes, nodes); those over bridges count more."""
    far = machine.nodes * (BRIDGE + 1)
    hops = np.full((machine.nodes, machine.nodes), far, np.int64)
    np.fill_diagonal(hops, 0)
    for (node, port), other in machine.links.items():
        hops[node, other] = BRIDGE if machine.is_bridge(node, port) else 1
    for middle in range(machine.nodes):
        hops = np.minimum(hops, hops[:, middle, np.newaxis] + hops[np.newaxis, middle])
    return hops


def place(machine: Machine, traffic: Ints, seed: int = 0) -> list[int]:
    """The node of each part but the first, which is the host's.

    traffic: as `partition.traffic` gives it. Raises MissingTool where scipy is not installed.
    """
    return place_by(distances(machine), machine.host, traffic, seed)


def place_by(hops: Ints, host: int, traffic: Ints, seed: int = 0) -> list[int]:
    """The same for places with any distances. hops: shape (places, places). host: the place it is at."""
    try:
        from scipy.optimize import quadratic_assignment
    except ImportError:
        raise MissingTool("scipy is not installed: pip install 'spikelock[mapping]'") from None
    parts, nodes = len(traffic) - 1, len(hops)
    between = np.zeros((nodes, nodes), np.int64)
    between[:parts, :parts] = traffic[1:, 1:]
    # Traffic with the host depends on a part's own place alone: it is the diagonal of the assignment.
    with_host = np.zeros(nodes, np.int64)
    with_host[:parts] = traffic[0, 1:] + traffic[1:, 0]
    random = np.random.default_rng(seed)
    best: tuple[int, list[int]] | None = None
    for _ in range(RESTARTS):
        flow, far = _with_host(between, with_host, hops, host)
        start = np.vstack([np.arange(nodes + 1), [*random.permutation(nodes).tolist(), nodes]]).T
        found = quadratic_assignment(
            flow,
            far,
            method="2opt",
            options={"partial_match": [[nodes, nodes]], "partial_guess": start[:nodes], "rng": random},
        )
        chosen = [int(node) for node in found.col_ind[:parts]]
        cost = cost_of(traffic, hops, host, chosen)
        if best is None or cost < best[0]:
            best = cost, chosen
    assert best is not None
    return best[1]


def _with_host(between: Ints, with_host: Ints, hops: Ints, host: int) -> tuple[Ints, Ints]:
    """Flow and distance with one more place, the host's port, which is where its node is."""
    nodes = len(between)
    flow, far = np.zeros((nodes + 1, nodes + 1), np.int64), np.zeros((nodes + 1, nodes + 1), np.int64)
    flow[:nodes, :nodes], far[:nodes, :nodes] = between, hops
    flow[nodes, :nodes], far[nodes, :nodes] = with_host, hops[host]
    far[:nodes, nodes] = hops[:, host]
    return flow, far


def cost_of(traffic: Ints, hops: Ints, host: int, nodes: list[int]) -> int:
    """Event-hops of a placement."""
    places = [host, *nodes]
    return int((traffic * hops[np.ix_(places, places)]).sum())
