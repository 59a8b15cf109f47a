"""Whole networks: the same input spikes at several levels, held against each other event for event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spikelock.models.fabric import tile
from spikelock.models.fabric.chain import CORE
from spikelock.models.network.compile import compile_nir
from spikelock.models.network.program import Population, Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.network.stochastic import Stochastic, stochastic
from spikelock.models.neurons import lif
from spikelock.testbenches.cosim import Comparison, cosimulate
from spikelock.testbenches.fabric.events import random_connections
from spikelock.testbenches.network import Spikes, make_levels
from spikelock.testbenches.problem import Detector, Problem

from ..failures import failures_folder
from ..task import Result, Stage, Task

TITLE = "Networks across levels"

DIGITS = Path(__file__).resolve().parents[3] / "examples" / "digits"
"""The trained example; an installed package has no examples."""

FIRST = "engine"
"""The level that the others are held against."""

EXAMPLES = {"digits": None, "digits by bit streams": Stochastic(length=64)}
"""The trained network with exact sums, and with bit streams."""

SAMPLES = {
    "random": {
        "reference": {"smoke": 4, "full": 50, "release": 1_000},
        "rtl": {"smoke": 20, "full": 500, "release": 20_000},
        "cocotb": {"smoke": 1, "full": 4, "release": 50},
        "icarus": {"smoke": 1, "full": 4, "release": 50},
    },
    "digits": {"rtl": {"smoke": 10, "full": 360, "release": 360}},
    "digits by bit streams": {"rtl": {"smoke": 4, "full": 60, "release": 360}},
}
"""Network → level → stage → samples that are run."""


def tasks(core: str, stage: Stage, seed: int) -> list[Task]:
    """One a network and level, for the core that runs networks."""
    if core != CORE.name:
        return []
    return [
        Task("networks", core, {"network": network, "level": level, "samples": samples[stage], "seed": seed})
        for network, levels in SAMPLES.items()
        if network == "random" or DIGITS.is_dir()
        for level, samples in levels.items()
    ]


def seconds(task: Task) -> float:
    """About how long it takes from nothing."""
    return 90.0 if task.arguments["network"] in EXAMPLES else 30.0


def run(task: Task) -> Result:
    """Data: samples, events that were compared, spikes that neurons fired."""
    network, level = task.arguments["network"], task.arguments["level"]
    samples, seed = task.arguments["samples"], task.arguments["seed"]
    if network == "random":
        program, spikes = random_program(), random_spikes(samples, seed)
    else:
        program, spikes = digits(samples, EXAMPLES[network])
    levels = make_levels(program, [FIRST, level], seed=seed, processes=1)
    done = cosimulate(program, spikes, levels, name=network, folder=failures_folder())
    (comparison,) = done.comparisons
    problems = _problems(comparison)
    if not done.neuron_spikes:
        problems.append(Problem(Detector.UNMOVED, "no neuron fired, so the comparison says nothing"))
    return Result(
        task,
        f"{network}: {level} against {FIRST}",
        "failed" if problems else "passed",
        [str(problem) for problem in problems],
        [problem.detector.value for problem in problems],
        _again(network, samples, seed) if network in EXAMPLES else "",
        {"waves": str(comparison.wave)} if comparison.wave else {},
        cycles=comparison.run.cycles or 0,
        data={
            "network": network,
            "level": level,
            "samples": samples,
            "events": comparison.events,
            "neuron_spikes": done.neuron_spikes,
        },
    )


def random_program() -> Program:
    """Six inputs, a recurrent population of eight, and one of four that sees inputs and the first."""
    neuron = lif.Params(refractory_period=1)
    sizes = {
        "first": tile.Params(neuron, neurons=8, axons=6, synapses=14 * 8, recurrent=True),
        "second": tile.Params(neuron, neurons=4, axons=14, synapses=14 * 4),
    }
    populations = [
        Population(name, one, tile.CORE.configuration(one, {}, random_connections(one, number, 0.6, -40, 90)))
        for number, (name, one) in enumerate(sizes.items())
    ]
    return Program(6, tuple(populations), "second", {"source": "made at random"})


def random_spikes(samples: int, seed: int) -> Spikes:
    """Input spikes for it, shape (samples, 15 ticks, 6)."""
    return np.random.default_rng(seed).random((samples, 15, 6)) < 0.4


def digits(samples: int, streams: Stochastic | None) -> tuple[Program, Spikes]:
    """The example's program, with exact sums or bit streams, and its first test images."""
    program, _ = compile_nir(DIGITS / "digits.nir")
    if streams:
        program, _ = stochastic(program, streams)
    spikes, _ = read_spikes(DIGITS / "test.npz", program.inputs)
    return program, spikes[:samples]


def _problems(comparison: Comparison) -> list[Problem]:
    problems = list(comparison.run.problems)
    if comparison.divergence is not None:
        lines: Any = comparison.explanation.lines() if comparison.explanation else [comparison.divergence]
        problems += [Problem(Detector.SCOREBOARD, str(line).strip()) for line in lines]
    return problems


def _again(network: str, samples: int, seed: int) -> str:
    example = "examples/digits/digits.nir --input examples/digits/test.npz"
    streams = EXAMPLES[network]
    arithmetic = f" --arithmetic stochastic --length {streams.length}" if streams else ""
    return f"spikelock cosim {example}{arithmetic} --levels engine,rtl --samples {samples} --seed {seed}"
