"""A serial port, opened by pyserial: `serial:/dev/ttyUSB1?baud=3000000`. A pseudo-terminal is one, too."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from spikelock.models.errors import BadInput, LineLost, MissingTool

from .files import FileLine

DEFAULT_BAUD = 3_000_000
FASTEST_BAUD = 12_000_000
"""What the fastest USB bridges do."""

BITS_OF_A_BYTE = 10
"""One start bit, eight data bits, one stop bit."""


class SerialPort(FileLine):
    """A port that nobody else has open, in the low-latency mode where the operating system offers it."""

    def __init__(self, path: str, baud: int = DEFAULT_BAUD) -> None:
        """Opens the port. Raises LineLost where it is not there or in use, MissingTool without pyserial."""
        if not 1 <= baud <= FASTEST_BAUD:
            raise BadInput(f"baud = {baud}: 1 … {FASTEST_BAUD} are possible; {DEFAULT_BAUD} is usual")
        super().__init__(f"serial:{path}", baud / BITS_OF_A_BYTE)
        self._path = path
        self._baud = baud
        self.reopen()

    def reopen(self) -> None:
        try:
            import serial
        except ImportError as error:
            raise MissingTool("serial ports need pyserial: pip install 'spikelock[hil]'") from error
        self.close()
        try:
            # Its own write would never return while the other end reads nothing, so none of it is used.
            self._port = serial.Serial(self._path, self._baud, timeout=0, write_timeout=0, exclusive=True)
        except (serial.SerialException, OSError, ValueError) as error:
            raise LineLost(
                f"{self.name} cannot be opened at {self._baud} baud: {error}; is the board plugged in, "
                "may you use the port, and does nobody else?"
            ) from error
        with contextlib.suppress(OSError, ValueError, NotImplementedError, AttributeError):
            self._port.set_low_latency_mode(True)
        self.descriptor = self._port.fileno()
        self._readable = False

    def close(self) -> None:
        if self.descriptor >= 0:
            self.descriptor = -1
            with contextlib.suppress(OSError):  # of a port that was unplugged
                self._port.close()


def open_serial(rest: str, query: Mapping[str, str]) -> SerialPort:
    """Of a URL `serial:PATH?baud=BAUD`."""
    baud = query.get("baud", str(DEFAULT_BAUD))
    if not rest or not baud.isdecimal():
        raise BadInput(
            f"serial:{rest} with baud={baud}: a path and a whole number are needed, as in "
            f"serial:/dev/ttyUSB1?baud={DEFAULT_BAUD}"
        )
    return SerialPort(rest, int(baud))
