"""Vectorised synchroniser and desynchroniser.

How many ones are saved is a saturating counter; what goes out follows from what came in and how the number
changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.models.sc.synchroniser import Kind, Params, outputs

from .saturating_walk import saturating_walk

Bits = NDArray[np.int64]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `sc.synchroniser`."""
    given = inputs["input"]
    return {"output": outputs(params)["output"].records(*correlated(params, given["x"], given["y"]))}


def correlated(params: Params, x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """Both streams as they go out; shapes of x and y, (…, steps)."""
    return (_synchronised if params.kind is Kind.SYNCHRONISER else _desynchronised)(params.depth, x, y)


def _synchronised(depth: int, x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """Saved ones of x count up, those of y down: what is saved more than before does not go out."""
    before, after = saturating_walk(x - y, 0, -depth, depth)
    return (
        x + np.maximum(before, 0) - np.maximum(after, 0),
        y - np.minimum(before, 0) + np.minimum(after, 0),
    )


def _desynchronised(depth: int, x: Bits, y: Bits) -> tuple[Bits, Bits]:
    """Both those that are saved and those that come back take turns, x first."""
    before, after = saturating_walk(x + y - 1, 0, 0, depth)
    saves, returns = after > before, after < before
    save_of_y = (np.cumsum(saves, axis=-1) - saves) % 2
    return_of_y = (np.cumsum(returns, axis=-1) - returns) % 2
    return (
        x - (saves & (save_of_y == 0)) + (returns & (return_of_y == 0)),
        y - (saves & (save_of_y == 1)) + (returns & (return_of_y == 1)),
    )
