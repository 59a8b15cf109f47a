"""What can be read out of a tile, or a chain of tiles, that was made to be inspected.

Its memories in the order of their numbers: those that a host loads, under the numbers they are loaded by,
then the state that the neurons keep from one event to the next.

They are read by the ports `inspect` and `inspected` of `models/ports.py`, while every tile waits for an event
and none is offered. Reading changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain, tile
from spikelock.models.fixed import Rounding, signed, unsigned
from spikelock.models.lfsr import LFSRS
from spikelock.models.ports import Layout, Memory, MemoryMap, Records


def tile_states(params: tile.Params) -> MemoryMap:
    """What a tile keeps from one event to the next."""
    neuron = params.neuron
    # Neurons that are never refractory have no counter.
    refractory = {"refractory": unsigned(neuron.counter_width)} if neuron.counter_width else {}
    states = {
        "neurons": Memory(
            params.neurons,
            Layout({"membrane": neuron.membrane, **refractory}),
            "by neuron: membrane potential, and steps that it stays refractory",
        ),
        "accumulators": Memory(
            params.neurons,
            Layout({"current": signed(neuron.current_width)}),
            "by neuron: weights delivered since the last tick",
        ),
    }
    if neuron.rounding is Rounding.STOCHASTIC:
        lfsr = Layout({"state": unsigned(LFSRS[neuron.random].width)})
        states["lfsr"] = Memory(1, lfsr, "the random number that the next step takes")
    return states


def tile_inspected(params: tile.Params) -> MemoryMap:
    """All that can be read of a tile, by number."""
    return {**tile.memories(params), **tile_states(params)}


def exact_tiles(params: chain.Params) -> list[tile.Params]:
    """The tiles of a chain. Raises BadInput where one has no states that can be read."""
    found = []
    for number, sizes in enumerate(params.tiles):
        if not isinstance(sizes, tile.Params):
            raise BadInput(
                f"tile {number} of the chain computes with bit streams: its state cannot be read; a board "
                "runs tiles with exact sums (compile the network without --arithmetic stochastic)"
            )
        found.append(sizes)
    return found


def chain_states(params: chain.Params) -> MemoryMap:
    """What the tiles keep from one event to the next, the tile's number in front."""
    return {
        chain.prefix(number) + name: memory
        for number, sizes in enumerate(exact_tiles(params))
        for name, memory in tile_states(sizes).items()
    }


def chain_inspected(params: chain.Params) -> MemoryMap:
    """All that can be read of a chain, by number."""
    return {**chain.memories(params), **chain_states(params)}


def tile_state_records(params: tile.Params, state: tile.State) -> dict[str, Records]:
    """What the memories of `tile_states` hold in a state of the reference."""
    rows: dict[str, list[tuple[int, ...]]] = {
        "neurons": list(state.neurons),
        "accumulators": [(current,) for current in state.accumulators],
        "lfsr": [(state.random,)],
    }
    return {
        name: memory.layout.from_tuples(row[: len(memory.layout.fields)] for row in rows[name])
        for name, memory in tile_states(params).items()
    }


def chain_state_records(params: chain.Params, states: Sequence[tile.State]) -> dict[str, Records]:
    """What the memories of `chain_states` hold in a state of the reference."""
    return {
        chain.prefix(number) + name: records
        for number, (sizes, state) in enumerate(zip(exact_tiles(params), states, strict=True))
        for name, records in tile_state_records(sizes, state).items()
    }
