"""Square root by feedback: the specification of `sc.square_root`.

Each transaction brings a bit x of a unipolar stream and a number R of a source, 0 … 2^width − 1; with z' for
the bit that went out before (0 after reset), and a counter c that begins at 2^(width − 1):

    z = 1  where  R < c
    c ← min(max(c + x − z·z', 0), 2^width − 1)

The counter rises with the ones of x and falls with the square of what goes out: z·z' is the product of the
output with itself, one step apart. It is at rest where p_z² = p_x, so p_z approaches √p_x. For that z and z'
must be independent, and so must successive numbers of the source. As c is at most 2^width − 1, the largest
value is 1 − 2^−width. A wide counter is slow, and a narrow one restless: it takes some 2^width steps to
settle.

While c does not meet its ends, the ones of x are those of z·z' and the change of c, exactly.

B. R. Gaines, "Stochastic computing systems", Advances in Information Systems Science 2 (1969) 37–172: the
adaptive digital element with the square in its feedback.
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
    """width: bits of the counter, and of a number."""

    width: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 32:
            raise RangeError(f"width = {self.width}: a counter of 1 … 32 bits is possible")

    @property
    def start(self) -> int:
        """The counter after reset: the output is worth 1/2."""
        return 1 << (self.width - 1)


@dataclass(frozen=True)
class State:
    """The counter, and the bit that went out last."""

    count: int
    last: int = 0


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of the stream, and a number."""
    return {"input": Port({"bit": unsigned(1), "number": unsigned(params.width)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of the root."""
    return {"output": Port({"bit": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int]]]:
    """One bit in, one bit out."""
    bit, number = transaction
    root = int(number < state.count)
    count = state.count + bit - root * state.last
    return State(min(max(count, 0), (1 << params.width) - 1), root), [(root,)]


CORE = Core(
    name="sc.square_root",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(params.start),
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
