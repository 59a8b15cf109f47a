"""UDP sockets as the senders and receivers of wire formats use them."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any, Self

from spikelock.models.errors import BadInput

LONGEST = 65_535
"""Bytes of a datagram, at most: with room for all of it, none is cut short in silence."""

RECEIVE_BUFFER = 4 << 20
"""Bytes that the system is asked to keep while a receiver is busy."""


class _Socket:
    def __init__(self, host: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, OverflowError, UnicodeError) as error:
            raise BadInput(f"{host}:{port} is no address: {error}; 127.0.0.1:9000 is one") from error
        family, kind, protocol, _, address = found[0]
        self._address: Any = address
        self._socket = socket.socket(family, kind, protocol)

    @property
    def port(self) -> int:
        """The port of this end."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Gives the port back."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Inbox(_Socket):
    """A socket that listens at an address, 0 for any free port. Raises BadInput where that does not work."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            self._socket.bind(self._address)
        except OSError as error:
            self.close()
            raise BadInput(
                f"cannot listen at {host}:{port}: {error.strerror}; port 0 takes a free one"
            ) from error
        self._buffer = memoryview(bytearray(LONGEST))

    def next(self, timeout: float | None) -> tuple[memoryview, Any] | None:
        """The next datagram, valid until the next call, and its sender; None after `timeout` seconds."""
        self._socket.settimeout(timeout)
        while True:
            try:
                length, sender = self._socket.recvfrom_into(self._buffer)
            except (TimeoutError, BlockingIOError):
                return None
            except ConnectionError:  # an earlier answer reached nobody
                continue
            return self._buffer[:length], sender

    def answer(self, datagram: bytes, to: Any) -> None:
        """Sends a datagram to a sender. It may be lost, as any may."""
        try:
            self._socket.sendto(datagram, to)
        except OSError:
            return


class Outbox(_Socket):
    """A socket that sends to one address, and hears only from there.

    unreachable: how often the system said that nobody listens there. Raises BadInput for a bad address.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.unreachable = 0
        try:
            self._socket.connect(self._address)
        except OSError as error:
            self.close()
            raise BadInput(f"cannot send to {host}:{port}: {error.strerror}; 127.0.0.1:9000 works") from error

    def send(self, datagram: bytes) -> None:
        """Sends a datagram. What the system learns of earlier ones, it tells now: that only counts."""
        while True:
            try:
                self._socket.send(datagram)
                return
            except ConnectionError:
                self.unreachable += 1

    def next(self, timeout: float) -> bytes | None:
        """The next datagram from there; None after `timeout` seconds."""
        self._socket.settimeout(timeout)
        try:
            return self._socket.recv(LONGEST)
        except (TimeoutError, BlockingIOError):
            return None
        except ConnectionError:
            self.unreachable += 1
            return None
