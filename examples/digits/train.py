"""Trains the spiking network of this example; writes digits.nir, test.npz and environment.txt beside itself.

    pip install 'spikelock[train]'
    python examples/digits/train.py

The data are the UCI handwritten digits that come with scikit-learn: 1,797 images of 8 × 8 pixels of 0 … 16. A
pixel of value p fires p times in 16 ticks, evenly spread, so an image becomes spikes without chance or loss.
The network is Input 64 → Affine → LIF → Affine → LIF 10 → Output; the answer is the output neuron that fires
most.

Training is backpropagation through time in NumPy alone: the step of the LIF is replaced, backwards, by a
smooth bump around the threshold (surrogate gradient: Neftci, Mostafa and Zenke, IEEE Signal Processing
Magazine 36(6), 2019). What is trained is what is exported: forwards, the network obeys the equation of
`spikelock.models.network.discretise` with forward Euler, dt = 100 µs and reset to value. Every random choice
comes from SEED.
"""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import nir
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from spikelock.models.network.discretise import Discretisation, discretise
from spikelock.models.network.float_simulation import classify, simulate
from spikelock.models.network.lower import lower
from spikelock.models.network.nir_reader import read_nir
from spikelock.models.network.spikes_file import write_spikes

HERE = Path(__file__).parent
SEED = 20
TICKS = 16
HIDDEN = 64
TEST_IMAGES = 360
DT, TAU = 1e-4, 8e-4
LEAK = DT / TAU
EPOCHS, BATCH, RATE = 60, 64, 2e-3

Reals = NDArray[np.float64]


def encode(images: Reals) -> NDArray[np.bool_]:
    """Pixels 0 … 16, shape (images, 64), as spikes, shape (images, 16, 64): pixel p fires p times, evenly
    spread."""
    tick = np.arange(TICKS + 1)[None, :, None]
    fired = np.floor(tick * images[:, None, :] / TICKS)
    return np.diff(fired, axis=1) > 0


class Layer:
    """Affine and LIF: u = v − LEAK·v + W·s + b, a spike where u > 1, then v = 0; otherwise v = u."""

    def __init__(self, inputs: int, neurons: int, random: np.random.Generator) -> None:
        self.weight = random.normal(0, 1.5 / np.sqrt(inputs), (neurons, inputs))
        self.bias = np.zeros(neurons)

    def forward(self, spikes: Reals) -> Reals:
        """Shapes: (samples, ticks, inputs) to (samples, ticks, neurons)."""
        self.inputs = spikes
        current = spikes @ self.weight.T + self.bias
        self.potential, self.spikes = np.empty_like(current), np.empty_like(current)
        v = np.zeros_like(current[:, 0])
        for t in range(spikes.shape[1]):
            u = v - LEAK * v + current[:, t]
            self.potential[:, t] = u
            self.spikes[:, t] = u > 1
            v = np.where(u > 1, 0.0, u)
        return self.spikes

    def backward(self, gradient: Reals) -> tuple[Reals, list[Reals]]:
        """From dL/dspikes: dL/dinputs, and the gradients of weight and bias. A reset passes no gradient."""
        surrogate = 1 / (1 + 4 * np.abs(self.potential - 1)) ** 2
        current = np.empty_like(gradient)
        after = np.zeros_like(gradient[:, 0])
        for t in reversed(range(gradient.shape[1])):
            u = gradient[:, t] * surrogate[:, t] + after * (1 - self.spikes[:, t])
            current[:, t] = u
            after = u * (1 - LEAK)
        weight = np.einsum("btn,bti->ni", current, self.inputs, optimize=True)
        return current @ self.weight, [weight, current.sum(axis=(0, 1))]


class Adam:
    """Kingma and Ba's optimiser, in place."""

    def __init__(self, parameters: list[Reals]) -> None:
        self.parameters, self.step = parameters, 0
        self.mean = [np.zeros_like(p) for p in parameters]
        self.square = [np.zeros_like(p) for p in parameters]

    def update(self, gradients: list[Reals], rate: float) -> None:
        self.step += 1
        for p, g, m, s in zip(self.parameters, gradients, self.mean, self.square, strict=True):
            m += 0.1 * (g - m)
            s += 0.001 * (g * g - s)
            p -= rate * (m / (1 - 0.9**self.step)) / (np.sqrt(s / (1 - 0.999**self.step)) + 1e-8)


def train(spikes: Reals, labels: NDArray[np.int64], seed: int, epochs: int) -> list[Layer]:
    """Two layers, trained on cross entropy of the output spike counts."""
    random = np.random.default_rng(seed)
    layers = [Layer(spikes.shape[2], HIDDEN, random), Layer(HIDDEN, 10, random)]
    optimiser = Adam([p for layer in layers for p in (layer.weight, layer.bias)])
    for epoch in range(epochs):
        order = random.permutation(len(spikes))
        hits = 0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            fired = layers[1].forward(layers[0].forward(spikes[batch]))
            counts = fired.sum(axis=1)
            likely = np.exp(counts - counts.max(axis=1, keepdims=True))
            likely /= likely.sum(axis=1, keepdims=True)
            hits += int(np.sum(counts.argmax(axis=1) == labels[batch]))
            loss = (likely - np.eye(10)[labels[batch]]) / len(batch)
            behind, last = layers[1].backward(np.repeat(loss[:, None], TICKS, axis=1))
            _, first = layers[0].backward(behind)
            optimiser.update(first + last, RATE * (1 - epoch / epochs))
        print(f"epoch {epoch + 1:3} of {epochs}: {hits / len(spikes):.2%} of the training images", flush=True)
    return layers


def export(layers: list[Layer], path: Path) -> None:
    """The trained layers as NIR. r = tau / dt makes a weight the jump of the potential."""
    nodes: dict[str, nir.NIRNode] = {"input": nir.Input(np.array([64]))}
    for name, layer in zip(("hidden", "digit"), layers, strict=True):
        weight, bias = layer.weight.astype(np.float32), layer.bias.astype(np.float32)
        one = np.ones(len(bias))
        nodes[f"{name}_weights"] = nir.Affine(weight, bias)
        nodes[name] = nir.LIF(
            tau=TAU * one, r=TAU / DT * one, v_leak=0 * one, v_threshold=one, v_reset=0 * one
        )
    nodes["output"] = nir.Output(np.array([10]))
    nir.write(path, nir.NIRGraph(nodes, list(pairwise(nodes))))


def write_environment(path: Path) -> None:
    """What was installed, as requirements: another version may round differently and give another network."""
    packages = ("numpy", "scipy", "scikit-learn", "nir", "h5py")
    lines = [f"# Python {platform.python_version()}, {platform.machine()}"]
    path.write_text("\n".join(lines + [f"{name}=={version(name)}" for name in packages]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--folder", type=Path, default=HERE, help="where the files are written")
    arguments = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=TEST_IMAGES, stratify=labels, random_state=arguments.seed
    )
    layers = train(encode(train_images).astype(np.float64), train_labels, arguments.seed, arguments.epochs)
    export(layers, arguments.folder / "digits.nir")
    write_spikes(arguments.folder / "test.npz", encode(test_images), test_labels)
    write_environment(arguments.folder / "environment.txt")

    network = discretise(lower(read_nir(arguments.folder / "digits.nir")), Discretisation(dt=DT))
    raster = simulate(network, encode(test_images))
    hits = classify(raster[:, :, -10:]) == test_labels
    right = f"{int(hits.sum())} of {len(hits)} test images"
    print(f"float accuracy: {hits.mean():.2%}, {right}, seed {arguments.seed}")


if __name__ == "__main__":
    main()
