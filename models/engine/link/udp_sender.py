"""Engine of `link.udp_sender`: cuts the whole stream at once, and puts a header before each part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.udp_sender import CORE, Params
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.udp_sender`."""
    data = inputs["input"]["data"]
    zeros = (np.flatnonzero(data == 0) + 1).tolist()
    ends: list[int] = []
    for start, stop in zip([0, *zeros], [*zeros, len(data) + 1], strict=True):
        ends += [*range(start + params.longest, stop, params.longest), stop]
    del ends[-1]  # beyond the last byte
    parts = [part for part in np.split(data, ends)[: len(ends)] if part.tolist() != [0]]
    frames = [_frame(params, configuration, part) for part in parts if configuration.registers["known"]]
    last = [np.arange(len(frame)) == len(frame) - 1 for frame in frames]
    empty = np.zeros(0, np.int64)
    return {
        "output": CORE.outputs(params)["output"].records(
            np.concatenate([empty, *frames]), np.concatenate([empty, *last]).astype(np.int64)
        )
    }


def _frame(params: Params, configuration: Configuration, payload: Records) -> Records:
    own, peer = params.station, configuration.registers
    words = np.zeros(21, np.int64)
    words[0:3] = _words(peer["peer_station"], 3)
    words[3:6] = _words(own.mac, 3)
    words[6:8] = 0x0800, 0x4500
    words[8] = len(payload) + 28
    words[10:12] = 0x4000, 0x4011
    words[13:15] = _words(own.address, 2)
    words[15:17] = _words(peer["peer_address"], 2)
    words[12] = -words[7:17].sum() % 0xFFFF  # the sum is not 0, so neither is this 0xFFFF
    words[17:20] = own.port, peer["peer_port"], len(payload) + 8
    return np.concatenate([np.stack([words >> 8, words & 0xFF], 1).reshape(-1), payload])


def _words(number: int, count: int) -> list[int]:
    return [number >> 16 * i & 0xFFFF for i in reversed(range(count))]
