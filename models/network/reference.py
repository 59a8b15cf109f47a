"""A program on the exact reference, one event at a time: slow, and the last word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import run_reference
from spikelock.models.fabric import chain
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input, events_of_raster


def run(program: Program, spikes: NDArray[np.bool_]) -> Trace:
    """The level `reference` of a network: the trace that input spikes (samples, ticks, inputs) leave.

    Raises BadInput for spikes of another shape or dtype.
    """
    samples, ticks = check_input(program, spikes)
    events = events_of_raster(spikes, chain.inputs(program.params)["input"])
    _, outputs = run_reference(chain.CORE, program.params, program.configuration, {"input": events})
    return Trace(outputs["output"], samples, ticks, program.addresses)
