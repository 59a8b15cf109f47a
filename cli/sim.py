"""`spikelock sim`: a network on the golden engine."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from rich.console import Console

from spikelock.models.engine import network as engine

from .arithmetic import add_arithmetic, read_program
from .network import accuracy, add_input, add_network, read_input
from .outcome import Outcome
from .raster import picture

NAME = "sim"
HELP = "Run a network on the golden engine, the software simulator."
EXAMPLES = (
    "spikelock sim examples/digits/digits.nir --input examples/digits/test.npz",
    "spikelock sim network.nir --input spikes.npz --samples 10 --output trace.npz",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, the arithmetic, --input, --output."""
    add_network(command)
    add_arithmetic(command)
    add_input(command)
    command.add_argument("--output", metavar="FILE", help="write the trace, every spike, to FILE (.npz)")


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints spikes by population, accuracy where there are labels, and a raster."""
    program, _ = read_program(arguments)
    spikes, labels = read_input(arguments, program)
    start = time.perf_counter()
    trace = engine.run(program, spikes)
    seconds = time.perf_counter() - start
    if arguments.output:
        trace.save(Path(arguments.output))
    raster = trace.raster()
    names = [("input", program.inputs), *((p.name, p.params.neurons) for p in program.populations)]
    screen.print("\n".join(picture(raster, names, list(range(min(3, len(raster)))))))
    counts, first = {}, 0
    for name, number in names:
        counts[name] = int(raster[:, :, first : first + number].sum())
        first += number
    spikes_text = ", ".join(f"{name} {count}" for name, count in counts.items())
    screen.print(
        f"{len(spikes)} samples of {spikes.shape[1]} ticks in {seconds:.2f} s; spikes: {spikes_text}"
    )
    data = {"summary": trace.summary(), "spikes": counts, "seconds": seconds}
    output = trace.output_counts(program)
    data["output_counts"] = output.tolist()
    if labels is not None:
        data["accuracy"] = accuracy(output, labels)
        screen.print(f"accuracy {data['accuracy']:.2%}")
    return Outcome(0, data)
