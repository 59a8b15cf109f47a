"""A mesh or torus of nodes, with a port for the host: the specification of `fabric.mesh`; see `docs/mesh.md`.

Each node is a router (`aer.router`), and most have a tile behind a door (`fabric.node`). Links join each
router to its neighbours. The host sends, and receives, by a port of its own of one router.

The channels carry steps, each ended by a mark, so at the host a step is complete when its mark has come. What
nodes send for the host's mark n comes before mark n + 1 that the host receives; mark 0 comes after reset.

The order of a step's events depends on when they come; that of the events of one node does not. So a mesh is
compared *split*: an output for each node that has a tile, and all marks on each. There `counted` shows what
the counters say, one after the other: after each mark that ends a step with a RESTART of the host's, once all
that was sent before has arrived.

Registers and memories are those of routers and nodes, the number of the node in front: `node0_turns4`,
`node3_rows`.

Of a mesh that is cut into dies (`Machine.dies`), `Params.die` is what is on one of them: its links to other
dies are ports, such as `to_node0_east` and `from_node0_east`. All dies together are the mesh.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from spikelock.models.aer import router
from spikelock.models.aer.event import Format
from spikelock.models.aer.router import COUNTER_WIDTH
from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.fixed import Q, unsigned
from spikelock.models.network.mapping.machine import LINKS, OPPOSITE, Machine
from spikelock.models.network.mapping.machine import Port as RouterPort
from spikelock.models.network.mapping.turns import allowed_turns
from spikelock.models.ports import MemoryMap, Port, Register, RegisterMap

from . import node, tile
from .tile import Kind

MOST_HOPS = 10_000
"""Of an event and its copies: a table that needs more sends it round for ever."""


@dataclass(frozen=True)
class Params:
    """machine: the mesh, the host's node, entries of a router's table, and bits of a key.

    tiles: by node; None for a router alone. queue: of each output of a router. step_width: bits of a step.
    payload_width: bits by which a spike says from which tile it is, the first 0; 0 for none.
    split: an output for each tile, as a bench compares them; there the payload stays inside.
    die: column and row of the only die that is here; None for all.
    """

    machine: Machine = field(default_factory=lambda: Machine(2, 1, entries=4, key_width=8))
    tiles: tuple[tile.Params | None, ...] = (tile.Params(), tile.Params())
    queue: int = 4
    step_width: int = 4
    payload_width: int = 0
    split: bool = False
    die: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if len(self.tiles) != self.machine.nodes:
            raise BadInput(
                f"{len(self.tiles)} tiles for a mesh of {self.machine.nodes} nodes: one, or None, for each"
            )
        if not any(self.tiles):
            raise BadInput("a mesh without a tile: give at least one")
        if self.payload_width and self.payload_width < self.number_bits:
            raise BadInput(
                f"payload_width = {self.payload_width}: the number of one of {len(self.placed)} tiles needs "
                f"{self.number_bits} bits or more"
            )
        if self.die is None:
            return
        if self.split or self.die not in self.machine.die_places:
            across, up = self.machine.dies
            raise BadInput(
                f"die = {self.die}: one of {across}x{up}, column and row from 0, of a mesh that is not split"
            )

    @property
    def here(self) -> list[int]:
        """The nodes that are on the die; all, where it is not one alone."""
        return [n for n in range(self.machine.nodes) if self.die in (None, self.machine.die(n))]

    @property
    def joined(self) -> Mapping[tuple[int, RouterPort], int]:
        """The links from the nodes here, dead ones too, and the node at the other end of each."""
        links = replace(self.machine, dead=frozenset()).links
        return {link: other for link, other in links.items() if link[0] in self.here}

    @property
    def cut(self) -> list[tuple[int, RouterPort]]:
        """The links from the nodes here to other dies."""
        return [link for link, other in self.joined.items() if other not in self.here]

    @property
    def placed(self) -> list[int]:
        """The nodes that have a tile."""
        return [number for number, sizes in enumerate(self.tiles) if sizes is not None]

    @property
    def number_bits(self) -> int:
        """Bits of the number of a tile."""
        return max(1, (len(self.placed) - 1).bit_length())

    @property
    def event(self) -> Format:
        """Of every channel."""
        return Format(self.machine.key_width, self.payload_width)

    @cached_property
    def routers(self) -> tuple[router.Params, ...]:
        """By node."""
        machine = self.machine
        return tuple(
            router.Params(
                len(LINKS),
                2 if number == machine.host else 1,
                machine.entries,
                machine.key_width,
                self.payload_width,
                self.queue,
            )
            for number in range(machine.nodes)
        )

    @cached_property
    def nodes(self) -> Mapping[int, node.Params]:
        """Those that have a tile, by number."""
        return {
            number: node.Params(
                sizes,
                self.machine.key_width,
                self.payload_width,
                self.step_width,
                position if self.payload_width else 0,
            )
            for position, number in enumerate(self.placed)
            if (sizes := self.tiles[number]) is not None
        }


def prefix(number: int) -> str:
    """What the register and memory names of a node begin with."""
    return f"node{number}_"


def link_name(number: int, port: RouterPort) -> str:
    """Of a link to another die; its channels are ports `to_…` and `from_…`."""
    return prefix(number) + port.name.lower()


def registers(params: Params) -> RegisterMap:
    """Of routers and nodes. Turns, and links that are dead, are the machine's."""
    found: dict[str, Register] = {}
    turns = turns_of(params)
    for number in params.here:
        sizes = params.routers[number]
        for name, register in router.registers(sizes).items():
            value = turns[number][int(name[-1])] if name != "dead" else _dead(params.machine, number)
            found[prefix(number) + name] = replace(register, reset=value)
        if number in params.nodes:
            own = node.registers(params.nodes[number])
            found |= {prefix(number) + name: register for name, register in own.items()}
    return found


