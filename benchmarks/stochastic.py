"""How fast streams are made and multiplied, beside SC-NeuroCore, both in this run.

    python benchmarks/stochastic.py [--json FILE]

Rates are in 10^9 bits of streams (LFSR, 16 bits), or of synapses (inputs · neurons · bits of a stream), a
second of processor time, in one thread: the best of many short calls, in rounds that take turns, as other
work on the machine disturbs them. A layer "from values" makes the streams of its inputs, too.
SC-NeuroCore is installed in an environment of its own, build/sc-neurocore.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spikelock.models.engine import kernel
from spikelock.models.engine.sc import packing, sources, streams
from spikelock.models.engine.sc.dense import Dense
from spikelock.models.lfsr import LFSRS
from spikelock.models.sc import dense

HERE = Path(__file__).parent
PEER = HERE.parent / "build" / "sc-neurocore"
PACKAGES = {"sc-neurocore==3.16.0": True, "sc-neurocore-engine==3.15.7": False}
"""What is installed there, and whether nothing is measured without it; the second is the compiled layer."""
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "RAYON")}

INPUTS, NEURONS, LENGTH, SAMPLES, STREAMS = SIZES = 256, 256, 1024, 64, 16384
LARGE = 1024
"""Inputs, and neurons, of the layer of which time and memory to make it are measured."""
ROUNDS = 3
FOR = 0.4
"""Seconds for which each is called in a round."""
GENERATOR = LFSRS["fibonacci16_left"]

Figures = dict[str, float | str]
"""Processor seconds of one call, by name, or why there are none."""


@dataclass(frozen=True)
class Line:
    """What is measured, bits of one call, rates wanted of NumPy and of C, and what is beside it there."""

    name: str
    bits: int
    wanted: tuple[float, float]
    peers: Mapping[str, str]


SYNAPSES = INPUTS * NEURONS * LENGTH
LINES = (
    Line("LFSR streams", STREAMS * LENGTH, (2, 40), {"NumPy": "LFSR encoder"}),
    Line("layer, streams", SYNAPSES, (30, 100), {"Rust": "Rust, forward_prepacked"}),
    Line(
        "layer, from values",
        SYNAPSES,
        (30, 100),
        {
            "NumPy, sc_forward": "sc_forward_numpy",
            "NumPy, layer": "VectorizedSCLayer",
            "Rust": "Rust, forward",
        },
    ),
    Line("batch, from values", SYNAPSES * SAMPLES, (30, 400), {"Rust": "Rust, forward_batch"}),
)


def best(function: Callable[[], object]) -> float:
    """Processor seconds of one call, the best of all within the time."""
    function()
    taken: list[float] = []
    while len(taken) < 3 or sum(taken) < FOR:
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


def lowest(rounds: list[Figures]) -> Figures:
    """The best over the rounds; a text says in each of them the same."""
    return {
        name: value if isinstance(value, str) else min(float(figures[name]) for figures in rounds)
        for name, value in rounds[0].items()
    }


# ---------------------------------------------------------------- here
def layer(size: int) -> Dense:
    """As many inputs as neurons, with random weights of sign and magnitude."""
    width = (size * (size + 1)).bit_length()  # so that all seeds differ
    params = dense.Params(size, size, width=width, length=LENGTH)
    weights = np.random.default_rng(1).integers(-(1 << width), 1 << width, (size, size))
    contents = dense.contents(params, weights)
    return Dense(params, dense.CORE.configuration(params, memories=contents))


def measure(made: Dense) -> Figures:
    """Each line once, by the kernel that $SPIKELOCK_KERNEL says."""
    random = np.random.default_rng(2)
    values = random.integers(0, (1 << made.params.width) + 1, (SAMPLES, INPUTS))
    one = streams.encode(sources.lfsr(made.params.generator, made.params.sources.inputs), values[0], LENGTH)[
        np.newaxis
    ]
    seeds, thresholds = random.integers(1, 65536, STREAMS), random.integers(0, 65537, STREAMS)
    assert np.array_equal(made.sums(values)[0], made.products(values[0]).sum(axis=1))
    calls: tuple[Callable[[], object], ...] = (
        lambda: streams.encode(sources.lfsr(GENERATOR, seeds), thresholds, LENGTH),
        lambda: made.weights.sums(one),
        lambda: made.sums(values[:1]),
        lambda: made.sums(values),
    )
    return {line.name: best(call) for line, call in zip(LINES, calls, strict=True)}


def measure_large() -> str:
    """What it takes to make a large layer, in words."""
    start = time.process_time()
    layer(LARGE)
    seconds = time.process_time() - start
    tracemalloc.start()
    words = layer(LARGE).weights.words.nbytes
    _, peak = tracemalloc.get_traced_memory()
    return (
        f"a layer of {LARGE} × {LARGE} is made in {seconds:.1f} s, with at most {peak / 2**20:.0f} MiB, "
        f"{words / 2**20:.0f} of them its streams"
    )


# ---------------------------------------------------------------- SC-NeuroCore
def install() -> str:
    """Installs it where it is not; returns why it cannot be."""
    if (PEER / "ready").exists():
        return ""
    try:
        venv.create(PEER, with_pip=True, clear=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"no environment for it: {error}"
    for package, needed in PACKAGES.items():
        command = [str(PEER / "bin" / "python"), "-m", "pip", "install", "--quiet", package]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode and needed:
            return f"pip install {package}: {done.stderr.strip().splitlines()[-1]}"
    (PEER / "ready").touch()
    return ""


def measure_peer() -> Figures:
    """Its figures; and that its encoder gives the same bits as ours."""
    with tempfile.TemporaryDirectory(prefix="spikelock-benchmark-") as folder:
        file = Path(folder) / "bits.npz"
        command = [PEER / "bin" / "python", HERE / "stochastic_peer.py", file, *SIZES]
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True)
        published = np.load(file)
    ours = streams.encode(sources.lfsr(GENERATOR, published["seeds"]), published["values"], LENGTH)
    assert np.array_equal(packing.unpack(ours, LENGTH), published["bits"]), "its encoder gives other bits"
    figures: Figures = json.loads(done.stdout)
    return figures


# ---------------------------------------------------------------- the table
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the rates to this file as well")
    arguments = parser.parse_args()
    compiled = kernel.in_use() == "c"
    not_run = install()
    made, rounds, theirs = layer(INPUTS), dict[str, list[Figures]](), list[Figures]()
    for _ in range(ROUNDS):
        for choice in ("numpy", "c") if compiled else ("numpy",):
            os.environ[kernel.VARIABLE] = choice
            rounds.setdefault(choice, []).append(measure(made))
        try:
            theirs += [] if not_run else [measure_peer()]
        except subprocess.CalledProcessError as error:
            not_run = f"stochastic_peer.py returned {error.returncode}"
    ours = {choice: lowest(figures) for choice, figures in rounds.items()}
    peers = lowest(theirs) if theirs else {}

    rates: dict[str, dict[str, float]] = {}
    for line in LINES:
        print(line.name)
        found = rates.setdefault(line.name, {})
        for choice, wanted in zip(ours, line.wanted, strict=False):
            found[choice] = line.bits / float(ours[choice][line.name]) / 1e9
            print(f"  {choice:32} {found[choice]:8.2f} G/s   wanted {wanted}")
        for kind, name in line.peers.items():
            seconds = peers.get(name, not_run)
            if isinstance(seconds, str):
                print(f"  SC-NeuroCore, {kind:18} NOT RUN: {seconds}")
                continue
            found[kind] = line.bits / seconds / 1e9
            ratios = ", ".join(f"{choice} is {found[choice] / found[kind]:.1f} ×" for choice in ours)
            print(f"  SC-NeuroCore, {kind:18} {found[kind]:8.2f} G/s   {ratios} this")
    print(measure_large())
    if arguments.json:
        arguments.json.write_text(json.dumps(rates, indent=2) + "\n")


if __name__ == "__main__":
    if not ONE_THREAD.items() <= os.environ.items():  # libraries read it when they are loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    main()
