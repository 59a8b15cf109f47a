"""Vectorised decoder: every event's step from a sum over marks, and a table of steps by neurons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.aer.decoder import CORE, Params
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `aer.decoder`."""
    events = inputs["input"]
    is_mark = events["kind"] == Kind.TICK
    step = np.cumsum(is_mark) - is_mark
    steps = int(np.count_nonzero(is_mark))
    whole = step < steps  # those behind the last mark have no vector yet
    late = np.zeros(len(events), np.bool_)
    if params.event.tick_width:
        late = events["tick"] != step % (1 << params.event.tick_width)
    neuron = events["address"] - params.base
    known = (neuron >= 0) & (neuron < params.neurons)
    is_spike = (events["kind"] == Kind.SPIKE) & ~late
    spikes = whole & is_spike & known
    each = np.zeros((steps, params.neurons), np.int64)
    np.add.at(each, (step[spikes], neuron[spikes]), 1)

    def counted(
        which: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.bincount(step[which & whole], minlength=steps)

    counts = {
        "late": counted(late),
        "outside": counted(is_spike & ~known),
        "doubled": each.sum(axis=1) - (each > 0).sum(axis=1),
        "other": counted(~late & ~is_mark & (events["kind"] != Kind.SPIKE)),
    }
    bits = np.zeros((steps, -(-params.neurons // 64) * 64), np.bool_)
    bits[:, : params.neurons] = each > 0
    words = np.packbits(bits, axis=1, bitorder="little").view("<u8")
    columns = [words[:, n] for n in range(words.shape[1])]
    most = (1 << params.count_width) - 1
    return {
        "vector": CORE.outputs(params)["vector"].records(
            *columns, *(np.minimum(counts[name], most) for name in params.counts)
        )
    }
