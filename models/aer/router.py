"""A multicast router for events: the specification of `aer.router`, after rules 2 and 4 of `docs/mesh.md`.

    input0 ──▶ held ──▶ table ──┬─▶ queue ──▶ output0
    input1 ──▶ held ──▶         └─▶ queue ──▶ output1
    …                               …

Ports 0 … links − 1 lead to neighbours, those behind them to what is local: a tile, a host. The opposite of
link l is link l + links/2, modulo links: east, north, west, south of a mesh.

    an event    goes to the outputs of the first entry with (address & mask) == key, to each once. Without
                an entry: from a link straight on; from a local port nowhere, and is counted as *unroutable*.
                A copy for an output to which its input may not turn is not sent, and counted as *forbidden*.
    a mark      (TICK) leaves on an output once every input that may turn to it has one, and all before it
                have left. It is taken from an input once every output to which that may turn has had it.
    a dead link is not waited for. What it would send or receive is discarded, and counted as *lost*.

The order in which events of several inputs leave depends on when they come. What leaves of each input does
not. So a router is compared *split*: events come on one stream and go to the input that their payload names,
a mark to all; each output is split by the input that its events came from (`rtl/distributor.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Layout, Memory, MemoryMap, Port, Register, RegisterMap

from .event import Format

COUNTER_WIDTH = 16
"""Bits of a counter, which stays at its largest value."""


@dataclass(frozen=True)
class Params:
    """links, local_ports: how many ports lead to neighbours (an even number), and to what is local.

    entries: of the table. key_width, payload_width: bits of an event's address and payload.
    queue: events that wait for an output, at most.
    split: one stream for all inputs, and each output split by them, as a bench compares them.
    """

    links: int = 4
    local_ports: int = 1
    entries: int = 16
    key_width: int = 16
    payload_width: int = 0
    queue: int = 4
    split: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.links <= 6 or self.links % 2:
            raise RangeError(f"links = {self.links}: a router has 0, 2, 4 or 6 links")
        if self.local_ports < 0 or not 1 <= self.ports <= 8:
            raise RangeError(f"local_ports = {self.local_ports}: a router has 1 … 8 ports, links included")
        for name in ("entries", "key_width", "queue"):
            if getattr(self, name) < 1:
                raise RangeError(f"{name} = {getattr(self, name)}: must be 1 or more")
        if self.table["table"].layout.width > 64:
            raise RangeError(
                f"key_width = {self.key_width}: an entry has {self.table['table'].layout.width} bits, and at "
                "most 64; 16 is usual"
            )
        bits = (self.ports - 1).bit_length()
        if self.split and self.payload_width < bits:
            raise BadInput(
                f"payload_width = {self.payload_width}: to split by {self.ports} inputs, their number must "
                f"fit the payload: {bits} bits or more"
            )

    @property
    def ports(self) -> int:
        """How many inputs, and outputs, there are."""
        return self.links + self.local_ports

    @property
    def event(self) -> Format:
        """Of every channel."""
        return Format(self.key_width, self.payload_width)

    @property
    def table(self) -> MemoryMap:
        """The table, which a host loads."""
        layout = {
            "used": unsigned(1),
            "key": unsigned(self.key_width),
            "mask": unsigned(self.key_width),
            "outputs": unsigned(self.ports),
        }
        return {"table": Memory(self.entries, Layout(layout), "the first used entry that matches decides")}

    def opposite(self, link: int) -> int:
        """The link on the other side."""
        return (link + self.links // 2) % self.links


def registers(params: Params) -> RegisterMap:
    """Turns and dead links. They are changed while no event is under way."""
    every = (1 << params.ports) - 1
    turns = {
        f"turns{number}": Register(unsigned(params.ports), every, f"outputs to which input {number} may turn")
        for number in range(params.ports)
    }
    if not params.links:
        return turns
    return {**turns, "dead": Register(unsigned(params.links), 0, "links that must not be used, a bit each")}


def inputs(params: Params) -> Mapping[str, Port]:
    """A channel a port; or one for all."""
    port = params.event.port()
    return {"input": port} if params.split else {f"input{n}": port for n in range(params.ports)}


def outputs(params: Params) -> Mapping[str, Port]:
    """A channel a port, and the counters; or what came from each input to it, with its marks."""
    port = params.event.port()
    if params.split:
        pairs = [(out, source) for out in range(params.ports) for source in range(params.ports)]
        return {f"output{out}_from{source}": port for out, source in pairs}
    return {**{f"output{n}": port for n in range(params.ports)}, "counters": counters(params)}


def counters(params: Params) -> Port:
    """Events, and copies of events, that were not sent."""
    names = ["unroutable", "forbidden", *(f"lost{link}" for link in range(params.links))]
    return Port(dict.fromkeys(names, unsigned(COUNTER_WIDTH)), kind="level")


Event = tuple[int, ...]


@dataclass(frozen=True)
class Fate:
    """What becomes of an event: the outputs on which it leaves, and what is counted."""

    leaves: tuple[int, ...] = ()
    unroutable: int = 0
    forbidden: int = 0
    lost: tuple[int, ...] = ()


def fate(params: Params, configuration: Configuration, source: int, address: int) -> Fate:
    """What becomes of an event that comes by an input. lost: the links that count it."""
    dead = [link for link in range(params.links) if configuration.registers["dead"] >> link & 1]
    if source in dead:
        return Fate(lost=(source,))
    wanted = _lookup(params, configuration, source, address)
    if wanted is None:
        return Fate(unroutable=1)
    allowed = [out for out in wanted if configuration.registers[f"turns{source}"] >> out & 1]
    return Fate(
        tuple(out for out in allowed if out not in dead),
        forbidden=len(wanted) - len(allowed),
        lost=tuple(out for out in allowed if out in dead),
    )


def _lookup(params: Params, configuration: Configuration, source: int, address: int) -> list[int] | None:
    for used, key, mask, ports in configuration.memories["table"].tolist():
        if used and address & mask == key:
            return [out for out in range(params.ports) if ports >> out & 1]
    return [params.opposite(source)] if source < params.links else None


def has_marks(params: Params, configuration: Configuration, out: int) -> bool:
    """Whether marks leave on an output: it is alive, and some living input may turn to it."""
    dead = configuration.registers.get("dead", 0)
    may = [n for n in range(params.ports) if configuration.registers[f"turns{n}"] >> out & 1]
    return not dead >> out & 1 and any(not dead >> n & 1 for n in may)


def reference(
    params: Params, configuration: Configuration, state: None, event: Event, *others: Event | None
) -> tuple[object, ...]:
    """An event through a split router. Raises BadInput for one that is not split: its order is not specified.

    An event whose payload names no input goes nowhere.
    """
    if not params.split:
        raise BadInput("the order of a router's events depends on timing; split=True compares each input's")
    sent: list[list[list[Event]]] = [[[] for _ in range(params.ports)] for _ in range(params.ports)]
    kind, address, *payload = event
    source = payload[0] & ((1 << (params.ports - 1).bit_length()) - 1) if payload else 0
    if kind == Kind.TICK:
        for out in range(params.ports):
            if has_marks(params, configuration, out):
                for pair in sent[out]:
                    pair.append((Kind.TICK, *(0 for _ in event[1:])))
    elif source < params.ports:
        for out in fate(params, configuration, source, address).leaves:
            sent[out][source].append(event)
    return (None, *(pair for out in sent for pair in out))


COSTED: Mapping[str, Params] = {"four-entries": Params(entries=4), "six-links": Params(links=6)}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="aer.router",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    memories=lambda params: params.table,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
