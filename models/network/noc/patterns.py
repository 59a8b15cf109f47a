"""Traffic patterns: who sends to whom, by which tree, and how much of all.

uniform     every node to every other, equally
neighbour   every node to the node east of it; the last of a row to the one north, or to the first
hotspot     as uniform, but a part of all events goes to one node
network     what a mapped network sends, by the spikes of a run

Source: Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, sections 3.2 and 23.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.loads import Channel, channels_of
from spikelock.models.network.mapping.machine import Machine, Node, Port
from spikelock.models.network.mapping.mapped import Mapped
from spikelock.models.network.mapping.tables import Entry, Journey, tables_of
from spikelock.models.network.mapping.trees import multicast_tree
from spikelock.models.network.mapping.turns import Turns, allowed_turns, require_no_circle


@dataclass(frozen=True, eq=False)
class Pattern:
    """Flows of events on a machine. Flow i is that of the key i where the pattern is run on hardware.

    shares: by flow, its part of all events; together 1.
    """

    name: str
    machine: Machine
    turns: Turns
    flows: tuple[Journey, ...]
    shares: NDArray[np.float64]

    @cached_property
    def doors(self) -> list[Channel]:
        """Where events enter, each once: a node and its port."""
        return sorted({(flow.node, flow.door) for flow in self.flows})

    @cached_property
    def uses(self) -> NDArray[np.bool_]:
        """Which channels a flow takes, shape (flows, channels)."""
        channels = channels_of(self.machine)
        return np.array(
            [[port in flow.tree.get(node, ()) for node, port in channels] for flow in self.flows], np.bool_
        )

    @cached_property
    def copies(self) -> float:
        """Destinations of an event, on average."""
        leave = [port in (Port.LOCAL, Port.HOST) for _, port in channels_of(self.machine)]
        return float(self.shares @ self.uses[:, leave].sum(axis=1))

    def tables(self) -> Mapping[Node, Sequence[Entry]]:
        """Uncompressed routing tables: flow i has the key i."""
        return tables_of(self.machine, self.flows)[0]


def uniform(machine: Machine) -> Pattern:
    """Every node to every other, equally."""
    nodes = range(machine.nodes)
    pairs = {(a, b): 1.0 for a in nodes for b in nodes if a != b}
    return _pattern("uniform", machine, pairs)


def neighbour(machine: Machine) -> Pattern:
    """Every node to the next one in its row, the last of a row to the first."""
    pairs = {}
    for node in range(machine.nodes):
        x, y = machine.place(node)
        other = machine.node_at.get(((x + 1) % machine.width, y), node)
        if other != node:
            pairs[node, other] = 1.0
    return _pattern("neighbour", machine, pairs)


def hotspot(machine: Machine, hot: Node | None = None, part: float = 0.5) -> Pattern:
    """A part of the events of each node goes to a hot node, the host's if none is named; the rest uniformly.

    Raises BadInput for a part that is none.
    """
    hot = machine.host if hot is None else hot
    if not 0 <= part <= 1 or not 0 <= hot < machine.nodes:
        raise BadInput(
            f"hotspot at node {hot}, {part}: a node of the machine, and a part of 0 to 1, are needed"
        )
    pairs = {}
    for a in range(machine.nodes):
        others = [b for b in range(machine.nodes) if b != a]
        for b in others:
            even = (1.0 if a == hot else 1 - part) / len(others)
            pairs[a, b] = even + (part if b == hot else 0.0)
    return _pattern("hotspot", machine, {pair: share for pair, share in pairs.items() if share})


def network(mapped: Mapped, sent: Ints) -> Pattern:
    """What a mapped network sends. sent: events by block, as `Loads.sent`. Raises BadInput without any."""
    flows = [
        (journey, count) for journey, count in zip(mapped.journeys, sent.tolist(), strict=False) if count
    ]
    if not flows:
        raise BadInput("no block sends anything: a run with spikes is needed")
    shares = np.array([count for _, count in flows], np.float64)
    return Pattern(
        "network", mapped.machine, mapped.turns, tuple(flow for flow, _ in flows), shares / shares.sum()
    )


def _pattern(name: str, machine: Machine, pairs: Mapping[tuple[Node, Node], float]) -> Pattern:
    if not pairs:
        raise BadInput(f"{name} traffic on one node: two nodes or more are needed")
    width = max(1, (len(pairs) - 1).bit_length())
    if width > machine.key_width:
        raise BadInput(
            f"{len(pairs)} flows do not fit keys of {machine.key_width} bits; {width} bits would do"
        )
    turns = allowed_turns(machine)
    require_no_circle(machine, turns)
    mask = (1 << machine.key_width) - 1
    flows = [
        Journey(a, Port.LOCAL, key, mask, multicast_tree(machine, turns, a, [(b, Port.LOCAL)]))
        for key, (a, b) in enumerate(pairs)
    ]
    shares = np.array(list(pairs.values()))
    return Pattern(name, machine, turns, tuple(flows), shares / shares.sum())
