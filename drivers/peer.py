"""A board's end of a link in software: it answers a host by the same rules as the hardware does."""

from __future__ import annotations

import time
from collections.abc import Callable

from spikelock.models.link.protocol import CREDITS_TO_BOARD, CREDITS_TO_HOST, VERSION, Channel, Kind

from .connection import Connection
from .endpoint import LARGEST_WINDOW
from .link import REGISTER_BYTES
from .transports.transport import Transport


class Peer(Connection):
    """Takes sessions as they are opened, and echoes ECHO. What else comes waits for `receive`."""

    def __init__(
        self,
        transport: Transport,
        window: int = LARGEST_WINDOW,
        clock: Callable[[], float] = time.monotonic,
        version: int = VERSION,
    ) -> None:
        super().__init__(transport, CREDITS_TO_HOST, CREDITS_TO_BOARD, window, clock)
        self._version = version
        request, reply = REGISTER_BYTES
        self.words(Channel.REGISTERS, send=reply, receive=request)

    def restart(self) -> None:
        """Forgets all, as a board does that is reset."""
        self._endpoint.begin(0)
        self._begin_channels()

    def _react(self) -> None:
        super()._react()
        waiting = self._waiting[Channel.ECHO]
        while waiting and self._endpoint.room:
            self._endpoint.queue(bytes((Channel.ECHO,)) + waiting.popleft())
            self._endpoint.room_again()

    def _about_session(self, kind: int, session: int, number: int) -> None:
        if kind == Kind.OPENED:
            self.statistics.foreign += 1
            return
        if kind == Kind.OPEN and number == self._version and session not in (0, self.session):
            self._endpoint.begin(session)
            self._begin_channels()
        self._endpoint.control(Kind.OPENED, self.session, self._version)
