"""More, or less, correlation between two streams: the specification of `sc.synchroniser`.

Each transaction brings a bit x and a bit y; a bit of each stream goes out. Ones are saved for later, at most
`depth` at a time:

    synchroniser     makes ones of x and y meet: SCC towards +1
        x = y                 passes
        one of them alone     meets a saved one of the other stream: both give a one;
                              otherwise, with less than depth saved, it is saved: both give a zero;
                              otherwise it passes
    desynchroniser   keeps ones of x and y apart: SCC towards −1
        x ≠ y                 passes
        both ones             with less than depth saved, one is saved and the other passes; otherwise both
                              pass. The first to be saved is of x, the next of y, and so on, in turn
        both zeros            the one that was saved first, of those still saved, goes out in its stream;
                              with none saved, both pass

No one is made or lost. At any time the ones of a stream that have gone out are those that came in, less the
saved ones of that stream: 0 … depth, and, as streams take turns, 0 … (depth + 1)/2 for the desynchroniser.
A synchroniser never has ones of both streams saved.

V. T. Lee, A. Alaghi and L. Ceze, "Correlation manipulating circuits for stochastic computing", Design,
Automation and Test in Europe (2018) 1417–1422, have both ideas, and the synchroniser with a depth of 1 as a
state machine of three states. In which order saved ones leave a desynchroniser is stated here, and may differ
from theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port


class Kind(Enum):
    """What becomes of the correlation."""

    SYNCHRONISER = "synchroniser"
    DESYNCHRONISER = "desynchroniser"


@dataclass(frozen=True)
class Params:
    """kind: towards which correlation. depth: ones that can be saved at a time."""

    kind: Kind = Kind.SYNCHRONISER
    depth: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 1 << 15:
            raise RangeError(f"depth = {self.depth}: 1 … {1 << 15} ones can be saved")


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of each stream."""
    return {"input": Port({"x": unsigned(1), "y": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of each stream."""
    return {"output": Port({"x": unsigned(1), "y": unsigned(1)})}


State = tuple[tuple[str, ...], int]
"""The streams of the saved ones, the oldest first; and how many ones have ever been saved."""


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int, int]]]:
    """One bit of each stream in, one out."""
    step = synchronised if params.kind is Kind.SYNCHRONISER else desynchronised
    state, pair = step(params.depth, state, transaction)
    return state, [pair]


def synchronised(depth: int, state: State, pair: tuple[int, int]) -> tuple[State, tuple[int, int]]:
    """One step of the synchroniser."""
    saved, ever = state
    if pair[0] == pair[1]:
        return state, pair
    alone, other = ("x", "y") if pair[0] else ("y", "x")
    if other in saved:
        return (saved[1:], ever), (1, 1)
    if len(saved) < depth:
        return ((*saved, alone), ever + 1), (0, 0)
    return state, pair


def desynchronised(depth: int, state: State, pair: tuple[int, int]) -> tuple[State, tuple[int, int]]:
    """One step of the desynchroniser."""
    saved, ever = state
    if pair == (1, 1) and len(saved) < depth:
        stays = "xy"[ever % 2]
        return ((*saved, stays), ever + 1), (int(stays != "x"), int(stays != "y"))
    if pair == (0, 0) and saved:
        return (saved[1:], ever), (int(saved[0] == "x"), int(saved[0] == "y"))
    return state, pair


CORE = Core(
    name="sc.synchroniser",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: ((), 0),
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
