"""Vectorised chain of tiles: the stream of each tile is the input of the next."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.core import Configuration
from spikelock.models.engine.fabric import tile
from spikelock.models.fabric.chain import Params, split
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `fabric.chain`: output events of the last tile for input events of the first."""
    events = inputs["input"]
    for sizes, part in zip(params.tiles, split(params, configuration), strict=True):
        events = tile.run(sizes, part, {"input": events})["output"]
    return {"output": events}
