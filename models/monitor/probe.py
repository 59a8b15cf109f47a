"""A ring of samples around a trigger: `monitor.probe`.

While `arm` is 1, samples go into a ring of `depth` places, until one of them is the trigger and `after` more
have come. Then all that the ring holds, at most `depth` samples, is sent, the oldest first, with marks on the
trigger and on the last. With `repeat` the next capture begins after that, else when `arm` was 0 in between.
Samples that come meanwhile wait; those that come after the only capture are dropped.

What is a trigger, of the samples of a capture:

    VALUE       (sample & mask) = (value & mask)
    EDGE        (sample & mask) differs from that of the sample before; the first one is none
    RATE        the n-th match of VALUE in a window of m samples, one window after the other (`occurrences`,
                `window`; n = 0 is as 1, m = 0 is 2^rate_width)
    EXTERNAL    the sample says so itself
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, Register, RegisterMap, index_bits


class Trigger(IntEnum):
    """What a probe waits for."""

    VALUE = 0
    EDGE = 1
    RATE = 2
    EXTERNAL = 3


@dataclass(frozen=True)
class Params:
    """width: bits of a sample, 1 … 64. depth: places of the ring, a power of two, 2 or more.

    rate_width: bits of `occurrences` and `window`, 1 … 32.
    """

    width: int = 16
    depth: int = 256
    rate_width: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 64:
            raise RangeError(f"width = {self.width}: a sample has 1 … 64 bits")
        if self.depth < 2 or self.depth & (self.depth - 1):
            raise RangeError(f"depth = {self.depth}: a power of two from 2 on is needed; 256 is usual")
        if not 1 <= self.rate_width <= 32:
            raise RangeError(f"rate_width = {self.rate_width}: 1 … 32 bits are possible")


def registers(params: Params) -> RegisterMap:
    """What a host sets."""
    sample, rate = unsigned(params.width), unsigned(params.rate_width)
    return {
        "arm": Register(unsigned(1), 0, "1: samples are taken; 0: they are dropped, a capture is given up"),
        "repeat": Register(unsigned(1), 0, "1: one capture follows the other"),
        "trigger": Register(unsigned(2), Trigger.VALUE, "0 VALUE, 1 EDGE, 2 RATE, 3 EXTERNAL"),
        "mask": Register(sample, 0, "bits of a sample that the trigger looks at"),
        "value": Register(sample, 0, "what these bits shall be"),
        "after": Register(unsigned(index_bits(params.depth)), 0, "samples after the trigger"),
        "occurrences": Register(rate, 1, "n of RATE"),
        "window": Register(rate, 0, "m of RATE"),
    }


def inputs(params: Params) -> Mapping[str, Port]:
    """Samples."""
    return {"input": Port({"sample": unsigned(params.width), "external": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """Captures, one after the other."""
    fields = {"sample": unsigned(params.width), "trigger": unsigned(1), "last": unsigned(1)}
    return {"output": Port(fields)}


@dataclass(frozen=True)
class State:
    """Of a capture: the ring, samples and matches of the window, samples that are still to come after the
    trigger, None before it; and whether the only capture is over.
    """

    ring: tuple[int, ...] = ()
    position: int = 0
    matches: int = 0
    remaining: int | None = None
    done: bool = False


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int, int, int]]]:
    """One sample."""
    value = configuration.registers
    if not value["arm"] or state.done:
        return state, []
    sample, external = transaction
    matches, position, remaining = state.matches, state.position, state.remaining
    ring = (*state.ring, sample)[-params.depth :]
    if remaining is not None:
        remaining -= 1
    else:
        match = (sample & value["mask"]) == (value["value"] & value["mask"])
        matches += match
        if value["trigger"] == Trigger.VALUE:
            hit = match
        elif value["trigger"] == Trigger.EDGE:
            hit = bool(state.ring) and bool((sample ^ state.ring[-1]) & value["mask"])
        elif value["trigger"] == Trigger.RATE:
            hit = match and matches >= value["occurrences"]
        else:
            hit = bool(external)
        position += 1
        if position == (value["window"] or 1 << params.rate_width):
            position = matches = 0
        if hit:
            remaining = value["after"]
    if remaining != 0:
        return State(ring, position, matches, remaining), []
    place, last = len(ring) - 1 - value["after"], len(ring) - 1
    capture = [(kept, int(n == place), int(n == last)) for n, kept in enumerate(ring)]
    return State(done=not value["repeat"]), capture


COSTED: Mapping[str, Params] = {"default": Params()}
"""Configurations whose cost is reported."""

CORE = Core(
    name="monitor.probe",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
