"""Merges channels of events into one: the specification of `aer.arbiter`.

    input0 ─┐
    input1 ─┼─▶ output      an event at a time; of several that wait, the policy says which
    …      ─┘

Each input's events leave in their order. A mark, TICK, is taken when all inputs have one, from all of them
at once, and leaves as one: input 0's. So what leaves before the mark is all of the step, and no more.

    round robin   of the inputs that have an event, the first one after that of the event before, in a circle:
                  while an event waits, at most `inputs` − 1 others pass
    priority      the lowest number: no event passes while one of a lower input waits

The order in which events of several inputs leave depends on when they come. It is specified of an arbiter
*together*, where they come at once: in front of it is a place for one event, or mark, of each input. All
inputs give one at once, when no place holds an event. What comes for a place that holds a mark is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Port

from .event import Format

Event = tuple[int, ...]


class Policy(Enum):
    """Which of several events passes."""

    ROUND_ROBIN = "round-robin"
    PRIORITY = "priority"


@dataclass(frozen=True)
class Params:
    """inputs: channels that are merged, 1 … 32. policy: which of several events passes. event: its format.

    together: all inputs give something at once, as a bench compares what leaves.
    """

    inputs: int = 4
    policy: Policy = Policy.ROUND_ROBIN
    event: Format = field(default_factory=Format)
    together: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.inputs <= 32:
            raise RangeError(f"inputs = {self.inputs}: an arbiter has 1 … 32 inputs; 4 is usual")


def inputs(params: Params) -> Mapping[str, Port]:
    """Channels of events."""
    return {f"input{number}": params.event.port() for number in range(params.inputs)}


def outputs(params: Params) -> Mapping[str, Port]:
    """One channel."""
    return {"output": params.event.port()}


@dataclass(frozen=True)
class State:
    """marks: by input, those that wait for others. served: the input of the last event, −1 for none."""

    marks: Mapping[int, Event] = field(default_factory=dict)
    served: int = -1


def reference(
    params: Params, configuration: Configuration, state: State, *given: Event
) -> tuple[State, list[Event]]:
    """What all inputs give at once. Raises BadInput where the order of what leaves is not specified."""
    if not params.together:
        raise BadInput("the order of an arbiter's events depends on timing; it is specified by together=True")
    marks, served = dict(state.marks), state.served
    come = {number: event for number, event in enumerate(given) if number not in marks}
    marks |= {number: event for number, event in come.items() if event[0] == Kind.TICK}
    waiting = {number: event for number, event in come.items() if number not in marks}
    left: list[Event] = []
    while waiting:
        later = [number for number in waiting if number > served]
        served = min(later if later and params.policy is Policy.ROUND_ROBIN else waiting)
        left.append(waiting.pop(served))
    if len(marks) < params.inputs:
        return State(marks, served), left
    return State({}, served), [*left, marks[0]]


COSTED: Mapping[str, Params] = {"priority": Params(policy=Policy.PRIORITY)}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="aer.arbiter",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
