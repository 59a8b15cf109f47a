"""Vectorised node: the tile's events and marks from those of the channel, and back again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.engine.fabric import tile
from spikelock.models.fabric.node import CORE, Params
from spikelock.models.fabric.tile import CORE as TILE
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `fabric.node`."""
    events = inputs["input"]
    port = CORE.outputs(params)["output"]
    if not len(events):
        return {"output": np.zeros(0, port.dtype)}
    sent = _tile_events(params, configuration, events)
    given = {name: configuration.registers[name] for name in TILE.registers(params.tile)}
    own = Configuration(given, configuration.memories)
    done = tile.run(params.tile, own, {"input": sent.events})["output"]

    spikes = (done["kind"] == Kind.SPIKE) & (done["address"] >= params.tile.axons)
    after = np.cumsum(done["kind"] != Kind.SPIKE)[spikes]  # marks of the tile that precede each spike
    marks = np.count_nonzero(events["kind"] == Kind.TICK)
    fired = np.bincount(sent.mark[after], minlength=marks)  # by mark of the channel
    ends = np.concatenate([[0], 1 + np.cumsum(fired + 1)])  # the first mark stands alone
    ends[1:] -= 1
    out = np.zeros(1 + marks + len(after), port.dtype)
    is_mark = np.zeros(len(out), np.bool_)
    is_mark[ends] = True
    out["kind"] = np.where(is_mark, Kind.TICK, Kind.SPIKE)
    key = configuration.registers["base"] + done["address"][spikes] - params.tile.axons
    out["address"][~is_mark] = key % (1 << params.key_width)
    if params.payload_width:
        out["payload"][~is_mark] = params.number
    return {"output": out}


class _Sent:
    """What the tile gets. mark: by TICK or RESTART of the tile, that of the channel that it follows from."""

    def __init__(self, events: Records, mark: Ints) -> None:
        self.events, self.mark = events, mark


def _tile_events(params: Params, configuration: Configuration, events: Records) -> _Sent:
    is_tick = events["kind"] == Kind.TICK
    marks = np.arange(np.count_nonzero(is_tick))
    step_of = np.cumsum(is_tick) - is_tick  # by event, the step it is in
    restarts = np.bincount(step_of[events["kind"] == Kind.RESTART], minlength=len(marks))[: len(marks)] > 0
    last = np.maximum.accumulate(np.where(restarts, marks, -1)) if len(marks) else marks
    before = np.concatenate([[-1], last[:-1]]) if len(marks) else last  # the mark before that restarted
    step = (marks - before - 1) % max(1, configuration.registers["steps"])
    takes = restarts | (step == configuration.registers["step"])

    known = (events["kind"] == Kind.SPIKE) & (events["address"] < params.tile.axons)
    kept = known.copy()
    kept[is_tick] = takes
    kind = events["kind"].copy()
    kind[is_tick] = np.where(restarts, Kind.RESTART, Kind.TICK)
    address = np.where(is_tick, 0, events["address"])
    port = TILE.inputs(params.tile)["input"]
    return _Sent(port.records(kind[kept], address[kept]), marks[takes])
