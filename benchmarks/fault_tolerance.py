"""What flipped bits do to stochastic and to fixed-point hardware: the data of docs/precision.md.

    python benchmarks/fault_tolerance.py --keep docs/fault_tolerance.json

streams: accuracy of the digits network by the probability with which every bit that goes into its arithmetic
flips: 8-bit weights, and bit streams of a length of the same accuracy without flips, and of a shorter one.
registers: one layer in RTL, as `fabric.tile` and as `sc.tile`; spikes that are wrong by the probability with
which every bit of its state flips in a cycle. campaigns: what one upset a run does to cores, as `spikelock
faults` counts it. Everything is seeded.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.engine.sc.bit_flips import FlippedStreams, FlippedWords, run_chain
from spikelock.models.fabric import tile
from spikelock.models.fabric.tile import Kind
from spikelock.models.files import written_whole
from spikelock.models.fixed import Rounding
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.float_simulation import classify
from spikelock.models.network.program import Population, Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.network.stochastic import Stochastic, stochastic
from spikelock.models.network.trace import events_of_raster
from spikelock.models.neurons import lif
from spikelock.models.ports import Records
from spikelock.models.sc import tile as sc_tile
from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.faults import Outcome, upsets
from spikelock.testbenches.faults.rates import Exposed, expose
from spikelock.testbenches.faults.upsets import Store

DIGITS = Path(__file__).parents[1] / "examples" / "digits"
LENGTHS = (256, 2048)
FLIP_RATES = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 2e-1, 3e-1)
UPSET_RATES = (1e-8, 3e-8, 1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4)
RUNS = 3
"""Of the digits network at each rate."""
UPSET_RUNS = 40
"""Of the layer in RTL at each rate."""
TICKS = 20
CORES = ("neurons.lif", "fabric.tile", "sc.dense")
CAMPAIGN = 1_000
"""Upsets of a campaign."""

Spikes = NDArray[np.bool_]


def main() -> None:
    """Measures, prints and keeps the numbers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    found: dict[str, dict[str, Any]] = {
        "streams": digits(),
        "registers": registers(),
        "campaigns": campaigns(),
    }
    for part in ("streams", "registers"):
        for curve in found[part]["curves"]:
            print(curve["name"], *(f"{rate:g}: {value:.4g}" for rate, value in curve["points"]))
    for core, groups in found["campaigns"].items():
        print(
            core,
            *(
                f"{group}: {share:.3f} ({low:.3f} to {high:.3f})"
                for group, (share, low, high) in groups.items()
            ),
        )
    if arguments.keep:
        with written_whole(arguments.keep) as file:
            file.write(f"{json.dumps(found, indent=1)}\n".encode())


def digits() -> dict[str, Any]:
    """Accuracy of the digits network by flip rate."""
    program, _ = compile_nir(DIGITS / "digits.nir")
    spikes, labels = read_spikes(DIGITS / "test.npz", program.inputs)

    def points(run: Callable[[float, np.random.Generator], Spikes]) -> list[tuple[float, float]]:
        runs = {rate: [run(rate, np.random.default_rng(seed)) for seed in range(RUNS)] for rate in FLIP_RATES}
        return [(rate, float(np.mean([accuracy(fired) for fired in some]))) for rate, some in runs.items()]

    def accuracy(fired: Spikes) -> float:
        counts = fired.sum(axis=1, dtype=np.int64)
        return float(np.mean(classify(counts[:, np.newaxis]) == labels))

    def words(rate: float, random: np.random.Generator) -> Spikes:
        return run_chain([FlippedWords(p, rate, random, len(spikes)) for p in program.populations], spikes)

    def streams(length: int, rate: float, random: np.random.Generator) -> Spikes:
        made, _ = stochastic(program, Stochastic(length))
        pairs = zip(program.populations, made.populations, strict=True)
        return run_chain([FlippedStreams(e, s, rate, random, len(spikes)) for e, s in pairs], spikes)

    curves = [{"name": "8-bit weights", "points": points(words)}]
    for length in reversed(LENGTHS):
        curves.append({"name": f"streams, {length} bits", "points": points(partial(streams, length))})
    return {"samples": len(spikes), "runs": RUNS, "curves": curves}


