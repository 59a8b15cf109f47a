"""Event streams for the benches of tiles and chains: what is sent, and what can be seen to have happened."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.fabric.tile import CORE, Kind, Params, rows_and_synapses
from spikelock.models.ports import Port, Records
from spikelock.testbenches.bench import Impossible, Stimulus
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values

IMPOSSIBLE: Impossible = {
    "input": {("back to back", "at once"): "a tile takes no event in the cycle after another"},
    "output": {
        ("back to back", "at once"): "a tile sends no event in the cycle after another",
        ("back to back", "stalled"): "a tile sends no event in the cycle after another",
    },
}
"""Handshakes that tiles cannot show."""


MOST_SPIKES = 200
"""Between two ticks, at most: with `random_contents`, accumulators have room for so many."""

MOST_TICKS = 300
"""One after another: more than the longest refractory period."""


def random_events(port: Port, axons: int, *, once: bool = False) -> Stimulus:
    """Anything in any order, then ticks with spikes between them, some of unknown sources, and restarts;
    a spike at the end. Now and then there are very many spikes, or very many ticks, one after another.

    once: instead, each source sends at most one spike a tick, which `required_current_width` counts on.
    """
    addresses = port.fields["address"].maximum + 1

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        events: list[tuple[int, int]] = []
        while not once and len(events) < size // 4:
            events.append((int(random.integers(len(Kind))), int(random.integers(addresses))))
        while len(events) < size:
            many = MOST_SPIKES if random.random() < 0.05 else 2 * axons
            spikes = random.integers(0, axons if once else addresses, random.integers(0, many + 1))
            if once:
                spikes = random.permutation(np.unique(spikes))
            events += [(Kind.SPIKE, int(source)) for source in spikes]
            long = random.random() < 0.05
            events += [(Kind.TICK, 0)] * (MOST_TICKS if long else int(random.choice([1, 1, 1, 2, 5])))
            if random.random() < 0.15:
                events.append((Kind.RESTART, 0))
        events.append((Kind.SPIKE, 0))  # which must leave although nothing follows it
        return {"input": port.from_tuples(events)}

    return stimulus


def random_contents(params: Params, random: np.random.Generator) -> dict[str, Records]:
    """Memories with any part of all pairs connected, weights of any size, and large biases.

    `MOST_SPIKES` between two ticks do not bring an accumulator of 16 bits to its end.
    """
    highest = 1 << int(random.integers(1, params.weight_width))
    memories = random_connections(
        params, int(random.integers(1 << 31)), float(random.random()), -highest, highest - 1
    )
    largest = 1 << int(random.integers(1, min(13, params.neuron.current_width - 1)))
    bias = random.integers(-largest, largest, params.neurons)
    return memories | {"bias": CORE.memories(params)["bias"].layout.records(bias)}


def random_connections(params: Params, seed: int, part: float, low: int, high: int) -> dict[str, Records]:
    """Memories in which a part of all pairs is connected: the first source with no neuron, the second with
    all.
    """
    random = np.random.default_rng(seed)
    connected = random.random((params.rows, params.neurons)) < part
    if params.rows > 1:
        connected[0], connected[1] = False, True
    sources, targets = np.nonzero(connected)
    weights = random.integers(low, high, len(sources), endpoint=True)
    bias = random.integers(low, high, params.neurons, endpoint=True)
    layout = CORE.memories(params)["bias"].layout
    return rows_and_synapses(params, sources, targets, weights) | {"bias": layout.records(bias)}


def observe_events(axons: int, inputs: Mapping[str, Records], outputs: Mapping[str, Records]) -> Columns:
    """One row an input event: its kind, the kind before, whether its source is known, how many spikes it
    caused.
    """
    events, sent = inputs["input"], outputs["output"]
    own = (sent["kind"] == Kind.SPIKE) & (sent["address"] >= axons)
    spikes = np.bincount(np.cumsum(~own)[own], minlength=len(events))  # they precede what caused them
    known = (events["kind"] == Kind.SPIKE) & (events["address"] < axons)
    return {
        "kind": events["kind"],
        "before": np.concatenate([[Kind.RESTART], events["kind"][:-1]]),
        "known": known.astype(np.int64),
        "addressed": (events["address"] > 0).astype(np.int64),
        "spikes": spikes,
    }


def event_coverage(name: str) -> CoverGroup:
    """Every kind after every kind, and ticks that cause no spike, one, and several."""
    kinds = {kind.name: int(kind) for kind in Kind}
    kind = Point("kind", {name: lambda t, v=v: t["kind"] == v for name, v in kinds.items()})
    before = Point("before", {name: lambda t, v=v: t["before"] == v for name, v in kinds.items()})
    return CoverGroup(
        name,
        [
            cross(before, kind),
            Point(
                "source",
                {
                    "known": lambda t: t["known"] == 1,
                    "unknown": lambda t: (t["kind"] == Kind.SPIKE) & (t["known"] == 0),
                },
            ),
            Point(
                "a tick causes",
                {
                    "no spike": lambda t: (t["kind"] == Kind.TICK) & (t["spikes"] == 0),
                    "one spike": lambda t: t["spikes"] == 1,
                    "several spikes": lambda t: t["spikes"] > 1,
                },
            ),
            cross(
                Point("mark", {n: lambda t, v=v: t["kind"] == v for n, v in kinds.items() if n != "SPIKE"}),
                values("address", "addressed", 0, 1),
            ),
        ],
    )
