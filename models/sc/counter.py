"""A counter as a source of numbers: the specification of `sc.counter`.

    value = start, start + 1, …, wrapping at 2^width

Compared with a constant it gives a unary stream, all ones first: no randomness, and exact over one period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.number_source import request_port, value_port
from spikelock.models.ports import Port, Register, RegisterMap


@dataclass(frozen=True)
class Params:
    """width: bits of a number. start: the first number after reset."""

    width: int = 16
    start: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 63:
            raise RangeError(f"width = {self.width}: numbers have 1 … 63 bits")
        if not 0 <= self.start < 1 << self.width:
            raise RangeError(
                f"start = {self.start}: a number of {self.width} bits, 0 … {(1 << self.width) - 1}"
            )


def registers(params: Params) -> RegisterMap:
    """What a host may set at run time."""
    return {"start": Register(unsigned(params.width), params.start, "number that a restart gives")}


def inputs(params: Params) -> Mapping[str, Port]:
    """Requests."""
    return request_port()


def outputs(params: Params) -> Mapping[str, Port]:
    """Numbers."""
    return value_port(params.width)


def initial(params: Params, configuration: Configuration) -> int:
    """The number that comes next."""
    return params.start


def reference(
    params: Params, configuration: Configuration, upcoming: int, request: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """One request, one number."""
    value = configuration.registers["start"] if request[0] else upcoming
    return (value + 1) % (1 << params.width), [(value,)]


CORE = Core(
    name="sc.counter",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
