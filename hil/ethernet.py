"""The host at the other end of a simulated board's Ethernet cable: datagrams to frames, and back."""

from __future__ import annotations

import zlib
from collections import deque

from spikelock.drivers.transports.transport import Transport
from spikelock.drivers.transports.udp import LONGEST_DATAGRAM
from spikelock.models.errors import SpikelockError
from spikelock.models.link.ethernet import SHORTEST_FRAME, Station
from spikelock.testbenches.link.ethernet_frames import Peer, checksum

HOST_STATION = bytes([0x02, 0, 0, 0, 0, 1])
HOST_PORT = 49_152
RIGHT_CHECK = 0x2144_DF1C
"""CRC-32 of a frame with its own."""

ARP, IPV4 = 0x0806, 0x0800
UDP_OVER_IP = 17
MOST_WAITING = 64
"""Datagrams; more are lost, as in a network."""


class Host:
    """A host in the board's network. It asks for the board's MAC address first, and then sends datagrams.

    Raises SpikelockError for a frame of the board's that no network would deliver here.
    """

    def __init__(self, board: Station) -> None:
        address = (board.address & ~0xFF | (board.address & 0xFF ^ 1)).to_bytes(4, "big")
        self._peer = Peer(board, HOST_STATION, address, HOST_PORT)
        self._board = board
        self._station: bytes | None = None
        self._asked = False
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)

    def send(self, datagram: bytes) -> list[bytes]:
        """The frames to the board that come of a datagram for it."""
        self._waiting.append(datagram)
        if self._station is not None:
            return self._frames()
        asked, self._asked = self._asked, True
        return [] if asked else [self._peer.frame(ARP, self._peer.arp(), b"\xff" * 6)]

    def receive(self, frame: bytes) -> tuple[list[bytes], bytes | None]:
        """Frames to the board, and a datagram from it, that come of a frame that it has sent."""
        demand(len(frame) >= SHORTEST_FRAME, frame, "is too short")
        demand(zlib.crc32(frame) == RIGHT_CHECK, frame, "has a wrong frame check sequence")
        demand(frame[:6] == HOST_STATION, frame, "is for another station")
        kind = int.from_bytes(frame[12:14], "big")
        if kind == ARP:
            self._learn(frame)
            return self._frames(), None
        demand(kind == IPV4, frame, "is neither ARP nor IPv4")
        return [], self._payload(frame)

    def _frames(self) -> list[bytes]:
        frames = [
            self._peer.ip(UDP_OVER_IP, self._peer.datagram(data), to_station=self._station)
            for data in self._waiting
        ]
        self._waiting.clear()
        return frames

    def _learn(self, frame: bytes) -> None:
        station, address = frame[22:28], frame[28:32]
        demand(frame[14:22] == bytes([0, 1, 8, 0, 6, 4, 0, 2]), frame, "is no reply of ARP")
        demand(frame[32:42] == HOST_STATION + self._peer.address, frame, "answers another host")
        demand(address == self._board.address.to_bytes(4, "big"), frame, "is of another address")
        demand(frame[6:12] == station, frame, "is not of the station that it names")
        self._station = station

    def _payload(self, frame: bytes) -> bytes:
        header, ports = frame[14:34], frame[34:38]
        total, udp = int.from_bytes(header[2:4], "big"), int.from_bytes(frame[38:40], "big")
        demand(header[0] == 0x45 and not checksum(header) % 0xFFFF, frame, "has a wrong IPv4 header")
        own = self._board.address.to_bytes(4, "big"), self._board.port.to_bytes(2, "big")
        demand(frame[6:12] == self._station and header[12:16] == own[0], frame, "is not of the board")
        demand(header[16:20] == self._peer.address, frame, "is for another address")
        demand(header[9] == UDP_OVER_IP and header[6] & 0x3F == 0 == header[7], frame, "is no whole datagram")
        demand(total == udp + 20 and 28 <= total <= len(frame) - 18, frame, "has a wrong length")
        demand(ports == own[1] + HOST_PORT.to_bytes(2, "big"), frame, "is for another port")
        segment = frame[34 : 34 + udp]
        pseudo = header[12:20] + bytes([0, UDP_OVER_IP]) + udp.to_bytes(2, "big")
        right = frame[40:42] == b"\0\0" or not checksum(pseudo + segment) % 0xFFFF
        demand(right, frame, "has a wrong UDP checksum")
        return segment[8:]


def demand(right: bool, frame: bytes, what: str) -> None:
    """Raises SpikelockError where a frame of the board is wrong."""
    if not right:
        raise SpikelockError(f"the board sent a frame that {what}: {frame.hex(' ')}")


class Cable:
    """A line of datagrams as a simulated board's MAC sees it, with a `Host` between them.

    What is read and written are pairs: a byte of a frame, and 1 where it is its last.
    """

    longest_write = 1 << 20
    datagrams = False
    bytes_per_second: float | None = None

    def __init__(self, line: Transport, board: Station) -> None:
        self.name = line.name
        self._line = line
        self._host = Host(board)
        self._to_board = bytearray()
        self._coming = bytearray()
        self._datagrams: deque[bytes] = deque()

    def write(self, data: memoryview) -> int:
        """Takes what the board sends, unless the line does not take what it sent before."""
        self._hand_on()
        if self._datagrams:
            return 0
        for byte, last in zip(data[::2], data[1::2], strict=True):
            self._coming.append(byte)
            if last:
                frames, datagram = self._host.receive(bytes(self._coming))
                self._coming.clear()
                self._add(frames)
                if datagram is not None:
                    self._datagrams.append(datagram)
        self._hand_on()
        return len(data)

    def read_into(self, buffer: memoryview) -> int:
        """Moves what is for the board to the front of the buffer."""
        count = self._line.read_into(buffer)
        came = bytes(buffer[:count])
        for start in range(0, count, LONGEST_DATAGRAM):
            self._add(self._host.send(came[start : start + LONGEST_DATAGRAM]))
        count = min(len(buffer), len(self._to_board)) & ~1
        buffer[:count] = self._to_board[:count]
        del self._to_board[:count]
        return count

    def wait(self, timeout: float, to_write: bool = False) -> None:
        """See `Transport`."""
        if not self._to_board:
            self._line.wait(timeout, to_write or bool(self._datagrams))

    def reopen(self) -> None:
        """See `Transport`."""
        self._line.reopen()

    def close(self) -> None:
        """See `Transport`."""
        self._line.close()

    def _add(self, frames: list[bytes]) -> None:
        for frame in frames:
            pairs = bytearray(2 * len(frame))
            pairs[::2] = frame
            pairs[-1] = 1
            self._to_board += pairs

    def _hand_on(self) -> None:
        while self._datagrams:
            with memoryview(self._datagrams[0]) as data:
                if not self._line.write(data):
                    return
            self._datagrams.popleft()
