"""Bit-stream synapses, their dot product and a current: the specification of `sc.dot_product`.

Each transaction brings one bit a_j of the stream of each of n inputs, and a mark on the last of a window.
Every synapse has a weight, and a linear-feedback shift register R_j, which takes a step with every
transaction and begins anew at its seed where `restart` is set:

    b_j = [R_j < threshold(w_j)]
    AND     product_j = sign(w_j)·a_j·b_j        threshold(w) = |w|, w_j = −2^width … 2^width
    XNOR    product_j = 2·[a_j = b_j] − 1        threshold(w) = w + 2^(width−1)

    sum     = Σ product_j over the first N transactions of a window, or as many as it has
    current = saturate(y_min + divide((y_max − y_min) · sum, N))

A current may rise with the sum, or fall: y_max may be below y_min. `divide` cuts off towards 0, or takes the
nearest, ties away from 0. Cut off, the current of a range that rises is that of SC-NeuroCore 3.16.0, y_min +
trunc((y_max − y_min)·count/N), where a range that falls goes wrong. One input, windows of one, and a range of
0 to 1 make a single synapse: the current is its product.

B. R. Gaines, "Stochastic computing systems", Advances in Information Systems Science 2 (1969) 37–172.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import Overflow, Q, fit, signed, unsigned
from spikelock.models.lfsr import LFSR, Kind, maximal
from spikelock.models.ports import Port, Register, RegisterMap
from spikelock.models.sc.dense import Product
from spikelock.models.sc.seeds import chosen, published, require_room


class Division(Enum):
    """What becomes of the remainder."""

    TRUNCATE = "truncate"
    """It is dropped: the quotient lies towards 0."""
    NEAREST = "nearest"
    """The nearest quotient; a tie goes away from 0."""


@dataclass(frozen=True)
class Params:
    """Sizes and formats, fixed when the hardware is made.

    inputs: n. product: of an input's bit and a weight's.
    width: bits of the numbers. length: N, the transactions of a window that count.
    current_width: bits of y_min, y_max and the current.
    division: of the sum by N; where that is a power of two, it is a shift.
    kind: of the shift registers. seeds: of the synapses; if there are none, those that `models/sc/seeds.py`
        gives the synapses of a single neuron.
    """

    inputs: int = 4
    product: Product = Product.AND
    width: int = 16
    length: int = 256
    current_width: int = 16
    division: Division = Division.TRUNCATE
    kind: Kind = "fibonacci_left"
    seeds: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.inputs <= 62:
            raise RangeError(f"inputs = {self.inputs}: 1 … 62 are possible; sc.dense has any number")
        if not 3 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: a source has 3 … 62 bits")
        if not 1 <= self.length <= 1 << 24:
            raise RangeError(f"length = {self.length}: 1 … {1 << 24} are possible; 256 is usual")
        if not 2 <= self.current_width <= 30:
            raise RangeError(f"current_width = {self.current_width}: 2 … 30 bits are possible")
        if self.seeds:
            chosen(self.seeds, self.width, self.inputs, 0)
        else:
            require_room(self.width, self.inputs, 1)

    @property
    def generator(self) -> LFSR:
        """The shift register of every synapse."""
        return maximal(self.width, self.kind)

    @property
    def first_numbers(self) -> tuple[int, ...]:
        """Seeds, all different."""
        return self.seeds or tuple(published(self.width, self.inputs, 1).synapses[0].tolist())

    @property
    def current(self) -> Q:
        """Format of y_min, y_max and the current."""
        return signed(self.current_width)


def registers(params: Params) -> RegisterMap:
    """Weights, and the range of the current."""
    ends = {
        "y_min": Register(params.current, 0, "current of a sum of 0"),
        "y_max": Register(params.current, 1, "current of a sum of N"),
    }
    if params.product is Product.XNOR:
        q = signed(params.width + 1, params.width - 1)
        return ends | {f"weight_{j}": Register(q, 0, f"weight of input {j}") for j in range(params.inputs)}
    q, sign = unsigned(params.width + 1, params.width), unsigned(params.inputs)
    weights = {f"weight_{j}": Register(q, 0, f"magnitude of weight {j}") for j in range(params.inputs)}
    return ends | {"negative": Register(sign, 0, "bit j is 1 where weight j is negative")} | weights


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of each stream, the end of a window, and whether the synapses begin anew with these bits."""
    return {"input": Port({"bits": unsigned(params.inputs), "last": unsigned(1), "restart": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """One current a window."""
    return {"output": Port({"current": params.current})}


@dataclass(frozen=True)
class State:
    """The numbers that come next, how many transactions the window has had, and what they sum up to."""

    numbers: tuple[int, ...]
    steps: int = 0
    total: int = 0


def initial(params: Params, configuration: Configuration) -> State:
    """All registers at their seeds, and a window that begins."""
    return State(params.first_numbers)


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int, int]
) -> tuple[State, list[tuple[int]]]:
    """One bit of every stream, synapse by synapse."""
    bits, last, restart = transaction
    value = configuration.registers
    numbers = params.first_numbers if restart else state.numbers
    total = state.total
    if state.steps < params.length:
        for j, number in enumerate(numbers):
            a, weight = bits >> j & 1, value[f"weight_{j}"]
            if params.product is Product.XNOR:
                total += 1 if a == (number < weight + (1 << (params.width - 1))) else -1
            elif a and number < weight:
                total += -1 if value["negative"] >> j & 1 else 1
    following = tuple(params.generator.next(number) for number in numbers)
    if not last:
        return State(following, state.steps + 1, total), []
    span = value["y_max"] - value["y_min"]
    exact = value["y_min"] + divide(span * total, params.length, params.division)
    return State(following), [(fit(exact, params.current, Overflow.SATURATE),)]


def divide(value: int, by: int, division: Division) -> int:
    """value / by, rounded to an integer."""
    magnitude = abs(value)
    half = by if division is Division.NEAREST else 0
    quotient = (2 * magnitude + half) // (2 * by)
    return quotient if value >= 0 else -quotient


CORE = Core(
    name="sc.dot_product",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=1),  # the first bits of a window have no answer
)
