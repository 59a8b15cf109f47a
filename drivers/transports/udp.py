"""Datagrams over UDP: `udp:HOST:PORT`, and the socket that answers there."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Mapping
from typing import Any

from spikelock.models.errors import BadInput, LineLost

LONGEST_DATAGRAM = 1472
"""Bytes that fit an Ethernet frame of 1500 behind the headers of IPv4 and UDP."""

END_OF_FRAME = 0


class _UDP:
    """What both sides have in common: one socket.

    Each datagram is read with a zero before it, which ends what a truncated one left behind.
    """

    longest_write = LONGEST_DATAGRAM
    datagrams = True
    bytes_per_second: float | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self._socket: socket.socket | None = None

    @property
    def open_socket(self) -> socket.socket:
        """The socket. Raises LineLost while the line is closed."""
        if self._socket is None:
            raise LineLost(f"{self.name} is closed; open it again")
        return self._socket

    def wait(self, timeout: float, to_write: bool = False) -> None:
        sockets = (self.open_socket,)
        select.select(sockets, sockets if to_write else (), (), max(0.0, timeout))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class UDP(_UDP):
    """A socket connected to one peer. Where that one's machine says that nobody listens, the line is lost."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"udp:{bracketed(host)}:{port}")
        self._peer = (host, port)
        self.reopen()

    def reopen(self) -> None:
        self.close()
        error: OSError | None = None
        with contextlib.suppress(socket.gaierror):
            for family, kind, protocol, _, address in socket.getaddrinfo(*self._peer, type=socket.SOCK_DGRAM):
                opened = socket.socket(family, kind, protocol)
                try:
                    opened.connect(address)
                except OSError as failed:
                    opened.close()
                    error = failed
                    continue
                opened.setblocking(False)
                self._socket = opened
                return
        raise LineLost(f"{self.name} cannot be reached: {error or 'no such host'}; try udp:127.0.0.1:5005")

    def write(self, data: memoryview) -> int:
        try:
            return self.open_socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._lost(error) from error

    def read_into(self, buffer: memoryview) -> int:
        try:
            count = self.open_socket.recv_into(buffer[1:])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._lost(error) from error
        buffer[0] = END_OF_FRAME
        return count + 1

    def _lost(self, error: OSError) -> LineLost:
        return LineLost(f"{self.name} is lost: {error}; start what should answer there, then resume the link")


class UDPServer(_UDP):
    """A socket at a port of this machine. It answers whoever sent the last datagram."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Binds loopback unless told otherwise; 0 is any free port. Raises LineLost for one in use."""
        super().__init__(f"udp:{bracketed(host)}:{port}")
        self._client: Any = None
        self._where = (host, port)
        self.reopen()

    def reopen(self) -> None:
        self.close()
        host, port = self._where
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.bind(self._where)
        except (OSError, OverflowError) as error:
            opened.close()
            raise LineLost(
                f"udp:{bracketed(host)}:{port} cannot be taken: {error}; port 0 takes a free one"
            ) from error
        opened.setblocking(False)
        self._socket = opened
        self._where = (host, opened.getsockname()[1])
        self.name = f"udp:{bracketed(host)}:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._where[1]

    def write(self, data: memoryview) -> int:
        if self._client is None:
            return len(data)  # nobody has come yet; a line without a peer loses what is sent
        with contextlib.suppress(ConnectionError):  # the client has gone
            try:
                return int(self.open_socket.sendto(data, self._client))
            except BlockingIOError:
                return 0
        return len(data)

    def read_into(self, buffer: memoryview) -> int:
        try:
            count, self._client = self.open_socket.recvfrom_into(buffer[1:])
        except (BlockingIOError, ConnectionError):
            return 0
        buffer[0] = END_OF_FRAME
        return count + 1


def bracketed(host: str) -> str:
    """A host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def open_udp(rest: str, query: Mapping[str, str]) -> UDP:
    """Of a URL `udp:HOST:PORT`."""
    host, _, port = rest.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise BadInput(f"udp:{rest}: a host and a port 1 … 65535 are needed, as in udp:127.0.0.1:5005")
    return UDP(host.removeprefix("[").removesuffix("]"), int(port))
