"""How fast the golden engine is, as a ratio to the exact reference, both in this run.

    python benchmarks/engine.py [--json FILE]

neurons.lif: neuron updates a second, over many neurons at once. network: synaptic events a second (spikes
times the synapses they reach) and neuron updates a second of a two-population program over a batch of
samples.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spikelock.models.compare import first_divergence
from spikelock.models.core import run_reference
from spikelock.models.engine import network as engine
from spikelock.models.engine.neurons.lif import run_many
from spikelock.models.fabric import tile
from spikelock.models.fixed import Rounding
from spikelock.models.network import reference
from spikelock.models.network.program import Population, Program
from spikelock.models.neurons import lif

SEED = 1


def seconds(function: Callable[[], object], least: float = 0.5) -> float:
    """Of one call, the best of as many as fit `least` seconds, at least three."""
    taken: list[float] = []
    while len(taken) < 3 or sum(taken) < least:
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return min(taken)


def measure_lif(rounding: Rounding) -> dict[str, float]:
    """Updates a second of 4,096 neurons on the engine and of one on the reference, on the same inputs."""
    params = lif.Params(rounding=rounding, refractory_period=2)
    port, configuration = lif.inputs(params)["input"], lif.CORE.configuration(params)
    steps, neurons = 200, 4096
    transactions = np.zeros((steps, neurons), port.dtype)
    transactions["current"] = np.random.default_rng(SEED).integers(-50, 150, (steps, neurons))
    one = {"input": transactions[:, 0]}
    expected = run_reference(lif.CORE, params, configuration, one)[1]["output"]
    assert first_divergence(expected, run_many(params, configuration.registers, transactions)[:, 0]) is None
    fast = steps * neurons / seconds(lambda: run_many(params, configuration.registers, transactions))
    slow = steps / seconds(lambda: run_reference(lif.CORE, params, configuration, one))
    return {"engine updates/s": fast, "reference updates/s": slow, "ratio": fast / slow}


def example_program(inputs: int = 64, hidden: int = 96, outputs: int = 10) -> Program:
    """All-to-all, with random weights and the sizes of a small classifier."""
    random = np.random.default_rng(SEED)
    neuron = lif.Params(current_width=20, threshold=2000, width=20)
    populations, axons = [], inputs
    for name, neurons, first in (("hidden", hidden, 0), ("output", outputs, inputs)):
        params = tile.Params(neuron, neurons, axons, (axons - first) * neurons)
        source, target = np.divmod(np.arange((axons - first) * neurons), neurons)
        contents = tile.rows_and_synapses(
            params, source + first, target, random.integers(-90, 128, len(source))
        )
        populations.append(Population(name, params, tile.CORE.configuration(params, memories=contents)))
        axons += neurons
    return Program(inputs, tuple(populations), "output")


def synaptic_events(program: Program, raster: NDArray[np.bool_]) -> int:
    """Spikes of a raster times the synapses that each reaches."""
    total = 0
    for population in program.populations:
        rows = population.exact.rows
        total += int(
            (raster[:, :, :rows].sum(axis=(0, 1)) * population.configuration.memories["rows"]["length"]).sum()
        )
    return total


def measure_network() -> dict[str, float]:
    """The program over 360 samples of 32 ticks on the engine, and over one sample on the reference."""
    program = example_program()
    spikes = np.random.default_rng(SEED).random((360, 32, program.inputs)) < 0.2
    trace = engine.run(program, spikes)
    assert (
        first_divergence(reference.run(program, spikes[:1]).events, engine.run(program, spikes[:1]).events)
        is None
    )
    neurons = program.addresses - program.inputs
    fast, slow = (
        seconds(lambda: engine.run(program, spikes)),
        seconds(lambda: reference.run(program, spikes[:1])),
    )
    raster = trace.raster()
    fast_events, slow_events = (
        synaptic_events(program, raster) / fast,
        synaptic_events(program, raster[:1]) / slow,
    )
    return {
        "engine synaptic events/s": fast_events,
        "reference synaptic events/s": slow_events,
        "engine updates/s": spikes.shape[0] * spikes.shape[1] * neurons / fast,
        "reference updates/s": spikes.shape[1] * neurons / slow,
        "ratio": fast_events / slow_events,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    arguments = parser.parse_args()
    figures = {f"neurons.lif, {rounding.value}": measure_lif(rounding) for rounding in Rounding}
    figures["network"] = measure_network()
    for what, values in figures.items():
        print(what)
        for name, value in values.items():
            print(f"  {name:28} {value:>16,.0f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
