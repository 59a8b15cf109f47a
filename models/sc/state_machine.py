"""Nonlinear functions by a saturating state machine: the specification of `sc.state_machine`.

A bipolar stream with value x moves a state s, 0 … states − 1, up by a one and down by a zero, no further than
its ends; the output bit is a function of the state it comes to:

    s' = min(s + 1, states − 1)  where the bit is 1,  max(s − 1, 0)  where it is 0

    tanh         1 where s' ≥ states/2         y ≈ tanh(x·states/2), bipolar
    exponential  1 where s' < states − gain    y ≈ exp(−2·gain·x) for x > 0, a probability
    saturation   1 where s' = states − 1       y = share of the time spent at the upper end

After reset s = states/2. The functions follow from the stationary distribution of the state, for a stream
whose bits are independent of each other.

B. D. Brown and H. C. Card, "Stochastic neural computation I: computational elements", IEEE Transactions on
Computers 50 (2001) 891–905.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port


class Function(Enum):
    """Which states give a one."""

    TANH = "tanh"
    EXPONENTIAL = "exponential"
    SATURATION = "saturation"


@dataclass(frozen=True)
class Params:
    """function: of the state. states: how many. gain: of the exponential."""

    function: Function = Function.TANH
    states: int = 8
    gain: int = 1

    def __post_init__(self) -> None:
        if not 2 <= self.states <= 1 << 16 or self.states % 2:
            raise RangeError(f"states = {self.states}: an even number, 2 … 65536")
        if not 1 <= self.gain < self.states:
            raise RangeError(f"gain = {self.gain}: 1 … {self.states - 1}, less than there are states")

    @property
    def ones(self) -> tuple[int, int]:
        """The first and the last state that give a one."""
        return {
            Function.TANH: (self.states // 2, self.states - 1),
            Function.EXPONENTIAL: (0, self.states - self.gain - 1),
            Function.SATURATION: (self.states - 1, self.states - 1),
        }[self.function]


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of the stream."""
    return {"input": Port({"bit": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of the function of the stream."""
    return {"output": Port({"bit": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, state: int, transaction: tuple[int]
) -> tuple[int, list[tuple[int]]]:
    """One bit in, one bit out."""
    state = min(state + 1, params.states - 1) if transaction[0] else max(state - 1, 0)
    first, last = params.ones
    return state, [(int(first <= state <= last),)]


CORE = Core(
    name="sc.state_machine",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: params.states // 2,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)