def turns_of(params: Params) -> list[list[int]]:
    """By node, and input: the outputs to which it may turn, a bit each.

    They are those of the machine, without those from a channel that no tile and no host sends to: from there
    a mark would be waited for in vain.
    """
    allowed = allowed_turns(params.machine)
    waiting = [(number, RouterPort.LOCAL) for number in params.placed] + [
        (params.machine.host, RouterPort.HOST)
    ]
    reached = set(waiting)
    found = [[0] * sizes.ports for sizes in params.routers]
    while waiting:
        number, source = waiting.pop()
        for target in (target for start, target in allowed[number] if start == source):
            if target != RouterPort.LOCAL or number in params.nodes:
                found[number][source] |= 1 << target
            if target in LINKS:
                channel = params.machine.links[number, target], OPPOSITE[target]
                if channel not in reached:
                    reached.add(channel)
                    waiting.append(channel)
    return found


def _dead(machine: Machine, number: int) -> int:
    every = replace(machine, dead=frozenset()).links
    return sum(1 << port for port in LINKS if (number, port) in every and (number, port) not in machine.links)


def memories(params: Params) -> MemoryMap:
    """Of routers and nodes."""
    return {
        prefix(number) + name: memory
        for number in params.here
        for name, memory in {
            **params.routers[number].table,
            **(node.memories(params.nodes[number]) if number in params.nodes else {}),
        }.items()
    }


def part(configuration: Configuration, number: int) -> Configuration:
    """What is set in a node, without the number in front."""
    start = prefix(number)

    def own(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name.removeprefix(start): value for name, value in values.items() if name.startswith(start)}

    return Configuration(own(configuration.registers), own(configuration.memories))


def inputs(params: Params) -> Mapping[str, Port]:
    """From the host, where its port is here, and from other dies."""
    port = params.event.port()
    found = {"input": port} if params.machine.host in params.here else {}
    return found | {"from_" + link_name(*link): port for link in params.cut}


def outputs(params: Params) -> Mapping[str, Port]:
    """To the host and to other dies; what routers and nodes count. Or what each tile sends to the host, and
    what is counted."""
    port = params.event.port()
    if params.split:
        split = {f"output{number}": port for number in params.placed}
        return {**split, "counted": Port({"value": unsigned(COUNTER_WIDTH)})}
    found = {"output": port} if params.machine.host in params.here else {}
    found |= {"to_" + link_name(*link): port for link in params.cut}
    return {**found, "counters": counters(params)}


def counters(params: Params) -> Port:
    """Those of all routers and nodes."""
    fields: dict[str, Q] = {}
    for number in params.here:
        sizes = params.routers[number]
        fields |= {prefix(number) + name: q for name, q in router.counters(sizes).fields.items()}
        if number in params.nodes:
            own = node.counters(params.nodes[number]).fields
            fields |= {prefix(number) + name: q for name, q in own.items()}
    return Port(fields, kind="level")


Event = tuple[int, ...]

Way = list[tuple[int, router.Fate]]
"""Of an event and its copies: what becomes of them in each router that they come to, by node."""


@dataclass(frozen=True)
class State:
    """By tile: its node's state; and what it has sent since the host's mark before, each with its number.

    counted: by name of a counter. restart: whether the host has sent one in this step. parts: what is set in
    each node. ways: those that were looked up so far, as they stay the same.
    """

    nodes: Mapping[int, node.State]
    parts: Mapping[int, Configuration]
    ways: dict[tuple[int, int, int], Way] = field(default_factory=dict)
    sent: tuple[tuple[int, Event], ...] = ()
    begun: bool = False
    counted: Mapping[str, int] = field(default_factory=dict)
    restart: bool = False


