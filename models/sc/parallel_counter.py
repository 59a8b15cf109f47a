"""Accumulative parallel counter, or stream-to-binary converter: the specification of `sc.parallel_counter`.

Each transaction brings one bit of each of n streams, and a mark on the last of a window:

    total' = min(total + number of ones, 2^width − 1)
    last:  count = total' goes out, and total' becomes 0

So a window of N transactions counts the ones of n streams over N steps; with AND gates before it that is a
dot product of unipolar streams, with n = 1 the estimate count / N of one stream. The bits of a transaction
are added exactly, none is approximated away. A count that reaches 2^width − 1 stays there, and `full` says
so.

B. Parhami and C.-H. Yeh, "Accumulative parallel counters", Asilomar Conference on Signals, Systems and
Computers (1995) 966–970.
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
    """streams: bits of a transaction. width: bits of the count; n·N < 2^width never saturates."""

    streams: int = 8
    width: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.streams <= 63:
            raise RangeError(f"streams = {self.streams}: 1 … 63 are possible")
        if not 1 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: a count has 1 … 62 bits")

    @property
    def most(self) -> int:
        """The largest count."""
        return (1 << self.width) - 1


def inputs(params: Params) -> Mapping[str, Port]:
    """Bits, and the end of a window."""
    return {"input": Port({"bits": unsigned(params.streams), "last": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """One count a window."""
    return {"output": Port({"count": unsigned(params.width), "full": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, total: int, transaction: tuple[int, int]
) -> tuple[int, list[tuple[int, int]]]:
    """One step of all streams."""
    bits, last = transaction
    total = min(total + bits.bit_count(), params.most)
    return (0, [(total, int(total == params.most))]) if last else (total, [])


CORE = Core(
    name="sc.parallel_counter",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: 0,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=1),  # the first bits of a window have no answer
)
