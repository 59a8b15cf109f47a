"""What the benches of all number sources share: requests, and what these must reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spikelock.models.number_source import request_port
from spikelock.models.ports import Records
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values

LONGEST_RUN = 512
"""Requests between two groups of restarts: a source of so many numbers or less comes to its end."""


def requests(random: np.random.Generator, size: int) -> Mapping[str, Records]:
    """Runs of a few hundred, and between them restarts one close after the other."""
    steps = np.arange(size) % LONGEST_RUN
    often = (steps == 0) | (steps >= 16) & (steps < 32)
    restart = random.random(size) < np.where(often, 0.5, 0.0005)
    return {"request": request_port()["request"].records(restart.astype(np.int64))}


def observe_requests(period: int, inputs: Mapping[str, Records], kind: int) -> Columns:
    """One row a request. wrapped: a period has passed since the last restart. kind: of the parameters."""
    restart = inputs["request"]["restart"]
    steps = np.arange(len(restart))
    since = steps - np.maximum.accumulate(np.where(restart == 1, steps, 0))
    return {
        "restart": restart,
        "again": restart & np.concatenate([[0], restart[:-1]]),
        "first": (steps == 0).astype(np.int64),
        "wrapped": (since >= period).astype(np.int64),
        "kind": np.full(len(restart), kind),
    }


def request_coverage(name: str, kinds: Sequence[str], *more: Point) -> CoverGroup:
    """What the cases of a source must reach between them. kinds: names of the columns `kind`."""
    kind = Point("kind", {name: lambda t, i=i: t["kind"] == i for i, name in enumerate(kinds)})
    return CoverGroup(
        name,
        [
            cross(kind, values("restart", "restart", 0, 1)),
            cross(kind, values("wrapped", "wrapped", 0, 1)),
            values("restarted twice in a row", "again", 1),
            cross(values("first request", "first", 0, 1), values("restart", "restart", 0, 1)),
            *more,
        ],
    )
