"""Vectorised link: what arrives is what was sent, up to the end of the last whole packet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.endpoint import Params
from spikelock.models.ports import Records


def arrived(sent: Records, longest: int) -> Records:
    """The whole packets of a stream of beats; a packet ends after `longest` beats at the latest."""
    ends = np.flatnonzero(sent["last"])
    starts = np.concatenate([[0], ends + 1])
    lengths = np.diff(np.concatenate([starts, [len(sent)]]))
    place = np.arange(len(sent)) - np.repeat(starts, lengths)
    beats = sent.copy()
    beats["last"] |= place % longest == longest - 1
    return beats[: len(beats) - int(np.argmax(np.append(beats["last"][::-1], 1)))]


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.endpoint`, of two that are joined; what the line does changes nothing."""
    return {
        "at_board": arrived(inputs["to_board"], params.longest),
        "at_host": arrived(inputs["to_host"], params.longest),
    }
