"""The software simulator: a program over a batch of samples at once, on the golden engine."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from spikelock.models.engine.fabric.chain import make_tile
from spikelock.models.errors import BadInput
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, concatenate

CELLS_AT_ONCE = 1 << 24
"""Samples × ticks × addresses of one batch, which bounds the memory of a run beside its result."""


def run(
    program: Program,
    spikes: NDArray[np.bool_],
    probe: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Trace:
    """The level `engine` of a network: the trace that input spikes of shape (samples, ticks, inputs) leave.

    probe: names of populations whose membrane potentials after every tick the trace shall hold, int64 of
    shape (samples, ticks, neurons) each. progress: called with the number of samples done, from time to time.

    Raises BadInput for spikes of another shape or dtype and for an unknown population.
    """
    samples, ticks = check_input(program, spikes)
    unknown = set(probe) - {population.name for population in program.populations}
    if unknown:
        names = ", ".join(population.name for population in program.populations)
        raise BadInput(f"no population is called {sorted(unknown)[0]!r}; there are: {names}")
    batch = max(1, CELLS_AT_ONCE // (ticks * program.addresses))
    parts = []
    for start in range(0, samples, batch):
        parts.append(_run_batch(program, spikes[start : start + batch], probe))
        if progress:
            progress(min(start + batch, samples))
    return concatenate(parts)


def _run_batch(program: Program, spikes: NDArray[np.bool_], probe: Collection[str]) -> Trace:
    samples, ticks, inputs = spikes.shape
    raster = np.zeros((samples, ticks, program.addresses), np.bool_)
    raster[:, :, :inputs] = spikes
    membranes = {}
    for population in program.populations:
        first, neurons = population.params.axons, population.params.neurons
        tile = make_tile(population.params, population.configuration, samples)
        if population.name in probe:
            membranes[population.name] = np.zeros((samples, ticks, neurons), np.int64)
        for tick in range(ticks):
            raster[:, tick, first : first + neurons] = tile.tick(raster[:, tick, :first])
            if population.name in probe:
                membranes[population.name][:, tick] = tile.neurons.membrane
    return Trace.of_raster(raster, membranes)