def layer() -> tuple[Population, Population, Records]:
    """Eight inputs, four neurons: with exact sums, and with streams of 256 bits. Events of random spikes."""
    random = np.random.default_rng(1)
    neuron = lif.Params(constants=True, leak=16, rounding=Rounding.NEAREST_EVEN)
    params = tile.Params(neuron, neurons=4, axons=8, synapses=32)
    source, target = np.divmod(np.arange(32), 4)
    contents = tile.rows_and_synapses(params, source, target, random.integers(-60, 128, 32))
    exact = Population("layer", params, tile.CORE.configuration(params, memories=contents))
    made, _ = stochastic(Program(8, (exact,), "layer"), Stochastic(256))
    events = events_of_raster(random.random((1, TICKS, 8)) < 0.4, tile.event(8))
    return exact, made.populations[0], events


def registers() -> dict[str, Any]:
    """Wrong spikes of the layer by upset rate, and how many differ between both designs without upsets."""
    exact, streams, events = layer()
    curves, designs, right = [], [], []
    for core, population in ((tile.CORE, exact), (sc_tile.CORE, streams)):
        exposed = expose(core, population.params, population.configuration, {"input": events}, silence=3000)
        right.append(raster(exposed.expected["output"]))
        designs.append({"core": core.name, "bits": exposed.bits, "cycles": exposed.cycles})
        for group, belongs in GROUPS.items():
            stores = [store for store in exposed.design.stores if belongs(store)]
            if stores:
                points = [(rate, wrong_spikes(exposed, rate, stores)) for rate in UPSET_RATES]
                bits = sum(store.bits for store in stores)
                curves.append({"name": f"{core.name}, {group}", "bits": bits, "points": points})
    differ = float(np.mean(right[0] != right[1]))
    return {"ticks": TICKS, "runs": UPSET_RUNS, "designs": designs, "differ": differ, "curves": curves}


def campaigns() -> dict[str, dict[str, tuple[float, float, float]]]:
    """Silent corruptions by one upset in the first case of a bench: part of all upsets, and its interval."""
    found = {}
    for core in CORES:
        bench = find_bench(core)
        groups = upsets(bench, bench.cases[0], CAMPAIGN, seed=1).by_group()
        found[core] = {
            group: (tally.share(Outcome.SILENT), *tally.interval(Outcome.SILENT))
            for group, tally in groups.items()
        }
    return found


GROUPS: dict[str, Callable[[Store], bool]] = {
    "registers": lambda store: not store.is_memory,
    "memories": lambda store: store.is_memory,
    "sources": lambda store: re.fullmatch(r"layer\.(input|synapse)_[\d_]+", store.name) is not None,
}
"""State of a design: the shift registers of a stochastic layer are among its registers."""


def wrong_spikes(exposed: Exposed, rate: float, stores: list[Store]) -> float:
    """Part of the spikes that are not as without upsets: of every neuron in every tick."""
    right = raster(exposed.expected["output"])
    runs = [exposed.run(rate, seed, stores).outputs.get("output") for seed in range(UPSET_RUNS)]
    return float(np.mean([1.0 if sent is None else np.mean(raster(sent) != right) for sent in runs]))


def raster(events: Records) -> Spikes:
    """Who fired when, by the marks that came: (ticks, neurons). What is missing did not fire."""
    tick = np.cumsum(events["kind"] == Kind.TICK)
    own = (
        (events["kind"] == Kind.SPIKE) & (events["address"] >= 8) & (events["address"] < 12) & (tick < TICKS)
    )
    fired = np.zeros((TICKS, 4), np.bool_)
    fired[tick[own], events["address"][own] - 8] = True
    return fired


if __name__ == "__main__":
    main()