def initial(params: Params, configuration: Configuration) -> State:
    """After reset."""
    parts = {n: part(configuration, n) for n in range(params.machine.nodes)}
    return State({n: node.initial(one, parts[n]) for n, one in params.nodes.items()}, parts)


def reference(
    params: Params, configuration: Configuration, state: State, transaction: Event
) -> tuple[object, ...]:
    """One event of the host's; with its mark, what all nodes send for it. Raises BadInput where not split."""
    if not params.split:
        raise BadInput("the order of a mesh's events depends on timing; split=True compares each tile's")
    mark: Event = (Kind.TICK, 0, *([0] if params.payload_width else []))
    to_host: dict[int, list[Event]] = {n: [] if state.begun else [mark] for n in params.placed}
    nodes, sent, counted = dict(state.nodes), list(state.sent), Counter(state.counted)
    shown: list[Event] = []

    def take(number: int, event: Event) -> list[Event]:
        nodes[number], found = node.reference(params.nodes[number], state.parts[number], nodes[number], event)
        return [event for event in found if event[0] != Kind.TICK]

    def way(number: int, source: int, event: Event) -> Way:
        place = number, source, event[1]
        if place not in state.ways:
            state.ways[place] = _way(params, state.parts, *place)
        return state.ways[place]

    def deliver(number: int, source: int, event: Event) -> None:
        for target, port in _ends(way(number, source, event)):
            if port == RouterPort.LOCAL:
                take(target, event)

    if transaction[0] != Kind.TICK:
        deliver(params.machine.host, RouterPort.HOST, transaction)
        counted += _not_used(params, way(params.machine.host, RouterPort.HOST, transaction), transaction)
    else:
        for number, event in sent:
            deliver(number, RouterPort.LOCAL, event)
        sent = [(number, event) for number in nodes for event in take(number, mark)]
        for number, event in sent:
            its_way = way(number, RouterPort.LOCAL, event)
            to_host[number] += [event for _, port in _ends(its_way) if port == RouterPort.HOST]
            counted += _not_used(params, its_way, event)
        for column in to_host.values():
            column.append(mark)
        if state.restart:
            largest = (1 << COUNTER_WIDTH) - 1
            shown = [(min(counted[name], largest),) for name in counters(params).fields]
    restart = transaction[0] == Kind.RESTART or (state.restart and transaction[0] != Kind.TICK)
    after = State(nodes, state.parts, state.ways, tuple(sent), True, counted, restart)
    return (after, *to_host.values(), shown)


def arrivals(
    params: Params, configuration: Configuration, number: int, source: int, address: int
) -> list[tuple[int, int]]:
    """Where copies of an event leave the mesh: node, port. Raises SpikelockError where that never ends."""
    parts = {n: part(configuration, n) for n in range(params.machine.nodes)}
    return _ends(_way(params, parts, number, source, address))


def _ends(way: Way) -> list[tuple[int, int]]:
    return [(place, out) for place, fate in way for out in fate.leaves if out >= len(LINKS)]


def _not_used(params: Params, way: Way, event: Event) -> Counter[str]:
    """What an event adds to the counters of routers on its way, and of the nodes that it comes to."""
    kind, address, *_ = event
    found: Counter[str] = Counter()
    for place, fate in way:
        start = prefix(place)
        found.update({start + "unroutable": fate.unroutable, start + "forbidden": fate.forbidden})
        found.update(f"{start}lost{link}" for link in fate.lost)
        if RouterPort.LOCAL in fate.leaves:
            has_row = kind == Kind.SPIKE and address < params.nodes[place].tile.axons
            found[start + "faults"] += not has_row and kind != Kind.RESTART
    return found


def _way(params: Params, parts: Mapping[int, Configuration], number: int, source: int, address: int) -> Way:
    found: Way = []
    waiting = [(number, source)]
    for _ in range(MOST_HOPS):
        if not waiting:
            return found
        number, source = waiting.pop()
        fate = router.fate(params.routers[number], parts[number], source, address)
        found.append((number, fate))
        links = [RouterPort(out) for out in fate.leaves if out < len(LINKS)]
        waiting += [(params.machine.links[number, link], OPPOSITE[link]) for link in links]
    raise SpikelockError(f"key {address:#x} from node {number} goes round for ever")


CORE = Core(
    name="fabric.mesh",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    memories=memories,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
