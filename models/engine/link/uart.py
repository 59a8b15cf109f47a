"""Vectorised UART: which character's byte arrives, when it leaves, and what else is reported, as arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.uart import CORE, Event, Params
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.uart`.

    Held characters in a row are a stretch: of those that are not damaged the first waits, all others are
    lost. What waits leaves with the first character that is not held, before that one.
    """
    sent = inputs["input"]
    number = np.arange(len(sent))
    held, whole = sent["held"] == 1, sent["damaged"] == 0
    stretch = np.cumsum(~held)  # the same for all of a stretch
    candidates = number[held & whole]
    waiting = candidates[np.unique(stretch[candidates], return_index=True)[1]]
    freeing = np.append(number[~held], len(sent))  # leaves with the next of these
    leaves = freeing[np.searchsorted(freeing, waiting)]
    waiting, leaves = waiting[leaves < len(sent)], leaves[leaves < len(sent)]

    kind = np.select([~whole, held], [Event.FRAMING_ERROR, Event.OVERRUN], Event.BYTE)
    silent = np.zeros(len(sent), np.bool_)
    silent[candidates[np.unique(stretch[candidates], return_index=True)[1]]] = True
    data = np.where(kind == Event.BYTE, sent["data"], 0)

    when = np.concatenate([leaves, number[~silent]])
    order = np.argsort(when, kind="stable")  # what waited comes first
    kinds = np.concatenate([np.full(len(waiting), Event.BYTE), kind[~silent]])[order]
    bytes_ = np.concatenate([sent["data"][waiting], data[~silent]])[order]
    return {"output": CORE.outputs(params)["output"].records(kinds, bytes_)}
