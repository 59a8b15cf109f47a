"""Vectorised frame decoder: frame by frame, and block by block from code to code. The CRC-32 is zlib's."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.frame_decoder import CORE, Params
from spikelock.models.link.protocol import CRC_BYTES, Drop
from spikelock.models.ports import Records


def decode(frame: bytes) -> tuple[bytes, int]:
    """What the blocks of a frame make up, and how many bytes its last code points beyond its end."""
    starts = [0]
    while starts[-1] < len(frame):
        starts.append(starts[-1] + frame[starts[-1]])
    data = np.frombuffer(frame, np.uint8).copy()
    codes = np.array(starts[:-1], np.int64)
    follows_a_zero = np.concatenate([[False], data[codes[:-1]] != 255])
    keep = np.ones(len(data), np.bool_)
    keep[codes] = follows_a_zero
    data[codes] = 0
    return data[keep].tobytes(), starts[-1] - len(frame)


def judge(params: Params, frame: bytes) -> bytes | Drop:
    """The body of a frame without its delimiter, or what is wrong with it."""
    data, beyond = decode(frame)
    wrong = {
        Drop.TOO_LONG: len(data) - CRC_BYTES > params.longest,
        Drop.WRONG_CODE: beyond > 0,
        Drop.TOO_SHORT: len(data) - CRC_BYTES < params.shortest,
        Drop.WRONG_CRC: zlib.crc32(data[:-CRC_BYTES]).to_bytes(CRC_BYTES, "little") != data[-CRC_BYTES:],
    }
    return next((reason for reason, is_so in wrong.items() if is_so), data[:-CRC_BYTES])


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.frame_decoder`."""
    line = inputs["input"]["data"].astype(np.uint8).tobytes()
    found = [judge(params, frame) for frame in line.split(b"\0")[:-1] if frame]
    bodies = [one for one in found if not isinstance(one, Drop)]
    data = np.frombuffer(b"".join(bodies), np.uint8)
    last = np.zeros(len(data), np.int64)
    last[np.cumsum([len(body) for body in bodies], dtype=np.int64) - 1] = 1
    ports = CORE.outputs(params)
    return {
        "output": ports["output"].records(data, last),
        "dropped": ports["dropped"].records([int(one) for one in found if isinstance(one, Drop)]),
    }
