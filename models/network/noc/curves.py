"""Latency and throughput against the offered load: of the model, and of hardware that is measured.

Whoever runs the same on hardware takes `injections`, sends event i from the door of its flow at its cycle or
later with the key of the flow, notes when each copy arrives, and gives both to `measure`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole
from spikelock.models.network.mapping.loads import channels_of

from .patterns import Pattern
from .queues import Delivered, Injected, Timing, simulate


@dataclass(frozen=True)
class Point:
    """offered: events a cycle and a door. accepted: events a cycle and a door that arrived, where a copy is
    a part of its event. mean: cycles from being there to be sent to arrival. percentile: 99 of 100 are
    shorter.
    """

    offered: float
    accepted: float
    mean: float
    percentile: float


@dataclass(frozen=True)
class Curve:
    """Points by rising load. pattern: its name. level: "model", or the level it was measured at."""

    pattern: str
    level: str
    points: tuple[Point, ...]


def injections(pattern: Pattern, rate: float, cycles: int, seed: int = 0) -> Injected:
    """Events by chance: in each cycle a door has one or none, `rate` a cycle on average over the doors.

    Raises BadInput for a rate that is too high for the door that sends most.
    """
    doors = [(flow.node, flow.door) for flow in pattern.flows]
    random = np.random.default_rng(seed)
    found = []
    for door in pattern.doors:
        flows = np.array([number for number, one in enumerate(doors) if one == door])
        chance = rate * len(pattern.doors) * float(pattern.shares[flows].sum())
        if not 0 <= chance <= 1:
            raise BadInput(
                f"rate {rate:g}: a door would have to send {chance:.3g} events a cycle; at most "
                f"{highest_rate(pattern):.4g} is possible with {pattern.name} traffic"
            )
        at = np.flatnonzero(random.random(cycles) < chance)
        shares = pattern.shares[flows] / pattern.shares[flows].sum()
        found.append((at, random.choice(flows, len(at), p=shares)))
    times, which = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(times, kind="stable")
    return Injected(times[order], which[order])


def highest_rate(pattern: Pattern) -> float:
    """The rate at which the door that sends most has an event in every cycle."""
    by_door = dict.fromkeys(pattern.doors, 0.0)
    for flow, share in zip(pattern.flows, pattern.shares.tolist(), strict=True):
        by_door[flow.node, flow.door] += share
    return 1 / (len(pattern.doors) * max(by_door.values()))


def saturation(pattern: Pattern, timing: Timing | None = None) -> float:
    """The rate at which some door, channel or table is never idle."""
    timing, machine = timing or Timing(), pattern.machine
    intervals = np.array([timing.interval_of(machine, channel) for channel in channels_of(machine)])
    channels = float((pattern.shares @ pattern.uses * intervals).max())
    passes = np.array([[node in flow.tree for node in range(machine.nodes)] for flow in pattern.flows])
    tables = float((pattern.shares @ passes).max()) * timing.lookup
    return min(1 / (len(pattern.doors) * max(channels, tables)), highest_rate(pattern) / timing.interval)


def measure(
    pattern: Pattern, injected: Injected, delivered: Delivered, rate: float, cycles: int, warm_up: int
) -> Point:
    """What a run says. Latencies are those of events that were there to be sent after the warm-up.

    Raises BadInput where too little arrived to say anything.
    """
    counted = injected.cycles[delivered.events] >= warm_up
    if not counted.any():
        raise BadInput(
            "nothing arrived that was sent after the warm-up: a longer run or a higher rate is needed"
        )
    latencies = (delivered.cycles - injected.cycles[delivered.events])[counted]
    within = (delivered.cycles >= warm_up) & (delivered.cycles < cycles)
    accepted = int(within.sum()) / (cycles - warm_up) / len(pattern.doors) / pattern.copies
    return Point(
        rate, accepted, float(latencies.mean()), float(np.quantile(latencies, 0.99, method="higher"))
    )


def curve(
    pattern: Pattern,
    rates: Iterable[float],
    timing: Timing | None = None,
    cycles: int = 4000,
    warm_up: int = 500,
    seed: int = 0,
) -> Curve:
    """The model at some rates."""
    points = []
    for rate in rates:
        injected = injections(pattern, rate, cycles, seed)
        delivered = simulate(pattern, injected, timing)
        points.append(measure(pattern, injected, delivered, rate, cycles, warm_up))
    return Curve(pattern.name, "model", tuple(points))


def saturates_at(curve: Curve, times: float = 3) -> float:
    """The offered rate at which the mean latency is so many times that of the first point, on straight lines
    between points. Infinite where it never is.
    """
    limit = times * curve.points[0].mean
    for low, high in pairwise(curve.points):
        if high.mean >= limit:
            return low.offered + (high.offered - low.offered) * (limit - low.mean) / (high.mean - low.mean)
    return float("inf")


def difference(one: Curve, other: Curve, most: float) -> float:
    """The largest relative difference of mean latencies, at rates up to `most`.

    Raises BadInput for curves at other rates.
    """
    if [p.offered for p in one.points] != [p.offered for p in other.points]:
        raise BadInput("curves at different rates cannot be compared point by point")
    pairs = zip(one.points, other.points, strict=True)
    return max(abs(a.mean - b.mean) / b.mean for a, b in pairs if a.offered <= most)


def save_curves(path: Path, curves: Sequence[Curve], about: dict[str, Any]) -> None:
    """Keeps curves as JSON, with what they were measured on."""
    text = json.dumps(
        {"about": about, "curves": [asdict(one) for one in curves]}, indent=1, ensure_ascii=False
    )
    with written_whole(path) as file:
        file.write(f"{text}\n".encode())


def load_curves(path: Path) -> tuple[Curve, ...]:
    """Curves that were kept. Raises BadInput for a file that holds none."""
    try:
        kept = json.loads(path.read_text())["curves"]
        return tuple(
            Curve(one["pattern"], one["level"], tuple(Point(**point) for point in one["points"]))
            for one in kept
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} holds no curves ({error}); `save_curves` writes such a file") from error
