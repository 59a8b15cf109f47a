"""Accuracy of the digits network with bit streams, against their length; writes accuracy.json beside itself.

    python examples/digits_stochastic/accuracy.py

The network of `examples/digits` is quantised as always, and its sums then taken over by bit streams
(`spikelock.models.network.stochastic`). Everything runs on the engine, whose bits are those of the hardware:
`spikelock cosim` compares them.

Images come in two ways. As *spikes*, as in `examples/digits`: a pixel that fires is a stream of ones, in the
ticks in which it fires. As *values*: a pixel of p is a stream of the value p / 16, in every tick.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.engine import network as engine
from spikelock.models.engine.fabric.chain import make_tile
from spikelock.models.engine.sc.dense import Dense
from spikelock.models.fixed import Ints
from spikelock.models.lfsr import Kind
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.discretise import Discretisation, discretise
from spikelock.models.network.float_simulation import classify, simulate
from spikelock.models.network.lower import lower
from spikelock.models.network.nir_reader import read_nir
from spikelock.models.network.program import Population, Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.network.stochastic import Stochastic, exact_weights, stochastic
from spikelock.models.sc.dense import Product
from spikelock.models.sc.tile import Params

HERE = Path(__file__).parent
DIGITS = HERE.parent / "digits"
LENGTHS = (64, 128, 256, 512, 1024, 2048, 4096)
KINDS: tuple[Kind, ...] = ("fibonacci_left", "fibonacci_right", "galois")
"""Shift registers of three kinds make three sets of streams: how much is chance shows in their spread."""

Spikes = NDArray[np.bool_]


def right_as_spikes(program: Program, spikes: Spikes, labels: Ints) -> int:
    """How many images are put under their label, given as spikes."""
    return _right(engine.run(program, spikes).output_counts(program)[:, np.newaxis], labels)


def right_as_values(program: Program, spikes: Spikes, labels: Ints) -> int:
    """How many are, where each pixel is a value, its share of the ticks, through all ticks."""
    hidden, digit = program.populations
    samples, ticks, inputs = spikes.shape
    first, second = (make_tile(p.params, p.configuration, samples) for p in program.populations)
    current = _currents_of_values(hidden, spikes.sum(axis=1), ticks)
    fired = np.zeros((samples, ticks, digit.params.neurons), np.bool_)
    for tick in range(ticks):
        sent = np.zeros((samples, digit.params.axons), np.bool_)
        sent[:, inputs:] = first.neurons.step(current)
        fired[:, tick] = second.tick(sent)
    return _right(fired, labels)


def _currents_of_values(population: Population, pixels: Ints, most: int) -> Ints:
    """What pixels of 0 … most drive neurons with, in every tick; shape (samples, neurons)."""
    params, configuration = population.params, population.configuration
    if isinstance(params, Params):
        return Dense(params.layer, configuration).currents(pixels * params.full_scale // most)
    drive: Ints = np.rint(pixels @ exact_weights(population).T / most).astype(np.int64)
    bias: Ints = configuration.memories["bias"]["bias"]
    return drive + bias


def right_in_real_numbers(spikes: Spikes, labels: Ints) -> int:
    """How many are, in float64."""
    network = discretise(lower(read_nir(DIGITS / "digits.nir")), Discretisation())
    return _right(simulate(network, spikes)[:, :, -10:], labels)


def measure(
    lengths: Iterable[int] = LENGTHS, kinds: Iterable[Kind] = KINDS, tell: Callable[[str], None] = print
) -> dict[str, Any]:
    """Images put under their label, of the test set: in real numbers, exactly, and by bit streams.

    Each row has, for a length and product, and for images as spikes and as values, one count a kind of
    register.
    """
    exact, _ = compile_nir(DIGITS / "digits.nir")
    spikes, labels = read_spikes(DIGITS / "test.npz", exact.inputs)
    assert labels is not None
    kinds = tuple(kinds)
    real = right_in_real_numbers(spikes, labels)
    right, right_of_values = right_as_spikes(exact, spikes, labels), right_as_values(exact, spikes, labels)
    tell(f"right of {len(labels)} test images, with registers of the kinds {', '.join(kinds)}")
    tell(f" bits  product  {'as spikes':{5 * len(kinds)}}as values")
    tell(f"  in real numbers   {real}")
    tell(f"  with exact sums   {right:<{5 * len(kinds)}}{right_of_values}")
    rows = []
    for length in lengths:
        for product in Product:
            programs = [stochastic(exact, Stochastic(length, product, kind=kind))[0] for kind in kinds]
            row: dict[str, Any] = {
                "length": length,
                "product": product.value,
                "spikes": [right_as_spikes(program, spikes, labels) for program in programs],
                "values": [right_as_values(program, spikes, labels) for program in programs],
            }
            rows.append(row)
            counts = "".join(f"{count:<5}" for way in ("spikes", "values") for count in row[way])
            tell(f"{length:5}  {product.value:7}  {counts.rstrip()}")
    reached = next((r["length"] for r in rows if r["product"] == "and" and r["spikes"][0] >= right), None)
    tell(f"the first register, by AND, is right as often as exact sums are with {reached} bits")
    return {
        "images": len(labels),
        "real": real,
        "exact": {"spikes": right, "values": right_of_values},
        "kinds": list(kinds),
        "rows": rows,
    }


def _right(fired: NDArray[Any], labels: Ints) -> int:
    return int(np.sum(classify(fired) == labels))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=HERE, help="where accuracy.json is written")
    arguments = parser.parse_args()
    text = json.dumps(measure(), indent=1)
    (arguments.folder / "accuracy.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
