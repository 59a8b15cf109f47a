"""Vectorised router: all events are held against all entries at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from spikelock.models.aer.router import Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of a split `aer.router`."""
    events = inputs["input"]
    is_mark = events["kind"] == Kind.TICK
    cleared = events.copy()
    for name in ("address", "payload"):
        if name in (events.dtype.names or ()):
            cleared[name][is_mark] = 0
    source = np.zeros(len(events), np.int64)
    if params.payload_width:
        source = events["payload"] % (1 << (params.ports - 1).bit_length())
    turns = _turns(params, configuration)
    known = np.minimum(source, params.ports - 1)
    sent_to = leaves(params, configuration, known, events["address"])
    sent_to[(source != known) | is_mark] = 0
    has_marks = np.bitwise_or.reduce(turns)
    outputs: dict[str, Records] = {}
    for out, origin in product(range(params.ports), repeat=2):
        sent = (source == origin) & (sent_to >> out & 1 == 1)
        marks = is_mark & bool(has_marks >> out & 1)
        outputs[f"output{out}_from{origin}"] = cleared[sent | marks]
    return outputs


def leaves(params: Params, configuration: Configuration, source: Ints, address: Ints) -> Ints:
    """By event, of its input and address: the outputs on which it leaves, a bit each."""
    wanted, _ = _wanted(params, configuration, source, address)
    return wanted & _turns(params, configuration)[source]


def not_sent(params: Params, configuration: Configuration, source: int, address: Ints) -> dict[str, Ints]:
    """By counter, and event that comes by a living input: what it adds."""
    wanted, hit = _wanted(params, configuration, np.full(len(address), source), address)
    allowed = np.int64(configuration.registers[f"turns{source}"])
    dead = np.int64(configuration.registers.get("dead", 0))
    lost = wanted & allowed & dead
    found = {
        "unroutable": ~hit & (source >= params.links),
        "forbidden": np.bitwise_count(wanted & ~allowed),
        **{f"lost{link}": lost >> link & 1 for link in range(params.links)},
    }
    return {name: column.astype(np.int64) for name, column in found.items()}


def _wanted(
    params: Params, configuration: Configuration, source: Ints, address: Ints
) -> tuple[Ints, NDArray[np.bool_]]:
    """The outputs that the table gives each event, or the default route; and whether an entry decided."""
    table = configuration.memories["table"]
    hit = (address[:, np.newaxis] & table["mask"] == table["key"]) & (table["used"] == 1)
    straight = np.zeros(params.ports, np.int64)
    links = np.arange(params.links)
    straight[: params.links] = 1 << np.roll(links, -(params.links // 2))
    found = hit.any(axis=1)
    return np.where(found, table["outputs"][hit.argmax(axis=1)], straight[source]), found


def _turns(params: Params, configuration: Configuration) -> Ints:
    """By input: the outputs to which it may turn, none from or to what is dead, a bit each."""
    dead = configuration.registers.get("dead", 0)
    alive = np.array([not dead >> port & 1 for port in range(params.ports)])
    turns = np.array([configuration.registers[f"turns{port}"] for port in range(params.ports)])
    return np.where(alive, turns & ~dead, 0)
