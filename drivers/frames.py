"""Frames on a line (rule 2 of `docs/link.md`): COBS, CRC-32, a zero at the end."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from zlib import crc32

from spikelock.models.errors import MissingTool
from spikelock.models.link.protocol import CRC_BYTES, LONGEST_BODY, SHORTEST_BODY

from .statistics import Statistics
from .transports.transport import Transport

try:
    cobs: Any = import_module("cobs.cobs")
except ImportError:  # said when a link is made, so that all else can be imported
    cobs = None

DELIMITER = b"\0"
SHORTEST_ENCODED = SHORTEST_BODY + CRC_BYTES + 1
LONGEST_ENCODED = LONGEST_BODY + CRC_BYTES + 1
LONGEST_FRAME = LONGEST_ENCODED + len(DELIMITER)


def encode(body: bytes) -> bytes:
    """The frame of a body."""
    encoded: bytes = cobs.encode(body + crc32(body).to_bytes(CRC_BYTES, "little"))
    return encoded + DELIMITER


class FrameReader:
    """Finds the frames in what a line brings, in one buffer that is made once."""

    def __init__(self, transport: Transport, statistics: Statistics) -> None:
        if cobs is None:
            raise MissingTool("the link to a board needs cobs: pip install 'spikelock[hil]'")
        self._transport = transport
        self._statistics = statistics
        self._buffer = bytearray(LONGEST_FRAME + transport.longest_write + 1)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0
        self._too_long = False

    def fill(self) -> int:
        """Reads what has come and returns its length. All frames of before have been taken by then."""
        rest = self._end - self._start
        self._buffer[:rest] = self._view[self._start : self._end]
        self._start, self._end = 0, rest
        count = self._transport.read_into(self._view[rest:])
        self._end += count
        self._statistics.bytes_received += count
        return count

    def next(self) -> bytes | None:
        """The body of the next frame; None where the line has to bring more first. All else is counted."""
        while (at := self._buffer.find(DELIMITER, self._start, self._end)) >= 0:
            piece = self._buffer[self._start : at]
            self._start = at + 1
            too_long, self._too_long = self._too_long, False
            if too_long:
                self._statistics.not_frames += 1
            elif piece and (body := self._body(piece)) is not None:
                return body
        if self._end - self._start > LONGEST_ENCODED:
            self._too_long = True
            self._start = self._end
        return None

    def forget(self) -> None:
        """Drops what stands in the buffer, of a line that was opened again."""
        self._start = self._end = 0
        self._too_long = False

    def _body(self, encoded: bytearray) -> bytes | None:
        if not SHORTEST_ENCODED <= len(encoded) <= LONGEST_ENCODED:
            self._statistics.not_frames += 1
            return None
        try:
            decoded: bytes = cobs.decode(encoded)
        except cobs.DecodeError:
            self._statistics.not_frames += 1
            return None
        body = decoded[:-CRC_BYTES]
        if len(body) < SHORTEST_BODY or crc32(body) != int.from_bytes(decoded[-CRC_BYTES:], "little"):
            self._statistics.crc_errors += 1
            return None
        self._statistics.frames_received += 1
        return body
