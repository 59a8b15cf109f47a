"""The far end of a pseudo-terminal: what a virtual board has instead of a plug."""

from __future__ import annotations

import contextlib
import os
import termios
import tty

from .files import FileLine

BAUDS: tuple[int, ...] = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600)
BAUDS += (1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000)
"""Of which operating systems have constants."""


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
        return next((baud for baud in BAUDS if getattr(termios, f"B{baud}", None) == speed), None)

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
