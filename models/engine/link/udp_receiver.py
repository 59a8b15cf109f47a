"""Engine of `link.udp_receiver`: whole frames at once, with zlib's CRC and sums over words."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.core import Configuration
from spikelock.models.link.ethernet import Drop
from spikelock.models.link.udp_receiver import CORE, Params
from spikelock.models.ports import Records

Bytes = NDArray[np.uint8]

RESIDUE = 0x2144DF1C
"""The CRC-32 of anything followed by its own CRC-32."""


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.udp_receiver`."""
    stream = inputs["input"]
    ends = np.flatnonzero(stream["last"]) + 1
    data = stream["data"].astype(np.uint8)
    frames = np.split(data, ends)[: len(ends)]
    payloads: list[Bytes] = []
    replies: list[Bytes] = []
    peers: list[tuple[int, int, int]] = []
    reasons: list[int] = []
    for frame in frames:
        reason = _reason(params, frame)
        if reason is not None:
            reasons.append(reason)
        elif frame[13] == 6:
            replies.append(_arp_reply(params, frame))
        elif frame[23] == 1:
            replies.append(_echo_reply(frame))
        else:
            payloads += [frame[42 : 34 + _number(frame, 38, 2)], np.zeros(1, np.uint8)]
            peers.append((_number(frame, 6, 6), _number(frame, 26, 4), _number(frame, 34, 2)))
    ports = CORE.outputs(params)
    lasts = [np.arange(len(reply)) == len(reply) - 1 for reply in replies]
    return {
        "payload": ports["payload"].records(_joined(payloads)),
        "replies": ports["replies"].records(_joined(replies), _joined(lasts)),
        "peer": ports["peer"].from_tuples(peers),
        "dropped": ports["dropped"].records(np.array(reasons, np.int64)),
    }


def _joined(parts: list[Any]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.uint8)


def _number(frame: Bytes, at: int, count: int) -> int:
    return int.from_bytes(frame[at : at + count].tobytes())


def _valid(*parts: Bytes) -> bool:
    """Whether the words of the parts, each padded to whole words, add up to 0 in one's complement."""
    total = 0
    for part in parts:
        words = np.append(part, np.uint8(0)) if len(part) % 2 else part
        total += int(words.reshape(-1, 2).astype(np.int64).sum(0) @ (256, 1))
    return total > 0 and total % 0xFFFF == 0


def _reason(params: Params, frame: Bytes) -> Drop | None:
    own = params.station
    n = len(frame)
    if n < 64 or n > params.longest:
        return Drop.FRAME_LENGTH
    if zlib.crc32(frame.tobytes()) != RESIDUE:
        return Drop.FRAME_CHECK
    to, kind = _number(frame, 0, 6), _number(frame, 12, 2)
    if not (to == own.mac or (to == 2**48 - 1 and kind == 0x0806)):
        return Drop.STATION
    if kind == 0x0806:
        wanted = _number(frame, 14, 8) == 0x0001_0800_0604_0001
        return Drop.PROTOCOL if not wanted else _unless(_number(frame, 38, 4) == own.address, Drop.ADDRESS)
    protocol = int(frame[23])
    echo = protocol == 1 and frame[34] == 8 and frame[35] == 0
    if kind != 0x0800 or not (echo or protocol == 17):
        return Drop.PROTOCOL
    return _reason_of_ip(params, frame, _number(frame, 16, 2))


def _reason_of_ip(params: Params, frame: Bytes, length: int) -> Drop | None:
    if frame[14] != 69 or length < 28 or length + 18 > len(frame) or not _valid(frame[14:34]):
        return Drop.HEADER
    if _number(frame, 30, 4) != params.station.address:
        return Drop.ADDRESS
    if frame[20] % 64 or frame[21]:
        return Drop.FRAGMENT
    message = frame[34 : 14 + length]
    if frame[23] == 1:
        return _unless(_valid(message), Drop.CHECKSUM)
    if _number(frame, 38, 2) != length - 20:
        return Drop.LENGTH
    pseudo = np.array([0, 17, *frame[38:40]], np.uint8)
    if _number(frame, 40, 2) and not _valid(frame[26:34], pseudo, message):
        return Drop.CHECKSUM
    return _unless(_number(frame, 36, 2) == params.station.port, Drop.PORT)


def _unless(fine: bool, reason: Drop) -> Drop | None:
    return None if fine else reason


def _own(params: Params) -> tuple[Bytes, Bytes]:
    mac = np.frombuffer(params.station.mac.to_bytes(6), np.uint8)
    return mac, np.frombuffer(params.station.address.to_bytes(4), np.uint8)


def _arp_reply(params: Params, frame: Bytes) -> Bytes:
    mac, address = _own(params)
    reply = frame[:42].copy()
    reply[0:6] = reply[32:38] = frame[22:28]
    reply[6:12] = reply[22:28] = mac
    reply[21] = 2
    reply[28:32], reply[38:42] = address, frame[28:32]
    return reply


def _echo_reply(frame: Bytes) -> Bytes:
    reply = frame[: 14 + _number(frame, 16, 2)].copy()
    reply[0:6], reply[6:12] = frame[6:12], frame[0:6]
    reply[26:30], reply[30:34] = frame[30:34], frame[26:30]
    total = _number(frame, 36, 2) + 0x0800
    total = total - 0xFFFF if total > 0xFFFF else total
    reply[34], reply[36], reply[37] = 0, total >> 8, total & 0xFF
    return reply
