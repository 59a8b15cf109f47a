"""Holds what a board sends against what a golden run expects: `monitor.comparator`.

Actual and expected records are taken in pairs. Every actual record passes. A record that says `compare` is
held against the expected one, and n counts those that were equal before it:

    equal        n + 1
    different    `report` tells n, the expected and the actual record; the comparison is over
    after that   nothing is told

A record that does not say so ends the comparison; the next one that does begins a new one, at n = 0.

Records pass after a difference, too. So what is under way when a board is stopped still arrives, and is there
for the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port


@dataclass(frozen=True)
class Params:
    """width: bits of a record, 1 … 64. index_width: bits of n, 1 … 64, which counts modulo 2^index_width."""

    width: int = 8
    index_width: int = 32

    def __post_init__(self) -> None:
        for name in ("width", "index_width"):
            if not 1 <= getattr(self, name) <= 64:
                raise RangeError(f"{name} = {getattr(self, name)}: 1 … 64 bits are possible")


@dataclass(frozen=True)
class State:
    """compared: pairs that were equal, modulo 2^index_width. stopped: a pair was not."""

    compared: int = 0
    stopped: bool = False


def inputs(params: Params) -> Mapping[str, Port]:
    """The two streams that are held against each other."""
    record = unsigned(params.width)
    return {"actual": Port({"data": record, "compare": unsigned(1)}), "expected": Port({"data": record})}


def outputs(params: Params) -> Mapping[str, Port]:
    """The actual records, and where they differ from the expected ones."""
    record = unsigned(params.width)
    return {
        "output": Port({"data": record}),
        "report": Port({"index": unsigned(params.index_width), "expected": record, "actual": record}),
    }


def reference(
    params: Params,
    configuration: Configuration,
    state: State,
    actual: tuple[int, int],
    expected: tuple[int],
) -> tuple[State, list[tuple[int]], list[tuple[int, int, int]]]:
    """One pair."""
    record, compare = actual
    if not compare:
        return State(), [(record,)], []
    if state.stopped:
        return state, [(record,)], []
    if record == expected[0]:
        return State((state.compared + 1) % (1 << params.index_width)), [(record,)], []
    return State(stopped=True), [(record,)], [(state.compared, expected[0], record)]


COSTED: Mapping[str, Params] = {"default": Params()}
"""Configurations whose cost is reported."""

CORE = Core(
    name="monitor.comparator",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
