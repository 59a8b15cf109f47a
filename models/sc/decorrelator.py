"""Shuffle buffer, or decorrelator: the specification of `sc.decorrelator`.

A buffer holds `depth` bits of a stream. Each transaction brings a bit and an address, a random number:

    address < depth     the bit at that address goes out, and the bit that came takes its place
    address ≥ depth     the bit that came goes out

So bits leave in another order. Two streams of one source of numbers become nearly independent where one of
them, or each with addresses of its own, is shuffled; the addresses must be independent of the streams. After
reset the buffer holds zeros and ones by turns, a zero at address 0, so that it is worth about one half.

No bit is made or lost: the ones that have gone out are those that came in, and those in the buffer after
reset, less those in it now. So the numbers of ones differ by (depth + 1)/2, rounded down, at most.

V. T. Lee, A. Alaghi and L. Ceze, "Correlation manipulating circuits for stochastic computing", Design,
Automation and Test in Europe (2018) 1417–1422.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, index_bits


@dataclass(frozen=True)
class Params:
    """depth: bits of the buffer. One less than a power of two makes all places equally likely."""

    depth: int = 7

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 255:
            raise RangeError(f"depth = {self.depth}: a buffer of 1 … 255 bits is possible")

    @property
    def start(self) -> tuple[int, ...]:
        """The buffer after reset, by address."""
        return tuple(address % 2 for address in range(self.depth))


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit, and an address with room for one that is not in the buffer."""
    return {"input": Port({"bit": unsigned(1), "address": unsigned(index_bits(params.depth + 1))})}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit."""
    return {"output": Port({"bit": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, buffer: tuple[int, ...], transaction: tuple[int, int]
) -> tuple[tuple[int, ...], list[tuple[int]]]:
    """One bit in, one bit out."""
    bit, address = transaction
    if address >= params.depth:
        return buffer, [(bit,)]
    return (*buffer[:address], bit, *buffer[address + 1 :]), [(buffer[address],)]


CORE = Core(
    name="sc.decorrelator",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: params.start,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
