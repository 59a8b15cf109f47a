"""Co-simulation of a network: the same input at several levels, and one verdict.

The first level is what the others are held against. Agreement is equality of the whole event streams, mark by
mark and spike by spike. A run in which no neuron fires verifies nothing, and is no agreement.
Of a level that lost samples, those that it has are compared; it does not agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from spikelock.models.compare import Divergence, first_divergence
from spikelock.models.errors import BadInput
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.explain import Explanation, explain
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace
from spikelock.models.shrink import Shrunk, shrink

from .network import Level, LevelRun, Spikes, ignore_progress
from .problem import Detector, Problem


@dataclass(frozen=True)
class Comparison:
    """One level against the first.

    events: compared records. divergence, explanation: None where the streams are equal. wave: a VCD file of
    the failing sample, where the level has waves.
    """

    run: LevelRun
    events: int
    divergence: Divergence | None
    explanation: Explanation | None = None
    wave: Path | None = None

    @property
    def agrees(self) -> bool:
        """Every event is equal, and nothing else went wrong."""
        return self.divergence is None and not self.run.problems


@dataclass(frozen=True)
class Cosimulation:
    """All runs, the comparisons of all but the first with the first, and how many spikes neurons fired."""

    first: LevelRun
    comparisons: tuple[Comparison, ...]
    neuron_spikes: int

    @property
    def agrees(self) -> bool:
        """Every level agrees with the first, which itself ran well, and neurons did fire."""
        return self.neuron_spikes > 0 and not self.first.problems and all(c.agrees for c in self.comparisons)


def cosimulate(
    program: Program,
    spikes: Spikes,
    levels: list[Level],
    *,
    name: str = "network",
    progress: Callable[[str, int], None] = lambda level, samples: None,
    folder: Path | None = None,
    shrink_seconds: float = 10.0,
) -> Cosimulation:
    """Runs every level, in order, and compares each with the first.

    progress: is told a level and the number of its samples done. A divergence is explained, and its stimulus
    shrunk for at most about `shrink_seconds`; waves of what fails go to `folder`.
    Raises BadInput where there are fewer than two levels.
    """
    if len(levels) < 2:
        given = ", ".join(level.name for level in levels) or "none"
        raise BadInput(f"levels: {given}; two or more are needed, such as engine,rtl")
    runs = [level.run(spikes, partial(progress, level.name)) for level in levels]
    comparisons = []
    for level, run in zip(levels[1:], runs[1:], strict=True):
        run = _with_loss(run, len(spikes))
        wanted = runs[0].trace.first(run.trace.samples).events
        events = min(len(wanted), len(run.trace.events))
        divergence = first_divergence(wanted, run.trace.events) if run.trace.samples else None
        if divergence is None:
            comparisons.append(Comparison(run, events, None))
        else:
            found = _explained(
                program, spikes, (levels[0], level), (runs[0], run), name, folder, shrink_seconds
            )
            comparisons.append(Comparison(run, events, divergence, *found))
    golden = runs[0].trace.events
    fired = (golden["kind"] == Kind.SPIKE) & (golden["address"] >= program.inputs)
    return Cosimulation(runs[0], tuple(comparisons), int(np.count_nonzero(fired)))


def _with_loss(run: LevelRun, samples: int) -> LevelRun:
    """With a problem for samples that are not there, where the level itself names none."""
    if run.trace.samples == samples or run.problems:
        return run
    missing = f"{run.trace.samples} samples came; {samples} were asked for"
    return replace(run, problems=(Problem(Detector.SCOREBOARD, missing),))


def _explained(
    program: Program,
    spikes: Spikes,
    levels: tuple[Level, Level],
    runs: tuple[LevelRun, LevelRun],
    name: str,
    folder: Path | None,
    shrink_seconds: float,
) -> tuple[Explanation | None, Path | None]:
    """What differs and why, and a wave of it."""
    traces = [run.trace for run in runs]
    plain = explain(program, spikes, *traces)
    wave = None
    if plain is not None and folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        wave = folder / f"{name}-sample{plain.sample}.vcd"
        part = spikes[plain.sample : plain.sample + 1, : plain.tick + 1]
        population = (
            plain.population if plain.population not in (None, "input") else program.populations[0].name
        )
        for index, level in enumerate(levels):
            closer = level.look_closer(part, str(population), wave)
            if closer is not None:
                traces[index] = _with_membranes(traces[index], closer, plain.sample)
    explanation = explain(
        program,
        spikes,
        *traces,
        network=name,
        levels=(levels[0].name, levels[1].name),
        smallest=_smallest(spikes, levels, plain, shrink_seconds),
    )
    return explanation, wave if wave is not None and wave.exists() else None


def _smallest(
    spikes: Spikes, levels: tuple[Level, Level], found: Explanation | None, seconds: float
) -> Shrunk | None:
    """The smallest stimulus on which the two levels differ; None where they do not differ a second time."""

    def fails(part: Spikes) -> bool:
        first, second = (level.run(part, ignore_progress).trace.events for level in levels)
        return first_divergence(first, second) is not None

    try:
        return shrink(fails, spikes, at=(found.sample, found.tick) if found else None, seconds=seconds)
    except BadInput:
        return None


def _with_membranes(trace: Trace, closer: Trace, sample: int) -> Trace:
    """The trace with the membrane potentials that a second run of one sample has shown, 0 elsewhere."""
    membranes = {}
    for name, part in closer.membranes.items():
        whole = np.zeros((trace.samples, trace.ticks, part.shape[2]), np.int64)
        whole[sample, : part.shape[1]] = part[0]
        membranes[name] = whole
    return Trace(trace.events, trace.samples, trace.ticks, trace.addresses, membranes)
