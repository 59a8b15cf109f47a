"""Division of correlated streams: the specification of `sc.divider`.

Each transaction brings a bit x of the dividend and a bit y of the divisor, and an address where depth > 1. A
shift register r holds the last `depth` bits of the dividend that came with a divisor bit of 1:

    y = 1:  quotient = x           and r becomes x, r_0, …, r_(depth − 2)
    y = 0:  quotient = r_address   and r stays

Where the ones of x are among those of y (SCC +1, p_x ≤ p_y), a share p_x / p_y of the bits that came with a
one of y are ones, and so the quotient's value is p_x / p_y. The bit x that comes with y = 0 does not count.
With depth 1 there is no address, and the last bit is given again and again; more bits, of which one is taken
at random, make those of the quotient more independent. After reset r holds zeros and ones by turns, r_0 = 0;
a divisor of zeros only gives these for ever.

T.-H. Chen and J. P. Hayes, "Design of division circuits for stochastic computing", IEEE Computer Society
Annual Symposium on VLSI (2016) 116–121: depth 1. D. Wu and J. San Miguel, "In-stream stochastic division and
square root via correlation", Design Automation Conference (2019): the register and its random address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, index_bits

DEPTHS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Params:
    """depth: bits of past quotients to choose from, a power of two, so that every address names one."""

    depth: int = 1

    def __post_init__(self) -> None:
        if self.depth not in DEPTHS:
            raise RangeError(f"depth = {self.depth}: one of {', '.join(map(str, DEPTHS))}")

    @property
    def start(self) -> tuple[int, ...]:
        """The register after reset, r_0 first."""
        return tuple(address % 2 for address in range(self.depth))


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of each stream, and which of the past bits to give for a divisor bit of 0."""
    address = {"address": unsigned(index_bits(params.depth))} if params.depth > 1 else {}
    return {"input": Port({"dividend": unsigned(1), "divisor": unsigned(1)} | address)}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of the quotient."""
    return {"output": Port({"quotient": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, past: tuple[int, ...], transaction: tuple[int, ...]
) -> tuple[tuple[int, ...], list[tuple[int]]]:
    """One bit of each stream."""
    dividend, divisor, *address = transaction
    if divisor:
        return (dividend, *past[:-1]), [(dividend,)]
    return past, [(past[address[0] if address else 0],)]


CORE = Core(
    name="sc.divider",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: params.start,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
