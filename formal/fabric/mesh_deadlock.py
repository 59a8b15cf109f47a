"""That a small mesh never stands still, by visiting every state that it can be in.

What routers, nodes and the host may do is stated once more, from rules 2 and 3 of `docs/mesh.md`, with the
least memory that hardware can have: a channel holds one item, an event or a mark. Where an event goes is left
open, so one exploration speaks of every routing table: of all that the turns allow. A tile sends events, as
many as it likes, and then a mark, for each mark it receives; the host too, after each mark that comes to it.

A mesh *stands still* in a state in which nothing can move any more. Marks come to the host only through every
channel (`all_are_waited_for`), so if a part of a mesh stood still alone, all of it would in the end.

Two things are left out, neither of which can hide such a state. A tile and the host always take, so a copy of
an event for them is gone at once. And where a mark can pass, nothing else is tried first: it takes the place
of no other item, and nothing that could move before cannot move after it (a persistent set: Godefroid,
"Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple, TypeVar

from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Machine, Port
from spikelock.models.network.mapping.turns import Turns

T = TypeVar("T")

MOST_STATES = 1_000_000
"""That are visited: a gigabyte."""

Ports = frozenset[Port]

Channel = tuple[int, Port]
"""A node, and an input of its router: what leads there."""


class Item(NamedTuple):
    """What a channel holds: an event or a mark, and the outputs that have not had it."""

    is_mark: bool
    left: Ports


State = tuple[tuple[Item | None, ...], tuple[int, ...]]
"""By channel what it holds; by node, the host last, how many marks it has received and not answered."""


@dataclass(frozen=True)
class Output:
    """An output of a router. leads_to: the channel behind it; None for a tile or the host, `end` says which.

    sources: the channels that may turn to it.
    """

    port: Port
    leads_to: int | None
    end: int
    sources: Sequence[int]


@dataclass(frozen=True)
class WaitingMesh:
    """A machine under some turns, as items that wait for each other."""

    machine: Machine
    turns: Turns

    @cached_property
    def channels(self) -> dict[Channel, int]:
        """Numbers of the inputs from which something may go on."""
        inputs = [(node, port) for node in range(self.machine.nodes) for port in self._ports(node)]
        return {channel: number for number, channel in enumerate(filter(self._targets, inputs))}

    def _ports(self, node: int) -> list[Port]:
        links = [port for port in LINKS if (node, port) in self.machine.links]
        return [*links, Port.LOCAL, *([Port.HOST] if node == self.machine.host else [])]

    def _targets(self, channel: Channel) -> Ports:
        node, port = channel
        return frozenset(target for source, target in self.turns[node] if source == port)

    @cached_property
    def targets(self) -> list[Ports]:
        """Where a mark has to go, from each channel."""
        return [self._targets(channel) for channel in self.channels]

    @cached_property
    def ways(self) -> list[list[Ports]]:
        """Over which links an event may go on, from each channel: any of those that its mark has to take."""
        links = [sorted(targets & set(LINKS)) for targets in self.targets]
        return [[frozenset(c) for n in range(len(t) + 1) for c in combinations(t, n)] for t in links]

    @cached_property
    def outputs(self) -> list[Output]:
        """Those that something may go to."""
        found = []
        for node in range(self.machine.nodes):
            for port in self._ports(node):
                sources = [self.channels[node, s] for s, target in sorted(self.turns[node]) if target == port]
                end = self.machine.nodes if port is Port.HOST else node
                if sources:
                    found.append(Output(port, self._behind(node, port), end, sources))
        return found

    def _behind(self, node: int, port: Port) -> int | None:
        if port not in LINKS:
            return None
        other = self.machine.links[node, port], OPPOSITE[port]
        if other not in self.channels:
            raise BadInput(f"{port.name.lower()} of node {node}: what goes there can go nowhere from there")
        return self.channels[other]

    @cached_property
    def ends(self) -> list[int]:
        """The channel that each tile sends to; last, that of the host."""
        doors = [self.channels[node, Port.LOCAL] for node in range(self.machine.nodes)]
        return [*doors, self.channels[self.machine.host, Port.HOST]]

    @property
    def first(self) -> State:
        """After reset, every tile has a mark to send, without having received any."""
        return (None,) * len(self.channels), (1,) * self.machine.nodes + (0,)

    def passing_mark(self, state: State) -> State | None:
        """A mark goes to an output that all inputs which may turn there have theirs for."""
        held, owed = state
        for output in self.outputs:
            behind = output.leads_to
            waiting = [held[source] for source in output.sources]
            if behind is not None and held[behind] is not None:
                continue
            if all(item is not None and item.is_mark and output.port in item.left for item in waiting):
                after = list(held)
                for source in output.sources:
                    after[source] = _without(held[source], output.port)
                if behind is not None:
                    after[behind] = Item(True, self.targets[behind])
                    return tuple(after), owed
                return tuple(after), _changed(owed, output.end, owed[output.end] + 1)
        return None

    def moves(self, state: State) -> Iterator[State]:
        """An event goes over a link; a tile or the host sends an event, or the mark that it owes."""
        held, owed = state
        for output in self.outputs:
            behind = output.leads_to
            if behind is None or held[behind] is not None:
                continue
            for source in output.sources:
                item = held[source]
                if item is not None and not item.is_mark and output.port in item.left:
                    for ways in self.ways[behind]:
                        after = list(held)
                        after[source] = _without(item, output.port)
                        after[behind] = Item(False, ways) if ways else None
                        yield tuple(after), owed
        for end, channel in enumerate(self.ends):
            if held[channel] is None and owed[end]:
                yield (
                    _changed(held, channel, Item(True, self.targets[channel])),
                    _changed(owed, end, owed[end] - 1),
                )
                for ways in filter(None, self.ways[channel]):
                    yield _changed(held, channel, Item(False, ways)), owed

    def all_are_waited_for(self) -> bool:
        """Whether the marks of every channel are needed for those that come to the host."""
        needed, asked, ask = set[int](), set[int](), {self.machine.nodes}
        while ask:
            end = ask.pop()
            asked.add(end)
            new = {s for o in self.outputs if o.leads_to is None and o.end == end for s in o.sources}
            while new := new - needed:
                needed |= new
                ask |= {node for node in range(self.machine.nodes) if self.ends[node] in new} - asked
                new = {s for o in self.outputs if o.leads_to in new for s in o.sources}
        return needed == set(self.channels.values())


@dataclass(frozen=True)
class Explored:
    """states: how many were visited. stuck: one in which nothing can move; None where there is none.

    events: that channels hold at the same time, at most. owed: marks that a tile or the host has received and
    not answered, at most.
    """

    states: int
    stuck: State | None
    events: int
    owed: int

    @staticmethod
    def of(seen: Collection[State], stuck: State | None) -> Explored:
        """What was visited."""
        events = (sum(item is not None and not item.is_mark for item in held) for held, _ in seen)
        return Explored(len(seen), stuck, max(events), max(max(owed) for _, owed in seen))


def explore(mesh: WaitingMesh, *, any_order: bool = False, most: int = MOST_STATES) -> Explored:
    """Visits every state that can be reached, or those up to one that is stuck.

    any_order: where a mark can pass, other things may come first, too: the same answer from many more states.
    Raises BadInput for a mesh with more than `most` states.
    """
    seen = {mesh.first}
    waiting = [mesh.first]
    while waiting:
        state = waiting.pop()
        mark = mesh.passing_mark(state)
        after = [] if mark is None else [mark]
        if mark is None or any_order:
            after += mesh.moves(state)
        if not after:
            return Explored.of(seen, state)
        for other in after:
            if other not in seen:
                if len(seen) == most:
                    raise BadInput(f"a mesh with more than {most} states; 2x2 nodes have some 14,000")
                seen.add(other)
                waiting.append(other)
    return Explored.of(seen, None)


def _without(item: Item | None, port: Port) -> Item | None:
    assert item is not None
    left = item.left - {port}
    return Item(item.is_mark, left) if left else None


def _changed(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*values[:place], value, *values[place + 1 :])
