"""Rectified linear unit of a bipolar stream: the specification of `sc.rectifier`.

Each transaction brings a bit x; a count c begins at 0:

    z = 1  where  x = 1 or c < 0,  otherwise 0
    c ← min(c + 1, 2^(depth − 1) − 1)  where z = 1,  c − 1  where z = 0

c is the sum of what went out, with ones as +1 and zeros as −1, as long as it does not meet its upper end. A
stream of positive value passes as it is once c has risen; of one that would make the sum negative, zeros are
turned to ones by turns, and the sum stays at −1 or 0. So the value approaches max(x, 0).

c is never below −1. Of any first n bits that went out at least (n − 1)/2 are ones, and no one that came is
lost. A larger depth remembers a larger surplus of ones, and lets more zeros pass after it.

D. Wu et al., "uGEMM: unary computing architecture for GEMM applications", International Symposium on Computer
Architecture (2020) 377–390, and its simulator UnarySim, class FSUReLU: its accumulator of `depth` bits is
c + 2^(depth − 1). J. Li et al., "Hardware-driven nonlinear activation for stochastic computing based deep
convolutional neural networks", International Joint Conference on Neural Networks (2017), had the
idea to hold what went out against half of the bits so far.
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
    """depth: bits of the published accumulator; the count ends at 2^(depth − 1) − 1."""

    depth: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 32:
            raise RangeError(f"depth = {self.depth}: an accumulator of 1 … 32 bits is possible")

    @property
    def most(self) -> int:
        """The largest count."""
        return (1 << (self.depth - 1)) - 1


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of the stream."""
    return {"input": Port({"bit": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of the rectified stream."""
    return {"output": Port({"bit": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, count: int, transaction: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """One bit in, one bit out."""
    bit = 1 if count < 0 else transaction[0]
    return min(count + 2 * bit - 1, params.most), [(bit,)]


CORE = Core(
    name="sc.rectifier",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: 0,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
