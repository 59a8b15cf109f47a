"""Linear-feedback shift register as a source of random numbers: the specification of `sc.lfsr`.

Each request gives one number, the state of the register:

    restart:    value = seed                (a seed of 0, from which no register ever leaves, counts as 1)
    otherwise:  value = next(last value)    (the seed of `Params`, where there is no last value yet)

`next` is that of `models/lfsr.py`, of any of its kinds. The polynomials are primitive, so the values are all
numbers 1 … 2^width − 1, each once in a period, and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.lfsr import LFSR, Kind, maximal
from spikelock.models.number_source import request_port, value_port
from spikelock.models.ports import Port, Register, RegisterMap


@dataclass(frozen=True)
class Params:
    """width: bits of the register, 3 to 64. kind: how it feeds back. seed: the first value after reset."""

    width: int = 16
    kind: Kind = "fibonacci_left"
    seed: int = 0xACE1

    def __post_init__(self) -> None:
        if not 1 <= self.seed <= self.generator.period:
            raise RangeError(
                f"seed = {self.seed}: a register of {self.width} bits starts with 1 … {self.generator.period}"
            )

    @property
    def generator(self) -> LFSR:
        """The register: width, kind and taps."""
        return maximal(self.width, self.kind)


def registers(params: Params) -> RegisterMap:
    """What a host may set at run time."""
    return {
        "seed": Register(unsigned(params.width), params.seed, "value that a restart gives; 0 counts as 1")
    }


def inputs(params: Params) -> Mapping[str, Port]:
    """Requests."""
    return request_port()


def outputs(params: Params) -> Mapping[str, Port]:
    """Numbers."""
    return value_port(params.width)


def initial(params: Params, configuration: Configuration) -> int:
    """The value that comes next."""
    return params.seed


def reference(
    params: Params, configuration: Configuration, upcoming: int, request: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """One request, one value."""
    value = (configuration.registers["seed"] or 1) if request[0] else upcoming
    return params.generator.next(value), [(value,)]


CORE = Core(
    name="sc.lfsr",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
