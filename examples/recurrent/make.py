"""Makes the recurrent network of this folder, and spikes to drive it. Every random choice comes from a seed.

    python examples/recurrent/make.py [--folder DIR] [--neurons N]

A balanced random network: of the neurons four fifths excite and one fifth inhibits. Each neuron hears as many
others, drawn anew, and an inhibitory synapse weighs four times an excitatory one. Some of the neurons hear
inputs besides. Integers only: there is nothing to quantise.

Source of the kind of network: Brunel, "Dynamics of sparsely connected networks of excitatory and inhibitory
spiking neurons", J. Comput. Neurosci. 8, 2000, model A with one delay, here one tick.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spikelock.models.fabric import tile
from spikelock.models.network.program import Population, Program
from spikelock.models.network.program_file import save_program
from spikelock.models.network.spikes_file import write_spikes
from spikelock.models.neurons import lif

SEED = 2000
NEURONS = 2_048
INPUTS = 64
FAN_IN = 50
"""Neurons that each neuron hears: four fifths of them excite."""

INPUT_FAN_IN = 4
"""Inputs that each neuron hears."""

EXCITES, INHIBITS, DRIVES = 20, -80, 60
"""Weights."""

SAMPLES, TICKS, INPUT_RATE = 8, 32, 0.12


def network(neurons: int = NEURONS, seed: int = SEED) -> Program:
    """The program: one recurrent population behind its inputs."""
    random = np.random.default_rng(seed)
    excitatory = neurons * 4 // 5
    exciting, inhibiting = FAN_IN * 4 // 5, FAN_IN // 5
    sources, weights = [], []
    for _ in range(neurons):
        drawn = (
            (random.choice(INPUTS, INPUT_FAN_IN, replace=False), DRIVES),
            (INPUTS + random.choice(excitatory, exciting, replace=False), EXCITES),
            (INPUTS + excitatory + random.choice(neurons - excitatory, inhibiting, replace=False), INHIBITS),
        )
        sources += [numbers for numbers, _ in drawn]
        weights += [np.full(len(numbers), weight) for numbers, weight in drawn]
    targets = np.repeat(np.arange(neurons), FAN_IN + INPUT_FAN_IN)
    params = tile.Params(
        lif.Params(threshold=256, leak=32, refractory_period=2, constants=True),
        neurons,
        INPUTS,
        len(targets),
        recurrent=True,
    )
    memories = tile.rows_and_synapses(params, np.concatenate(sources), targets, np.concatenate(weights))
    configuration = tile.CORE.configuration(params, {}, memories)
    about = {"source": "examples/recurrent/make.py", "seed": seed}
    return Program(INPUTS, (Population("recurrent", params, configuration),), "recurrent", about)


def stimulus(samples: int = SAMPLES, ticks: int = TICKS, seed: int = SEED) -> NDArray[np.bool_]:
    """Input spikes without any order: shape (samples, ticks, inputs)."""
    return np.random.default_rng([seed, 1]).random((samples, ticks, INPUTS)) < INPUT_RATE


def main() -> None:
    """Writes recurrent.spikelock and input.npz."""
    parser = argparse.ArgumentParser(description="Makes a balanced random network and spikes to drive it.")
    parser.add_argument("--folder", type=Path, default=Path("build/recurrent"), help="build/recurrent")
    parser.add_argument("--neurons", type=int, default=NEURONS, help=f"{NEURONS}; 64 or more")
    arguments = parser.parse_args()
    if arguments.neurons < 64:
        parser.error(f"--neurons {arguments.neurons}: each hears {FAN_IN} others; 64 or more are needed")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    save_program(network(arguments.neurons), arguments.folder / "recurrent.spikelock")
    write_spikes(arguments.folder / "input.npz", stimulus())
    print(f"written: {arguments.folder}/recurrent.spikelock, {arguments.folder}/input.npz")


if __name__ == "__main__":
    main()
