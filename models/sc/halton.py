"""One dimension of the Halton sequence as a source of numbers: the specification of `sc.halton`.

The index n of a value, from 0, is written in a base b; its digits d_0 d_1 … mirrored behind the point are the
radical inverse Σ d_k·b^−(k+1), which the value approaches from below:

    value = Σ d_k · ⌊2^width / b^(k+1)⌋

In base 2 that is exact, and mirrors the bits of a counter. There are as many digits as count anything;
their values are all different, and then the sequence begins anew. Bases without a common factor give
independent streams; primes are usual.
J. H. Halton, "On the efficiency of certain quasi-random sequences of points in evaluating multi-dimensional
integrals", Numerische Mathematik 2 (1960) 84–90.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.number_source import request_port, value_port
from spikelock.models.ports import Port


@dataclass(frozen=True)
class Params:
    """base: of the digits. width: bits of a number."""

    base: int = 3
    width: int = 16

    def __post_init__(self) -> None:
        if not 2 <= self.base <= 64:
            raise RangeError(f"base = {self.base}: 2 … 64 are possible; primes are usual")
        if not 1 <= self.width <= 32:
            raise RangeError(f"width = {self.width}: numbers have 1 … 32 bits")
        if self.base > 1 << self.width:
            raise RangeError(
                f"base = {self.base}: numbers of {self.width} bits have room for a base of at most "
                f"{1 << self.width}"
            )

    @property
    def weights(self) -> tuple[int, ...]:
        """What each digit counts, the first digit first."""
        weights, power = list[int](), 1
        while (power := power * self.base) <= 1 << self.width:
            weights.append((1 << self.width) // power)
        return tuple(weights)

    @property
    def period(self) -> int:
        """Values of a sequence."""
        period: int = self.base ** len(self.weights)
        return period


def inputs(params: Params) -> Mapping[str, Port]:
    """Requests."""
    return request_port()


def outputs(params: Params) -> Mapping[str, Port]:
    """Numbers."""
    return value_port(params.width)


def initial(params: Params, configuration: Configuration) -> int:
    """Index 0."""
    return 0


def reference(
    params: Params, configuration: Configuration, index: int, request: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """One request, one value."""
    if request[0]:
        index = 0
    value, rest = 0, index
    for weight in params.weights:
        rest, digit = divmod(rest, params.base)
        value += digit * weight
    return (index + 1) % params.period, [(value,)]


CORE = Core(
    name="sc.halton",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
