"""Proofs of `link.uart`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.uart import Params

from ..proof import Proof
from .uart_mutants import (
    FRAMING_SILENT,
    HIGHEST_BIT_FIRST,
    NO_STOP_BIT,
    OVERRUN_OVERWRITES,
    OVERRUN_SILENT,
    UART,
)
from .uart_properties import line, waiting

PROOFS = (
    Proof(
        UART,
        "line",
        "A character on the line is a start bit 0, the eight bits of its byte, lowest first, and a stop bit "
        "1, each for exactly four cycles; between characters the line is high. At four clock cycles a bit.",
        Params(),
        line,
        (NO_STOP_BIT,),
        depth=48,
        bit_level=True,
    ),
    Proof(
        UART,
        "waiting",
        "A byte is the bits that the receiver has read, the first one lowest. A character gives one thing: "
        "a byte, a framing error, where its stop bit is 0, or an overrun, where another byte waits, which "
        "stays as it is until it is taken. For any line, and whenever its bits are read.",
        Params(),
        waiting,
        (HIGHEST_BIT_FIRST, FRAMING_SILENT, OVERRUN_OVERWRITES, OVERRUN_SILENT),
        depth=26,
        bit_level=True,
    ),
)
