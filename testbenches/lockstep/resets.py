"""Resets in the middle of a run: when they fall, and what must be true between them.

How much a design holds when a reset falls is not known beforehand, so what it owes is found afterwards: since
the reset before, the outputs must be those of the inputs taken since then, as far as they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spikelock.models.compare import first_divergence
from spikelock.models.ports import Records
from spikelock.testbenches.problem import Detector, Problem

from .response import ResetMark

Streams = Mapping[str, Records]
"""Transactions by stream."""


def reset_times(seed: int, count: int, cycles: int) -> tuple[int, ...]:
    """`count` different cycles below `cycles`, ascending: a function of the seed."""
    return tuple(np.sort(np.random.default_rng(seed).choice(cycles, count, replace=False)).tolist())


@dataclass(frozen=True)
class Segment:
    """What passed between two resets. since: where it begins, in words. last: it ends with the run."""

    since: str
    inputs: Streams
    outputs: Streams
    last: bool


def segments(
    marks: Sequence[ResetMark],
    inputs: Streams,
    outputs: Streams,
    groups: Sequence[Sequence[str]] | None = None,
) -> Iterator[Segment]:
    """Splits a run at its resets. inputs: all that were offered, which a complete run has taken.

    groups: of input streams that steps take from together; all of them, if not given.
    """
    cuts = [(mark.accepted, mark.produced) for mark in marks]
    cuts.append(({n: len(r) for n, r in inputs.items()}, {n: len(r) for n, r in outputs.items()}))
    accepted, produced = dict.fromkeys(inputs, 0), dict.fromkeys(outputs, 0)
    names = ["the start", *(f"reset {number} in cycle {m.cycle}" for number, m in enumerate(marks, 1))]
    for since, (now_accepted, now_produced) in zip(names, cuts, strict=True):
        steps = {
            name: min(now_accepted[other] - accepted[other] for other in group)
            for group in (groups or [list(inputs)])
            for name in group
        }
        yield Segment(
            since,
            {
                name: records[accepted[name] : accepted[name] + steps[name]]
                for name, records in inputs.items()
            },
            {name: records[produced[name] : now_produced[name]] for name, records in outputs.items()},
            now_accepted is cuts[-1][0],
        )
        accepted, produced = dict(now_accepted), dict(now_produced)


def problems_between_resets(
    marks: Sequence[ResetMark],
    inputs: Streams,
    outputs: Streams,
    reference: Callable[[Streams], Streams],
    most_held: int | None = None,
    groups: Sequence[Sequence[str]] | None = None,
) -> Iterator[Problem]:
    """What is wrong with the outputs of a run that was reset.

    reference: the outputs of some inputs, from the state after reset. most_held: transactions of one output
    stream that a reset may catch inside the design, where that is known: if more are missing, they were lost.
    groups: as in `segments`.
    """
    for number, segment in enumerate(segments(marks, inputs, outputs, groups)):
        detector = Detector.RESET if number else Detector.SCOREBOARD
        for name, expected in reference(segment.inputs).items():
            got = segment.outputs[name]
            missing = len(expected) - len(got)
            if not segment.last and missing > 0 and (most_held is None or missing <= most_held):
                expected = expected[: len(got)]
            if (len(expected) or len(got)) and (divergence := first_divergence(expected, got)):
                yield Problem(detector, f"since {segment.since}, {name}: {divergence}")
