"""A queue of events in which those of a lower class go first: the specification of `aer.priority_queue`.

                 ┌─▶ ▒▒▒▒ class 0 ─┐
    input ── class                 ├─▶ priority ─▶ output
                 └─▶ ▒▒▒▒ class 1 ─┘

The class of an event is in the low bits of its payload; class 0 goes first. Each class has a queue of its
own, and a mark, TICK, stands in all of them. So no event passes while one of a lower class waits, those of a
class leave in their order, and a mark leaves after all events that came before it and before all that came
after.

A queue holds `depth` events, marks among them included, and has one place more, for a mark. When it holds so
many, an event of its class

    STALL   waits, and all behind it
    DROP    is dropped: the trap of its class is latched, and a count goes up, which stops at its largest

A mark waits in either case. Nothing else is ever dropped. While the register `clear` is 1, no trap is latched
and the count is 0.

The order of the classes depends on when events come. What leaves of each class does not, where nothing is
dropped: that is the reference of a `split` queue, behind which a distributor (`rtl/distributor.py`) gives
each class an output, and marks to all. What is dropped depends on when events leave. So a split queue that
drops is filled until a mark has come, and then emptied before more is taken: of each step, it keeps of each
class the first `depth` events, and of the class of the very first event one more, as that one is already at
the output. `traps` then tells, for each step, what is latched and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, Register, RegisterMap

from .event import Format

Event = tuple[int, ...]


class Full(Enum):
    """What becomes of an event whose queue is full."""

    STALL = "stall"
    DROP = "drop"


@dataclass(frozen=True)
class Params:
    """classes: 2, 4 or 8. depth: events that the queue of a class holds, 3 or more.

    full: what becomes of an event whose queue is full. event: the format; its payload has the class.
    count_width: bits of the count of dropped events, 1 … 32. split: an output for each class, as a bench
    compares them.
    """

    classes: int = 2
    depth: int = 16
    full: Full = Full.STALL
    event: Format = field(default_factory=lambda: Format(payload_width=1))
    count_width: int = 16
    split: bool = False

    def __post_init__(self) -> None:
        if self.classes not in (2, 4, 8):
            raise RangeError(f"classes = {self.classes}: there are 2, 4 or 8 classes")
        if self.depth < 3:
            raise RangeError(f"depth = {self.depth}: a queue holds 3 events or more; 16 is usual")
        if not 1 <= self.count_width <= 32:
            raise RangeError(f"count_width = {self.count_width}: a count has 1 … 32 bits; 16 is usual")
        if self.event.payload_width < self.class_width:
            raise BadInput(
                f"payload_width = {self.event.payload_width}: the class must fit the payload: "
                f"{self.class_width} bits or more"
            )

    @property
    def class_width(self) -> int:
        """Bits of a class."""
        return (self.classes - 1).bit_length()

    @property
    def drops(self) -> bool:
        """Whether it drops events at all."""
        return self.full is Full.DROP


def registers(params: Params) -> RegisterMap:
    """How the traps are cleared, where there are any."""
    if not params.drops:
        return {}
    return {"clear": Register(unsigned(1), 0, "while 1, no trap is latched and the count is 0")}


def inputs(params: Params) -> Mapping[str, Port]:
    """Events of all classes."""
    return {"input": params.event.port()}


def outputs(params: Params) -> Mapping[str, Port]:
    """Events, and traps: `latched` has a bit a class, `count` is how many events were dropped."""
    port = params.event.port()
    fields = {"latched": unsigned(params.classes), "count": unsigned(params.count_width)}
    traps = {"traps": Port(fields, kind="stream" if params.split else "level")} if params.drops else {}
    channels = {f"output{n}": port for n in range(params.classes)} if params.split else {"output": port}
    return {**channels, **traps}


@dataclass(frozen=True)
class State:
    """Where events are dropped. kept: of this step. latched, count: the traps."""

    kept: tuple[Event, ...] = ()
    latched: int = 0
    count: int = 0


def reference(params: Params, configuration: Configuration, state: State, event: Event) -> tuple[object, ...]:
    """One event. Raises BadInput where the output is not split: its order is not specified."""
    if not params.split:
        raise BadInput("the order of a queue's classes depends on timing: split=True compares each class")
    if not params.drops:
        return (state, *_by_class(params, [event]))
    if event[0] == Kind.TICK:
        traps = (0, 0) if configuration.registers["clear"] else (state.latched, state.count)
        return (State((), *traps), *_by_class(params, [*state.kept, event]), [traps])
    own = _class_of(params, event)
    held = [_class_of(params, kept) for kept in state.kept]
    if held.count(own) < params.depth + (held[:1] == [own]):
        state = State((*state.kept, event), state.latched, state.count)
    else:
        count = min(state.count + 1, (1 << params.count_width) - 1)
        state = State(state.kept, state.latched | 1 << own, count)
    return (state, *([] for _ in outputs(params)))


def _class_of(params: Params, event: Event) -> int:
    return event[2] % params.classes


def _by_class(params: Params, events: list[Event]) -> list[list[Event]]:
    """What each output of a split queue gives: the events of its class, and marks."""
    return [
        [event for event in events if event[0] == Kind.TICK or _class_of(params, event) == number]
        for number in range(params.classes)
    ]


DROPPING = Params(full=Full.DROP)

COSTED: Mapping[str, Params] = {"default": Params(), "dropping": DROPPING}
"""Configurations whose cost is reported."""

CORE = Core(
    name="aer.priority_queue",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
