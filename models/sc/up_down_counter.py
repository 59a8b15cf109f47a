"""Saturating up/down counter: the specification of `sc.up_down_counter`.

Each transaction brings a bit of a stream that counts up and one of a stream that counts down:

    count ← min(max(count + up − down, −2^(width − 1)), 2^(width − 1) − 1)

and the count goes out. It begins at 0. So while it does not meet its ends it is the difference of the numbers
of ones, after N transactions N·(p_up − p_down): the integral of the difference of two streams. Two ones at a
time cancel, at the ends, too.

B. R. Gaines, "Stochastic computing systems", Advances in Information Systems Science 2 (1969) 37–172: the
integrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import Q, signed, unsigned
from spikelock.models.ports import Port


@dataclass(frozen=True)
class Params:
    """width: bits of the count, its sign among them."""

    width: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: a count has 1 … 62 bits")

    @property
    def count(self) -> Q:
        """Format of the count."""
        return signed(self.width)


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of each stream."""
    return {"input": Port({"up": unsigned(1), "down": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """The count after each transaction."""
    return {"output": Port({"count": params.count})}


def reference(
    params: Params, configuration: Configuration, count: int, transaction: tuple[int, int]
) -> tuple[int, list[tuple[int]]]:
    """One bit of each stream."""
    up, down = transaction
    count = min(max(count + up - down, params.count.minimum), params.count.maximum)
    return count, [(count,)]


CORE = Core(
    name="sc.up_down_counter",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: 0,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
