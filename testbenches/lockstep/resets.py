"""Resets in the middle of a run: when they fall, and what must be true between them.

How much a design holds when a reset falls is not known beforehand, so what it owes is found afterwards: since
the reset before, the outputs must be those of the inputs taken since then, as far as they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from spikelock.models.compare import first_divergence
from spikelock.models.ports import Records

from .response import Response

Reference = Callable[[Mapping[str, Records]], Mapping[str, Records]]
"""Output transactions by stream, of input transactions by stream, starting from the state after reset."""


def reset_times(seed: int, count: int, cycles: int) -> tuple[int, ...]:
    """`count` different cycles below `cycles`, ascending: a function of the seed."""
    return tuple(np.sort(np.random.default_rng(seed).choice(cycles, count, replace=False)).tolist())


@dataclass(frozen=True)
class Segment:
    """What passed between two resets. The last segment ends with the run."""

    inputs: Mapping[str, Records]
    outputs: Mapping[str, Records]
    last: bool


def segments(response: Response, inputs: Mapping[str, Records]) -> Iterator[Segment]:
    """Splits a run, whose job offered `inputs`, at its resets."""
    cuts = [(mark.accepted, mark.produced) for mark in response.reset_marks]
    cuts.append((response.accepted, {name: len(records) for name, records in response.outputs.items()}))
    accepted, produced = dict.fromkeys(inputs, 0), dict.fromkeys(response.outputs, 0)
    for number, (now_accepted, now_produced) in enumerate(cuts, start=1):
        yield Segment(
            {name: records[accepted[name] : now_accepted[name]] for name, records in inputs.items()},
            {
                name: records[produced[name] : now_produced[name]]
                for name, records in response.outputs.items()
            },
            number == len(cuts),
        )
        accepted, produced = dict(now_accepted), dict(now_produced)


def problems_between_resets(
    response: Response, inputs: Mapping[str, Records], reference: Reference, most_held: int
) -> Iterator[str]:
    """What is wrong with a run that was reset, a sentence for each thing.

    most_held: transactions of one output stream that a reset may catch inside the design. More missing ones
    than that have been lost.
    """
    yield from response.problems
    for number, segment in enumerate(segments(response, inputs)):
        for name, expected in reference(segment.inputs).items():
            got = segment.outputs[name]
            where = f"since {f'reset {number}' if number else 'the start'}, {name}"
            common = min(len(expected), len(got))
            if common and (divergence := first_divergence(expected[:common], got[:common])):
                yield f"{where}: {divergence}"
            if len(got) > len(expected):
                yield f"{where}: {len(got)} came; {len(expected)} were expected"
            elif len(expected) - len(got) > (0 if segment.last else most_held):
                yield f"{where}: {len(got)} of {len(expected)} came; a reset explains {most_held}"
