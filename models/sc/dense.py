"""A dense layer of stochastic synapses before LIF neurons, time-multiplexed over as many synapses and neurons
as one likes: the specification of `sc.dense`.

A *tick* takes n transactions, the value x_j of each input in index order. Then every neuron i counts the
products of two bit streams, of N bits, over all its n synapses; what they sum up to drives one step of
`neurons.lif`, and m transactions, the spike of each neuron in index order, go out:

    a_j(t)  = [R_j(t)  < threshold(x_j)]        R_j, R_ij: a linear-feedback shift register of `width` bits
    b_ij(t) = [R_ij(t) < threshold(w_ij)]       for each input and each synapse, t = 0 … N − 1

    AND     sum_i = Σ_j sign(w_ij) · Σ_t a_j(t)·b_ij(t)                 threshold(x) = x, threshold(w) = |w|
            x = 0 … 2^width stands for x / 2^width, w = −2^width … 2^width for w / 2^width
    XNOR    sum_i = 2·Σ_j Σ_t [a_j(t) = b_ij(t)] − n·N                  threshold(x) = x + 2^(width−1)
            x and w = −2^(width−1) … 2^(width−1) stand for x / 2^(width−1)

    current_i = saturate(round(sum_i · gain / 2^shift) + bias_i)

Every register begins at its own seed in every tick, its first number being the seed: so a layer gives the
same bits however many of its synapses are computed at a time, and the streams of weights never change. All
seeds differ; `models/sc/seeds.py` has the rule.

A tick with `restart` in any of its inputs, and the first after reset, find all neurons at rest, not
refractory, and the LFSR of stochastic rounding at its seed; its outputs say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Overflow, Q, Rounding, fit, shift_right, signed, unsigned
from spikelock.models.lfsr import LFSR, Kind, maximal
from spikelock.models.neurons import lif
from spikelock.models.ports import Layout, Memory, MemoryMap, Port, Records, RegisterMap
from spikelock.models.sc.seeds import Seeds, chosen, published, require_room


class Product(Enum):
    """What multiplies two streams."""

    AND = "and"
    """Unipolar inputs; weights of sign and magnitude, whose products count up or down."""
    XNOR = "xnor"
    """Bipolar inputs and weights."""


WIDEST = 1 << 16
"""Bits of a word of a memory, in hardware that Amaranth can express."""


@dataclass(frozen=True)
class Params:
    """Sizes and formats, fixed when the hardware is made.

    inputs, neurons: n and m. product: of an input's stream and a weight's.
    width: bits of the numbers of all sources. length: bits of a stream, N.
    lanes, parallel: synapses of a neuron, and neurons, that are computed at a time; those that remain in the
        last round stay idle. All their weights together have at most 2^16 bits.
    gain, shift, rounding: from the sum to the current.
    neuron: formats and modes of the neurons; `current_width` is also the width of a bias.
    kind: of the shift registers. seeds: of the inputs, then of the synapses, neuron by neuron; if there are
        none, those of `models/sc/seeds.py`.
    """

    inputs: int = 8
    neurons: int = 4
    product: Product = Product.AND
    width: int = 16
    length: int = 256
    lanes: int = 1
    parallel: int = 1
    gain: int = 1
    shift: int = 0
    rounding: Rounding = Rounding.FLOOR
    neuron: lif.Params = field(default_factory=lif.Params)
    kind: Kind = "fibonacci_left"
    seeds: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("inputs", "neurons", "length"):
            if not 1 <= getattr(self, name) <= 1 << 24:
                raise RangeError(f"{name} = {getattr(self, name)}: 1 … {1 << 24} are possible")
        if not 3 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: a source has 3 … 62 bits")
        for name, of in (("lanes", "inputs"), ("parallel", "neurons")):
            if not 1 <= getattr(self, name) <= getattr(self, of):
                raise RangeError(
                    f"{name} = {getattr(self, name)}: of {getattr(self, of)} {of}, 1 … {getattr(self, of)} "
                    "are computed at a time"
                )
        products, bits = self.lanes * self.parallel, self.weight.width
        if products * bits > WIDEST:
            raise RangeError(
                f"lanes = {self.lanes}, parallel = {self.parallel}: {products} weights of {bits} bits at a "
                f"time; hardware can read {WIDEST // bits} of them, so lanes · parallel must be at most that"
            )
        if not 0 <= self.shift <= 63:
            raise RangeError(f"shift = {self.shift}: 0 … 63 bits are possible")
        if not -(1 << 31) <= self.gain < 1 << 31:
            raise RangeError(f"gain = {self.gain}: a signed number of 32 bits")
        if self.rounding is Rounding.STOCHASTIC:
            raise BadInput("rounding = stochastic: of the sum there are floor, nearest-even and nearest-away")
        if self.neuron.noise:
            raise BadInput("neuron.noise = True: a layer has no noise input; use noise=False")
        if self.neuron.overflow is Overflow.TRAP:
            raise BadInput("neuron.overflow = trap: a spike has no overflow flag; use saturate or wrap")
        if self.seeds:
            chosen(self.seeds, self.width, self.inputs, self.neurons)
        else:
            require_room(self.width, self.inputs, self.neurons)

    @property
    def generator(self) -> LFSR:
        """The shift register of every source."""
        return maximal(self.width, self.kind)

    @property
    def sources(self) -> Seeds:
        """The seeds, all different."""
        if self.seeds:
            return chosen(self.seeds, self.width, self.inputs, self.neurons)
        return published(self.width, self.inputs, self.neurons)

    @property
    def value(self) -> Q:
        """Format of an input; it has room for both ends."""
        if self.product is Product.XNOR:
            return signed(self.width + 1, self.width - 1)
        return unsigned(self.width + 1, self.width)

    @property
    def weight(self) -> Layout:
        """A weight as the hardware holds it."""
        if self.product is Product.XNOR:
            return Layout({"value": self.value})
        return Layout({"magnitude": self.value, "negative": unsigned(1)})

    @property
    def current(self) -> Q:
        """Format of a current and of a bias."""
        return signed(self.neuron.current_width)

    @property
    def input_rounds(self) -> int:
        """Rounds in which a neuron's synapses are computed."""
        return -(-self.inputs // self.lanes)

    @property
    def neuron_rounds(self) -> int:
        """Rounds in which all neurons are computed."""
        return -(-self.neurons // self.parallel)

    @property
    def banks(self) -> tuple[tuple[str, ...], ...]:
        """Names of the memories of weights: by place, of `parallel`, and by lane."""
        return tuple(
            tuple(f"weights_{place}_{lane}" for lane in range(self.lanes)) for place in range(self.parallel)
        )

    @property
    def cycles(self) -> int:
        """Clock cycles from one tick to the next, while nothing stalls.

        One for each input, one more, the streams, and three for each neuron.
        """
        streams = self.length * self.input_rounds * self.neuron_rounds
        return self.inputs + 1 + streams + 3 * self.neurons


def memories(params: Params) -> MemoryMap:
    """One memory for each synapse that is computed at a time, and the biases."""
    depth = params.neuron_rounds * params.input_rounds
    banks = {
        name: Memory(
            depth,
            params.weight,
            f"weights of neurons {place}, {place} + {params.parallel}, … for inputs {lane}, {lane} + "
            f"{params.lanes}, …, neuron by neuron; those of no input or neuron are not used",
        )
        for place, names in enumerate(params.banks)
        for lane, name in enumerate(names)
    }
    return banks | {"bias": Memory(params.neurons, Layout({"bias": params.current}), "by neuron")}


def contents(params: Params, weights: ArrayLike, bias: ArrayLike = 0) -> dict[str, Records]:
    """What the memories hold for integer weights, shape (neurons, inputs), and biases, shape (neurons,).

    Weights are −2^width … 2^width, of XNOR −2^(width−1) … 2^(width−1): those of `quantise` are. Raises
    BadInput for another shape or for what is not an integer, RangeError for a number that is out of range.
    """
    matrix = np.asarray(weights)
    if matrix.shape != (params.neurons, params.inputs):
        raise BadInput(
            f"weights of shape {matrix.shape}: the layer has (neurons, inputs) = "
            f"{(params.neurons, params.inputs)}"
        )
    if matrix.dtype.kind not in "iu":
        raise BadInput(f"weights of dtype {matrix.dtype}: integers are needed (quantise them first)")
    full = 1 << (params.width - (params.product is Product.XNOR))
    if not -full <= int(matrix.min()) <= int(matrix.max()) <= full:
        bad = int(matrix.min()) if int(matrix.min()) < -full else int(matrix.max())
        raise RangeError(f"weight {bad}: −{full} … {full} are possible")
    layout = {"bias": Layout({"bias": params.current}), "weight": params.weight}
    biases = np.asarray(bias)
    if biases.shape not in ((), (params.neurons,)):
        raise BadInput(f"biases of shape {biases.shape}: one number, or {params.neurons} of them, are needed")
    xnor = params.product is Product.XNOR
    columns = [_banks(params, part) for part in ([matrix] if xnor else [np.abs(matrix), matrix < 0])]
    banks = {
        name: layout["weight"].records(*(column[place, lane] for column in columns))
        for place, names in enumerate(params.banks)
        for lane, name in enumerate(names)
    }
    return banks | {"bias": layout["bias"].records(np.broadcast_to(biases, params.neurons))}


def _banks(params: Params, matrix: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """(neurons, inputs) to (parallel, lanes, depth), with zeros for what stays idle."""
    rounds = params.neuron_rounds, params.parallel, params.input_rounds, params.lanes
    whole = np.zeros((rounds[0] * rounds[1], rounds[2] * rounds[3]), np.int64)
    whole[: params.neurons, : params.inputs] = matrix
    return whole.reshape(rounds).transpose(1, 3, 0, 2).reshape(params.parallel, params.lanes, -1)


def inputs(params: Params) -> Mapping[str, Port]:
    """The value of one input after the other, and whether neurons are to be at rest in this tick."""
    return {"input": Port({"value": params.value, "restart": unsigned(1)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """The spike of one neuron after the other, and whether they were at rest before this tick."""
    return {"output": Port({"spike": unsigned(1), "restart": unsigned(1)})}


def registers(params: Params) -> RegisterMap:
    """The registers of the neurons, shared by all of them; none where these are constants."""
    return lif.registers(params.neuron)


@dataclass(frozen=True)
class State:
    """Values of this tick so far, whether neurons are at rest in it, and what they carry to the next."""

    values: tuple[int, ...] = ()
    restart: bool = True
    neurons: tuple[tuple[int, int], ...] = ()
    random: int = 0


def initial(params: Params, configuration: Configuration) -> State:
    """After reset."""
    return State()


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int, int]]]:
    """One input; the last of a tick lets every neuron take its step."""
    value, restart = transaction
    values, restarts = (*state.values, value), state.restart or bool(restart)
    if len(values) < params.inputs:
        return State(values, restarts, state.neurons, state.random), []

    neurons, random = list(state.neurons), state.random
    if restarts:
        rest = configuration.registers.get("rest", params.neuron.rest)
        neurons, random = [(rest, 0)] * params.neurons, params.neuron.seed
    spikes = list[tuple[int, int]]()
    for index, (membrane, refractory) in enumerate(neurons):
        scaled = shift_right(
            total(params, configuration, index, values) * params.gain, params.shift, params.rounding
        )
        bias = configuration.memories["bias"]["bias"].item(index)
        current = fit(scaled + bias, params.current, Overflow.SATURATE)
        before = lif.State(membrane, refractory, random)
        after, [(spike, *_)] = lif.reference(params.neuron, configuration, before, (current,))
        neurons[index], random = (after.membrane, after.refractory), after.random
        spikes.append((spike, int(restarts)))
    return State((), False, tuple(neurons), random), spikes


def total(params: Params, configuration: Configuration, neuron: int, values: tuple[int, ...]) -> int:
    """The sum of the products of a neuron's streams, one synapse after the other."""
    offset = 1 << (params.width - 1)
    sources = params.sources
    banks = params.banks[neuron % params.parallel]
    result = 0
    for j, value in enumerate(values):
        input_seed = sources.inputs.item(j)
        weight_seed = sources.synapses.item(neuron, j)
        bank = configuration.memories[banks[j % params.lanes]]
        weight = bank[neuron // params.parallel * params.input_rounds + j // params.lanes].item()
        if params.product is Product.XNOR:
            a = stream(params.generator, input_seed, value + offset, params.length)
            b = stream(params.generator, weight_seed, weight[0] + offset, params.length)
            result += params.length - 2 * (a ^ b).bit_count()
        else:
            magnitude, negative = weight
            a = stream(params.generator, input_seed, value, params.length)
            b = stream(params.generator, weight_seed, magnitude, params.length)
            result += (-1 if negative else 1) * (a & b).bit_count()
    return result


@lru_cache(maxsize=1 << 16)
def stream(generator: LFSR, seed: int, threshold: int, length: int) -> int:
    """The bits [R(t) < threshold] from a seed, bit t in place t."""
    bits, number = 0, seed
    for t in range(length):
        bits |= (number < threshold) << t
        number = generator.next(number)
    return bits


COSTED: Mapping[str, Params] = {
    "compact": Params(neuron=lif.COMPACT),
    "compact-xnor": Params(product=Product.XNOR, neuron=lif.COMPACT),
    "compact-unfolded": Params(lanes=8, parallel=4, neuron=lif.COMPACT),
}
"""Configurations whose cost is reported: with neurons set by registers, and with compact ones."""

CORE = Core(
    name="sc.dense",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    memories=memories,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),  # only the last input of a tick has an answer
)
