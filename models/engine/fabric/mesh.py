"""Vectorised mesh: where each key arrives is found once for all keys, then tiles run step by step.

Tiles are those of `engine.fabric.tile`; routers are not run: what they do to all keys together is a matrix.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.aer.router import COUNTER_WIDTH
from spikelock.models.core import Configuration
from spikelock.models.engine.aer.router import leaves, not_sent
from spikelock.models.engine.fabric.tile import Tile
from spikelock.models.errors import SpikelockError
from spikelock.models.fabric.mesh import CORE, MOST_HOPS, Params, counters, part, prefix
from spikelock.models.fabric.tile import CORE as TILE
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE
from spikelock.models.network.mapping.machine import Port as RouterPort
from spikelock.models.ports import Records


class Arrivals:
    """How often events of each key, from each door, reach each tile and the host.

    at: by door (a node that has a tile, −1 for the host), shape (keys, tiles + 1), the host last.
    not_sent: likewise by door: what an event adds to the counters of routers, shape (keys, counters).
    """

    def __init__(self, params: Params, configuration: Configuration) -> None:
        self._params = params
        self._parts = [part(configuration, number) for number in range(params.machine.nodes)]
        self._column = {number: column for column, number in enumerate(params.placed)}
        self._counter = {name: column for column, name in enumerate(counters(params).fields)}
        self.not_sent: dict[int, Ints] = {}
        doors = {number: (number, RouterPort.LOCAL) for number in params.placed}
        doors[-1] = (params.machine.host, RouterPort.HOST)
        self.at = {door: self._from(door, *place) for door, place in doors.items()}

    def _from(self, door: int, number: int, port: int) -> Ints:
        """Follows all keys at once, a hop at a time."""
        params = self._params
        keys = np.arange(1 << params.machine.key_width)
        found = np.zeros((len(keys), len(params.placed) + 1), np.int64)
        self.not_sent[door] = counted = np.zeros((len(keys), len(self._counter)), np.int64)
        there = {(number, int(port)): np.ones(len(keys), np.int64)}  # copies of each key at each input
        for _ in range(MOST_HOPS):
            if not there:
                return found
            after: dict[tuple[int, int], Ints] = {}
            for (node, source), copies in there.items():
                sources = np.full(len(keys), source)
                out = leaves(params.routers[node], self._parts[node], sources, keys)
                for name, added in not_sent(params.routers[node], self._parts[node], source, keys).items():
                    counted[:, self._counter[prefix(node) + name]] += copies * added
                for port in range(params.routers[node].ports):
                    sent = copies * (out >> port & 1)
                    if not sent.any():
                        continue
                    if port in LINKS:
                        link = RouterPort(port)
                        place = params.machine.links[node, link], int(OPPOSITE[link])
                        after[place] = after.get(place, 0) + sent
                    else:
                        found[:, self._column[node] if port == RouterPort.LOCAL else -1] += sent
            there = after
        raise SpikelockError(f"some key goes round for ever from node {number}")


class Counted:
    """What the counters say, added up from how many events of each key have left each door."""

    def __init__(self, params: Params, arrivals: Arrivals) -> None:
        names = list(counters(params).fields)
        self._restart = arrivals.not_sent[-1]
        self._fault = self._restart.copy()
        self._spike = {door: added.copy() for door, added in arrivals.not_sent.items()}
        for position, number in enumerate(params.placed):
            column, axons = names.index(prefix(number) + "faults"), params.nodes[number].tile.axons
            self._fault[:, column] = arrivals.at[-1][:, position]
            for door, at in arrivals.at.items():
                self._spike[door][axons:, column] = at[axons:, position]
        self._totals = np.zeros(len(names), np.int64)
        self.shown: list[Ints] = []

    def from_host(self, events: Records) -> None:
        """Of a step, without the mark."""
        for kind, added in (
            (Kind.SPIKE, self._spike[-1]),
            (Kind.RESTART, self._restart),
            (Kind.FAULT, self._fault),
        ):
            self._totals += added[events["address"][events["kind"] == kind]].sum(axis=0)

    def from_tile(self, number: int, keys: Ints) -> None:
        """What a tile has sent."""
        self._totals += self._spike[number][keys].sum(axis=0)

    def show(self) -> None:
        """All of them, as they are now."""
        self.shown.append(np.minimum(self._totals, (1 << COUNTER_WIDTH) - 1))


class Population:
    """A tile, its step of a tick, and what has arrived since it last took part."""

    def __init__(self, params: Params, configuration: Configuration, number: int) -> None:
        self.sizes = params.nodes[number].tile
        own = part(configuration, number)
        names = TILE.registers(self.sizes)
        self.settings = Configuration({name: own.registers[name] for name in names}, own.memories)
        self.base, self.own_step = own.registers["base"], own.registers["step"]
        self.steps = max(1, own.registers["steps"])
        self._keys = 1 << params.machine.key_width
        self.begin()

    def begin(self) -> None:
        """As after RESTART."""
        self._tile = Tile(self.sizes, self.settings, 1)
        self._arrived = np.zeros((1, self.sizes.axons), np.int64)
        self._step = 0

    def arrive(self, copies: Ints) -> None:
        """Events, by key."""
        self._arrived += copies[np.newaxis, : self.sizes.axons]

    def mark(self) -> Ints:
        """The end of a step: the keys of neurons that fire."""
        fired = np.zeros(0, np.int64)
        if self._step == self.own_step:
            fired = np.flatnonzero(self._tile.tick(self._arrived)[0])
            self._arrived = np.zeros_like(self._arrived)
        self._step = (self._step + 1) % self.steps
        return (self.base + fired) % self._keys


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of a split `fabric.mesh`."""
    events = inputs["input"]
    arrivals = Arrivals(params, configuration)
    counted = Counted(params, arrivals)
    tiles = {number: Population(params, configuration, number) for number in params.placed}
    sent: dict[int, list[Ints]] = {number: [] for number in params.placed}
    keys = 1 << params.machine.key_width
    in_flight = np.zeros((keys, len(tiles)), np.int64)
    ends = np.flatnonzero(events["kind"] == Kind.TICK)
    for first, last in zip(np.concatenate([[0], ends[:-1] + 1]), ends, strict=False):
        step = events[first:last]
        spikes = np.bincount(step["address"][step["kind"] == Kind.SPIKE], minlength=keys)
        restarts = step["address"][step["kind"] == Kind.RESTART]
        arrived = in_flight + spikes[:, np.newaxis] * arrivals.at[-1][:, :-1]
        in_flight = np.zeros_like(in_flight)
        counted.from_host(step)
        for column, (number, one) in enumerate(tiles.items()):
            one.arrive(arrived[:, column])
            if arrivals.at[-1][restarts, column].any():
                one.begin()
                fired = np.zeros(0, np.int64)
            else:
                fired = one.mark()
            to_host = np.repeat(fired, arrivals.at[number][fired, -1])
            sent[number].append(to_host)
            counted.from_tile(number, fired)
            counts = np.bincount(fired, minlength=keys)
            in_flight += counts[:, np.newaxis] * arrivals.at[number][:, :-1]
        if len(restarts):
            counted.show()
    split = {
        f"output{number}": _stream(params, position, sent[number], len(events) > 0)
        for position, number in enumerate(params.placed)
    }
    values = np.concatenate([np.zeros(0, np.int64), *counted.shown])
    return {**split, "counted": CORE.outputs(params)["counted"].records(values)}


def _stream(params: Params, position: int, steps: list[Ints], begun: bool) -> Records:
    """The first mark, then the spikes of each step and its mark."""
    dtype = params.event.port().dtype
    if not begun:
        return np.zeros(0, dtype)
    sizes = np.array([len(step) + 1 for step in steps], np.int64)
    out = np.zeros(1 + int(sizes.sum()), dtype)
    is_mark = np.zeros(len(out), np.bool_)
    is_mark[np.concatenate([[0], np.cumsum(sizes)])] = True
    out["kind"] = np.where(is_mark, Kind.TICK, Kind.SPIKE)
    out["address"][~is_mark] = np.concatenate(steps) if steps else 0
    if params.payload_width:
        out["payload"][~is_mark] = position
    return out
