"""Characters on a line and back: the specification of `link.uart`, after section 1 of `docs/link.md`.

The hardware is a transmitter and a receiver; the core is the two joined by a line. One start bit 0, eight
data bits, lowest first, one stop bit 1, no parity. A character says, besides its data, what befalls it: its
stop bit may be damaged; or nothing takes a byte from the receiver from then on, until a character comes that
is not held.

    damaged             no byte arrives: FRAMING_ERROR
    held, none waits    the byte waits in the receiver
    held, one waits     there is no room for it: OVERRUN
    otherwise           the byte that waits leaves, if there is one, then this byte leaves
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q
from spikelock.models.ports import Port

from .protocol import BIT, BYTE

FEWEST_CLOCKS = 4
"""Clock cycles of a bit, at least."""


class Event(IntEnum):
    """What a receiver reports of a character."""

    BYTE = 0
    FRAMING_ERROR = 1
    OVERRUN = 2


@dataclass(frozen=True)
class Params:
    """clock: in Hz. baud: bits a second, of receiver and transmitter.

    transmitter_baud: where it differs, to see how much of that the receiver stands; None is `baud`.
    Raises BadInput where a bit is shorter than four clock cycles.
    """

    clock: int = 12_000_000
    baud: int = 3_000_000
    transmitter_baud: int | None = None

    def __post_init__(self) -> None:
        if self.baud < 1 or self.clock < FEWEST_CLOCKS * self.baud:
            raise BadInput(
                f"{self.baud} baud at a clock of {self.clock} Hz: a bit lasts at least {FEWEST_CLOCKS} clock "
                f"cycles, so 1 … {self.clock // FEWEST_CLOCKS} baud are possible"
            )
        if self.transmitter_baud is not None and not self.baud <= 2 * self.transmitter_baud <= 4 * self.baud:
            raise BadInput(
                f"a transmitter at {self.transmitter_baud} baud for a receiver at {self.baud}: "
                "no receiver reads it; a difference of 3 % is much"
            )


def reference(
    params: Params, configuration: Configuration, waiting: int | None, transaction: tuple[int, int, int]
) -> tuple[int | None, list[tuple[int, int]]]:
    """One character: what the receiver reports while it comes."""
    data, damaged, held = transaction
    events: list[tuple[int, int]] = []
    if not held and waiting is not None:
        events.append((Event.BYTE, waiting))
        waiting = None
    if damaged:
        events.append((Event.FRAMING_ERROR, 0))
    elif not held:
        events.append((Event.BYTE, data))
    elif waiting is None:
        waiting = data
    else:
        events.append((Event.OVERRUN, 0))
    return waiting, events


CORE = Core(
    name="link.uart",
    params=Params,
    inputs=lambda params: {"input": Port({"data": BYTE, "damaged": BIT, "held": BIT})},
    outputs=lambda params: {"output": Port({"kind": Q(2, signed=False), "data": BYTE})},
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
