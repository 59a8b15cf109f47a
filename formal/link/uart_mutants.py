"""Broken UARTs that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

UART = "link.uart"

HIGHEST_BIT_FIRST = Mutant(
    "bits are received highest first", UART, "payload.data.eq(bits)]", "payload.data.eq(bits[::-1])]"
)
NO_STOP_BIT = Mutant("a character has no stop bit", UART, "following == 0", "following == 1")
FRAMING_SILENT = Mutant(
    "a byte without a stop bit is received",
    UART,
    "with m.If(~line):\n                    m.d.comb += self.framing_error",
    "with m.If(0):\n                    m.d.comb += self.framing_error",
)
OVERRUN_SILENT = Mutant(
    "an overrun is not reported", UART, "m.d.comb += self.overrun.eq(1)", "m.d.comb += self.overrun.eq(0)"
)
OVERRUN_OVERWRITES = Mutant(
    "a byte overwrites the one that waits", UART, "m.If(self.output.valid & ~self.output.ready)", "m.If(0)"
)
BREAK_IS_START = Mutant(
    "after a framing error a low line is a start bit", UART, 'm.next = "BREAK"', 'm.next = "IDLE"'
)
PHASE_GOES_ON = Mutant(
    "the receiver does not begin anew at a start bit",
    UART,
    "m.d.comb += phase.restart.eq(1)",
    "m.d.comb += phase.restart.eq(0)",
)
