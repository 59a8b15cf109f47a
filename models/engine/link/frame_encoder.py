"""Vectorised frame encoder: all bodies at once.

With a 0 in front of each body and one behind its CRC, COBS is this: each 0 but the last of a frame is
replaced by the distance to the next one. A frame has at most 254 bytes, so no distance exceeds 255. The
CRC-32 is zlib's.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.link.frame_encoder import CORE, Params
from spikelock.models.ports import Records


def frames(bodies: list[bytes]) -> NDArray[np.uint8]:
    """The frames of some bodies, one after the other, with their delimiters."""
    opened = [b"\0" + body + zlib.crc32(body).to_bytes(4, "little") + b"\0" for body in bodies]
    line = np.frombuffer(b"".join(opened), np.uint8).copy()
    ends = np.cumsum([len(one) for one in opened]) - 1
    zeros = np.flatnonzero(line == 0)
    distances = np.diff(zeros, append=0)
    inside = ~np.isin(zeros, ends)
    line[zeros[inside]] = distances[inside]
    return line


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.frame_encoder`."""
    sent = inputs["input"]
    ends = np.flatnonzero(sent["last"]) + 1
    bodies = np.split(sent["data"].astype(np.uint8), ends)[: len(ends)]
    lengths = np.diff(ends, prepend=0)
    bad = (lengths > params.longest) | (lengths < params.shortest)
    good = [body.tobytes() for body, is_so in zip(bodies, bad, strict=True) if not is_so]
    dropped = np.minimum(lengths[bad], params.longest + 1)
    ports = CORE.outputs(params)
    return {"output": ports["output"].records(frames(good)), "dropped": ports["dropped"].records(dropped)}
