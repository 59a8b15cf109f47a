"""Engine of `link.ethernet_transmitter`: whole packets at once, with zlib's CRC."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.ethernet_transmitter import CORE, Params
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.ethernet_transmitter`. A packet that has not ended leaves as it came."""
    packets = inputs["input"]
    parts = np.split(packets["data"].astype(np.uint8), np.flatnonzero(packets["last"]) + 1)
    frames = [_finished(params, part.tobytes()) for part in parts[:-1]]
    data = np.frombuffer(b"".join([*frames, parts[-1].tobytes()]), np.uint8)
    last = np.zeros(len(data), np.int64)
    last[np.cumsum([len(frame) for frame in frames], dtype=np.int64) - 1] = 1
    return {"output": CORE.outputs(params)["output"].records(data.astype(np.int64), last)}


def _finished(params: Params, packet: bytes) -> bytes:
    padded = packet.ljust(params.padded, b"\0")
    return padded + zlib.crc32(padded).to_bytes(4, "little")
