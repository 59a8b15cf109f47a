"""The far end of a pseudo-terminal: what a virtual board has instead of a plug."""

from __future__ import annotations

import contextlib
import os
import termios
import tty

from .files import FileLine

BAUDS = {
    getattr(termios, name): int(name[1:]) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()
}
"""Speeds by the operating system's constants, such as `termios.B115200`."""


class PseudoTerminal(FileLine):
    """A new pseudo-terminal; a host opens `path` as a serial port. It stays while hosts come and go."""

    def __init__(self, bytes_per_second: float | None = None) -> None:
        # The slave stays open here, too: else a host that goes would end the line.
        master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(master, False)
        self.path = os.ttyname(self._slave)
        super().__init__(f"serial:{self.path}", bytes_per_second)
        self.descriptor = master

    @property
    def baud(self) -> int | None:
        """The speed to which the host has set its end; None where it is none of the usual ones."""
        speed = termios.tcgetattr(self._slave)[4]
        return BAUDS.get(speed)

    def reopen(self) -> None:
        if self.descriptor < 0:
            raise self.lost("it is closed")
        termios.tcflush(self._slave, termios.TCIOFLUSH)

    def close(self) -> None:
        if self.descriptor >= 0:
            for descriptor in (self.descriptor, self._slave):
                with contextlib.suppress(OSError):
                    os.close(descriptor)
            self.descriptor = -1
