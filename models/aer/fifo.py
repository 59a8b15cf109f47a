"""A queue of events, first in, first out: the specification of `aer.fifo`.

What comes in leaves once, unchanged and in its order, marks too. A full queue stalls its input: it never
drops an event. `occupancy` is how many events are in it, from 0 to `depth`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

from .event import Format


@dataclass(frozen=True)
class Params:
    """depth: how many events it holds: 3 or more, else it could not take one a cycle. event: their format."""

    depth: int = 16
    event: Format = field(default_factory=Format)

    def __post_init__(self) -> None:
        if self.depth < 3:
            raise RangeError(f"depth = {self.depth}: a queue holds 3 events or more; 16 is usual")


def inputs(params: Params) -> Mapping[str, Port]:
    """Events to keep."""
    return {"input": params.event.port()}


def outputs(params: Params) -> Mapping[str, Port]:
    """The same events."""
    return {"output": params.event.port()}


def occupancy(params: Params) -> Port:
    """How many events are held: a level of the hardware, besides its streams."""
    return Port({"events": unsigned(params.depth.bit_length())}, kind="level")


def reference(
    params: Params, configuration: Configuration, state: None, event: tuple[int, ...]
) -> tuple[None, list[tuple[int, ...]]]:
    """One event."""
    return None, [event]


COSTED: Mapping[str, Params] = {"256-events": Params(depth=256, event=Format(16))}
"""Configurations whose cost is reported, besides the default: one in a block RAM."""

CORE = Core(
    name="aer.fifo",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=2, interval=1),
)
