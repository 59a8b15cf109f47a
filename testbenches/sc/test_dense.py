"""Bench of `sc.dense`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.engine.sc.dense import Dense
from spikelock.models.fixed import Overflow, Rounding
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.models.sc.convolution import Convolution, bias, lower
from spikelock.models.sc.dense import CORE, Params, Product, contents
from spikelock.testbenches.bench import Bench, Case, Impossible, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.neurons.settings import lif_settings
from spikelock.testbenches.random_records import random_records
from spikelock.testbenches.sc.dense_bugs import BUGS
from spikelock.testbenches.sc.weights import random_contents

IMPOSSIBLE: Impossible = {
    "output": {
        ("back to back", "at once"): "three cycles pass for each neuron",
        ("back to back", "stalled"): "three cycles pass for each neuron",
    },
}


def drive(params: Params, more: int = 1) -> Stimulus:
    """Ticks of values at random, at their ends, and all alike; some with a restart, and a few inputs more."""
    port = CORE.inputs(params)["input"]
    full = 1 << (params.width - (params.product is Product.XNOR))
    low = -full if params.product is Product.XNOR else 0

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        ticks = size // params.inputs
        value = random.integers(low, full, (ticks, params.inputs), endpoint=True)
        of_a_kind = random.random(ticks)[:, np.newaxis]
        value = np.where(of_a_kind < 0.15, low, np.where(of_a_kind < 0.3, full, value))
        some = random_records(port, ticks * params.inputs + more, random)
        some["value"][: value.size] = np.where(
            of_a_kind < 0.9, value, some["value"][: value.size].reshape(value.shape)
        ).reshape(-1)
        some["restart"] &= random.random(len(some)) < 0.2 / params.inputs
        return {"input": some}

    return stimulus


IMAGE = Convolution(1, 3, 3, kernel=(2, 2), filters=1, stride=(2, 2), padding=(1, 1))
FOLDED = Params(
    IMAGE.inputs,
    IMAGE.neurons,
    width=8,
    length=20,
    lanes=2,
    parallel=3,
    gain=13,
    shift=3,
    rounding=Rounding.NEAREST_EVEN,
    neuron=lif.Params(current_width=8, threshold=60, refractory_period=1),
)
XNOR = Params(
    4,
    3,
    Product.XNOR,
    width=5,
    length=31,
    lanes=3,
    neuron=lif.Params(
        current_width=8, rounding=Rounding.STOCHASTIC, threshold=50, reset_mode=lif.ResetMode.SUBTRACT
    ),
    kind="galois",
)
UNFOLDED = Params(
    2,
    2,
    width=5,
    length=33,
    lanes=2,
    parallel=2,
    gain=-3,
    neuron=lif.Params(
        12,
        current_width=9,
        threshold=150,
        leak=1,
        overflow=Overflow.WRAP,
        reset_mode=lif.ResetMode.SUBTRACT,
    ),
)


def case(name: str, params: Params, seed: int, **registers: int) -> Case:
    """A case of weights of any size, and of moderate biases."""
    random = np.random.default_rng(seed)
    full = 1 << (params.width - (params.product is Product.XNOR))
    weights = random.integers(-full, full, (params.neurons, params.inputs), endpoint=True)
    biases = random.integers(-8, 15, params.neurons, endpoint=True)
    memories = contents(params, weights, biases)
    return Case(name, params, drive(params), registers, memories, partial(random_contents, params))


def any_bits(name: str, params: Params, seed: int) -> Case:
    """A case of records of any bits."""
    random = np.random.default_rng(seed)
    memories = {n: random_records(m.layout, m.depth, random) for n, m in CORE.memories(params).items()}
    return Case(name, params, drive(params), {}, memories, partial(random_contents, params))


def convolution(name: str) -> Case:
    """A case whose weights are those of a convolution."""
    memories = contents(FOLDED, lower(IMAGE, [[[[150, -256], [-40, 256]]]]), bias(IMAGE, [9]))
    return Case(name, FOLDED, drive(FOLDED, 0), {}, memories, partial(random_contents, FOLDED))


CASES = [
    case("folded", FOLDED, 13),
    any_bits("folded-any-bits", FOLDED, 30),
    convolution("convolution"),
    case("xnor", XNOR, 12, refractory_period=2, rest=-9),
    case("unfolded", UNFOLDED, 27),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a neuron and tick."""
    sent = outputs["output"]
    ticks = len(sent) // params.neurons
    value = inputs["input"]["value"][: ticks * params.inputs].reshape(ticks, params.inputs)
    layer = Dense(params, configuration)
    sums, currents = layer.sums(value).reshape(-1), layer.currents(value).reshape(-1)
    everyone = sent["spike"].reshape(ticks, params.neurons)

    def each(of_tick: Any) -> np.ndarray:
        return np.repeat(of_tick, params.neurons).astype(np.int64)

    return {
        "spike": sent["spike"],
        "restart": sent["restart"],
        "xnor": np.full(len(sent), int(params.product is Product.XNOR)),
        "sum": np.sign(sums),
        "highest": (currents == params.current.maximum).astype(np.int64),
        "lowest": (currents == params.current.minimum).astype(np.int64),
        "all fire": each(everyone.all(axis=1)),
        "none fires": each(~everyone.any(axis=1)),
        "alike": each((value == value[:, :1]).all(axis=1)),
        "marks": each(inputs["input"]["restart"][: value.size].reshape(value.shape).sum(axis=1)),
        "first mark": each(inputs["input"]["restart"][: value.size].reshape(value.shape)[:, 0]),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    spike, product = values("spike", "spike", 0, 1), values("xnor", "xnor", 0, 1)
    return CoverGroup(
        "sc.dense",
        [
            cross(product, spike, values("restart", "restart", 0, 1)),
            cross(product, values("sum", "sum", -1, 0, 1)),
            cross(product, values("inputs alike", "alike", 0, 1)),
            values("a current at the upper end", "highest", 1),
            values("a current at the lower end", "lowest", 1),
            values("all neurons fire", "all fire", 1),
            values("no neuron fires", "none fires", 1),
            Point(
                "restart marked",
                {
                    "in the first input": lambda t: t["first mark"] == 1,
                    "in another": lambda t: (t["first mark"] == 0) & (t["marks"] > 0),
                },
            ),
        ],
    )


BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    impossible=IMPOSSIBLE,
    silence=150,
    settings=lif_settings,
    bugs=BUGS,
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)
