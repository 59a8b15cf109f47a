"""Merges channels of events into one: the specification of `aer.arbiter`.

    input0 ─┐
    input1 ─┼─▶ output      an event at a time; of several that wait, the policy says which
    …      ─┘

Each input's events leave in their order. A mark, TICK, is taken when all inputs have one, from all of them
at once, and leaves as one: input 0's. So what leaves before the mark is all of the step, and no more.

    round robin   of the inputs that have an event, the first one after that of the event before, in a circle:
                  while an event waits, at most `inputs` − 1 others pass
    priority      the lowest number: no event passes while one of a lower input waits

The order in which events of several inputs leave depends on when they come. What leaves of each input does
not: that is the reference of a `split` arbiter, whose output goes through a distributor
(`rtl/distributor.py`): an event to the output whose number is in the low bits of its payload, which is that
of its input, and a mark to all.

The policy itself is compared where several events come at once: in front of an arbiter *together* is a place
for one event of each input. They are filled all at once when all are empty. A mark stands for no event there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    split: an output for each input, as a bench compares them. together: one event of each input
    comes at once, as a bench compares the order. Raises BadInput for both, and where the payload is
    too narrow for the number of an input.
    """

    inputs: int = 4
    policy: Policy = Policy.ROUND_ROBIN
    event: Format = field(default_factory=Format)
    split: bool = False
    together: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.inputs <= 32:
            raise RangeError(f"inputs = {self.inputs}: an arbiter has 1 … 32 inputs; 4 is usual")
        if self.split and self.together:
            raise BadInput("split and together: a bench has one of them, and another case for the other")
        bits = (self.inputs - 1).bit_length()
        if self.split and self.event.payload_width < bits:
            raise BadInput(
                f"payload_width = {self.event.payload_width}: to split by {self.inputs} inputs, their number "
                f"must fit the payload: {bits} bits or more"
            )


def inputs(params: Params) -> Mapping[str, Port]:
    """Channels of events."""
    return {f"input{number}": params.event.port() for number in range(params.inputs)}


def groups(params: Params) -> tuple[tuple[str, ...], ...]:
    """Inputs wait for each other only where their events come at once."""
    names = tuple(inputs(params))
    return (names,) if params.together else tuple((name,) for name in names)


def outputs(params: Params) -> Mapping[str, Port]:
    """One channel; or what came from each input, with all marks."""
    port = params.event.port()
    return {f"output{n}": port for n in range(params.inputs)} if params.split else {"output": port}


@dataclass(frozen=True)
class State:
    """waiting: by input, what waits for a mark of another one. served: where events come at once, the input
    of the last one; −1 for none.
    """

    waiting: tuple[tuple[Event, ...], ...]
    served: int = -1


def reference(
    params: Params, configuration: Configuration, state: State, *given: Event | None
) -> tuple[object, ...]:
    """One event of one input. Raises BadInput where the order of what leaves is not specified."""
    if not params.split and not params.together:
        raise BadInput(
            "the order of an arbiter's events depends on timing: split=True compares each input's, "
            "together=True the order"
        )
    if params.together:
        served, events = _in_turn(params, state.served, given)
        return State(state.waiting, served), events
    both = zip(state.waiting, given, strict=True)
    queues = [[*queue, *([event] if event else [])] for queue, event in both]
    sent: list[list[Event]] = [[] for _ in queues]
    while True:
        for queue, out in zip(queues, sent, strict=True):
            while queue and queue[0][0] != Kind.TICK:
                out.append(queue.pop(0))
        if not all(queues):
            return (State(tuple(map(tuple, queues))), *sent)
        marks = [queue.pop(0) for queue in queues]
        for out in sent:
            out.append(marks[0])


def _in_turn(params: Params, served: int, given: Sequence[Event | None]) -> tuple[int, list[Event]]:
    """Events that come at once, as they leave; and which input was served last."""
    waiting = {number: event for number, event in enumerate(given) if event and event[0] != Kind.TICK}
    left: list[Event] = []
    while waiting:
        later = [number for number in waiting if number > served]
        served = min(later if later and params.policy is Policy.ROUND_ROBIN else waiting)
        left.append(waiting.pop(served))
    return served, left


COSTED: Mapping[str, Params] = {"priority": Params(policy=Policy.PRIORITY)}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="aer.arbiter",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(((),) * params.inputs),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
    groups=groups,
)
