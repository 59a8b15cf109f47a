"""One dimension of the Sobol sequence as a source of numbers: the specification of `sc.sobol`.

Value n of a sequence, from n = 0, is

    value = shift XOR (XOR of V_k over the bits k−1 that are 1 in the Gray code n XOR ⌊n/2⌋)

so each follows from the one before by one exclusive or, with V_(1 + trailing zeros of n+1). All 2^width
numbers occur once, then the sequence begins anew, exactly. V are the direction numbers of Joe and Kuo
(`models/sobol_table.py`) in the order of Antonov and Saleev; `shift` is a digital shift, which keeps the
equidistribution. Different dimensions are what different streams need: two streams of one dimension are
correlated, whatever their shifts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.number_source import request_port, value_port
from spikelock.models.ports import Port, Register, RegisterMap
from spikelock.models.sobol_table import JOE_KUO, direction_numbers


@dataclass(frozen=True)
class Params:
    """dimension: of the sequence, from 0. width: bits of a number. shift: the digital shift after reset."""

    dimension: int = 0
    width: int = 16
    shift: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.dimension < len(JOE_KUO):
            raise RangeError(f"dimension = {self.dimension}: there are 0 … {len(JOE_KUO) - 1}")
        if not 1 <= self.width <= 32:
            raise RangeError(f"width = {self.width}: numbers have 1 … 32 bits")
        if not 0 <= self.shift < 1 << self.width:
            raise RangeError(
                f"shift = {self.shift}: a number of {self.width} bits, 0 … {(1 << self.width) - 1}"
            )

    @property
    def directions(self) -> tuple[int, ...]:
        """V_1 … V_width."""
        return direction_numbers(self.dimension, self.width)


@dataclass(frozen=True)
class State:
    """The next value, and its index in the sequence."""

    value: int
    index: int = 0


def registers(params: Params) -> RegisterMap:
    """What a host may set at run time."""
    return {"shift": Register(unsigned(params.width), params.shift, "digital shift, taken at a restart")}


def initial(params: Params, configuration: Configuration) -> State:
    """Value 0 of the sequence with the shift of the parameters."""
    return State(params.shift)


def reference(
    params: Params, configuration: Configuration, state: State, request: tuple[int]
) -> tuple[State, list[tuple[int]]]:
    """One request, one value."""
    if request[0]:
        state = State(configuration.registers["shift"])
    following = (state.index + 1) % (1 << params.width)
    if following == 0:  # all numbers have been: back to the first, from which the last differs in V_width
        flip = params.directions[-1]
    else:
        flip = params.directions[(following & -following).bit_length() - 1]
    return State(state.value ^ flip, following), [(state.value,)]


def inputs(params: Params) -> Mapping[str, Port]:
    """Requests."""
    return request_port()


def outputs(params: Params) -> Mapping[str, Port]:
    """Numbers."""
    return value_port(params.width)


CORE = Core(
    name="sc.sobol",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
