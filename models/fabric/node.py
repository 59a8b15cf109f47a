"""A tile and its door to a router: the specification of `fabric.node`, after `docs/mesh.md`, 2.4 and 3.

    input ──▶ door ──▶ tile ──▶ queue ──▶ output
                 └──── marks ────▶

The address of an event is a key. Time goes in steps, each ended by a mark (TICK), and `steps` of them are a
tick of the network.

    SPIKE key     adds the tile's row `key`; a key without a row (axons or more) is counted as a *fault*
    RESTART       is kept for the mark
    TICK          after RESTART: the tile is restarted; the next step is the first of a tick
                  else, in step `step` of a tick: the tile's neurons take their tick; neuron i that fires
                  sends SPIKE base + i
                  then TICK is sent
    FAULT         is counted as a fault

What comes in is not passed on. After reset one TICK is sent before anything has come. The queue has room for
the spikes of a whole tick: so a tile never waits until its spikes are taken, and takes what is sent to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spikelock.models.aer.event import Format
from spikelock.models.aer.router import COUNTER_WIDTH
from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import MemoryMap, Port, Register, RegisterMap

from . import tile
from .tile import Kind


@dataclass(frozen=True)
class Params:
    """tile: its axons are keys, 0 … axons − 1; it has no recurrent rows, as its spikes come back as events.

    key_width, payload_width: bits of an event's address and payload. step_width: bits of `step` and `steps`.
    number: is the payload of each spike that is sent; 0 without a payload.
    alone: as a bench has it: the first mark waits until an event has come, as benches count from there.
    """

    tile: tile.Params = field(default_factory=tile.Params)
    key_width: int = 16
    payload_width: int = 0
    step_width: int = 4
    number: int = 0
    alone: bool = False

    def __post_init__(self) -> None:
        if self.tile.recurrent:
            raise RangeError("tile.recurrent = True: a node's own spikes come back by the router; use False")
        if self.key_width < 1 or self.step_width < 1:
            raise RangeError(f"key_width = {self.key_width}, step_width = {self.step_width}: 1 or more each")
        if self.tile.axons > 1 << self.key_width:
            raise RangeError(f"{self.tile.axons} axons are more than there are keys of {self.key_width} bits")
        if not 0 <= self.number < 1 << self.payload_width:
            raise RangeError(f"number = {self.number} does not fit a payload of {self.payload_width} bits")

    @property
    def event(self) -> Format:
        """Of both channels."""
        return Format(self.key_width, self.payload_width)


def registers(params: Params) -> RegisterMap:
    """The tile's, and where the node stands in the network."""
    step = unsigned(params.step_width)
    return {
        **tile.registers(params.tile),
        "base": Register(unsigned(params.key_width), 0, "key of the tile's first neuron"),
        "step": Register(step, 0, "of a tick, in which the neurons take theirs"),
        "steps": Register(step, 1, "of a tick"),
    }


def inputs(params: Params) -> Mapping[str, Port]:
    """Events from the router."""
    return {"input": params.event.port()}


def outputs(params: Params) -> Mapping[str, Port]:
    """Events to the router. The hardware has a level `counters` besides."""
    return {"output": params.event.port()}


def counters(params: Params) -> Port:
    """Events that were no use: they name no row, or are a FAULT."""
    return Port({"faults": unsigned(COUNTER_WIDTH)}, kind="level")


def memories(params: Params) -> MemoryMap:
    """The tile's."""
    return tile.memories(params.tile)


@dataclass(frozen=True)
class State:
    """The tile's state, the step of the tick, whether RESTART came in it, whether the first mark was sent."""

    tile: tile.State
    step: int = 0
    restart: bool = False
    begun: bool = False


def of_tile(params: Params, configuration: Configuration) -> Configuration:
    """What is set in the tile."""
    names = tile.registers(params.tile)
    return Configuration({name: configuration.registers[name] for name in names}, configuration.memories)


def initial(params: Params, configuration: Configuration) -> State:
    """After reset."""
    return State(tile.initial(params.tile, of_tile(params, configuration)))


Event = tuple[int, ...]


def reference(
    params: Params, configuration: Configuration, state: State, transaction: Event
) -> tuple[State, list[Event]]:
    """One event; with the first one, the mark that was sent before it."""
    kind, address, *_ = transaction
    own = of_tile(params, configuration)
    mark = _event(params, Kind.TICK)
    sent = [] if state.begun else [mark]
    if kind == Kind.SPIKE and address < params.tile.axons:
        after, _ = tile.reference(params.tile, own, state.tile, (kind, address))
        return State(after, state.step, state.restart, True), sent
    if kind != Kind.TICK:
        return State(state.tile, state.step, state.restart or kind == Kind.RESTART, True), sent
    if state.restart:
        return State(tile.initial(params.tile, own), begun=True), [*sent, mark]
    after = state.tile
    if state.step == configuration.registers["step"]:
        after, found = tile.reference(params.tile, own, after, (Kind.TICK, 0))
        sent += [
            _event(params, Kind.SPIKE, configuration.registers["base"] + source - params.tile.axons)
            for spike, source in found
            if spike == Kind.SPIKE
        ]
    step = state.step + 1 if state.step + 1 < configuration.registers["steps"] else 0
    return State(after, step, False, True), [*sent, mark]


def _event(params: Params, kind: Kind, address: int = 0) -> Event:
    payload = params.number if kind == Kind.SPIKE else 0
    return (kind, address % (1 << params.key_width), *([payload] if params.payload_width else []))


CORE = Core(
    name="fabric.node",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    memories=memories,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
