"""Vectorised chain of tiles: the stream of each tile is the input of the next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from spikelock.models.core import Configuration
from spikelock.models.engine.fabric import tile
from spikelock.models.engine.sc import tile as sc_tile
from spikelock.models.fabric.chain import Params, TileParams, split
from spikelock.models.fabric.tile import Params as ExactParams
from spikelock.models.fabric.tile import event
from spikelock.models.ports import Records

from .event_stream import run_events


def make_tile(params: TileParams, configuration: Configuration, samples: int) -> tile.Tile | sc_tile.Tile:
    """The engine of a tile of either kind, for a number of samples at once."""
    if isinstance(params, ExactParams):
        return tile.Tile(params, configuration, samples)
    return sc_tile.Tile(params, configuration, samples)


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `fabric.chain`: output events of the last tile for input events of the first."""
    events = inputs["input"]
    for sizes, part in zip(params.tiles, split(params, configuration), strict=True):
        make = partial(make_tile, sizes, part)
        events = run_events(make, sizes, events, event(sizes.axons + sizes.neurons))
    return {"output": events}
