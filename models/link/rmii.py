"""Frames on an RMII line and back: the specification of `link.rmii`, after the RMII specification 1.2.

The line has two data bits each way, at 50 MHz: 100 Mbit/s. Each byte is four di-bits, the lowest first.
Before a frame come 7 bytes 0x55 and one 0xD5; after it the line rests for 96 bit times at least (IEEE 802.3,
clauses 3.2 and 4.4.2). A frame is a packet of the stream, with its frame check sequence.

The hardware is a transmitter and a receiver; the core is the two joined by a line. Its packets say, besides
their data, what befalls them. `fault`: see `Fault`. `held`, of a packet's first byte: nothing takes a byte
from the receiver from then on, until a packet comes that is not held.

The transmitter cuts a packet after its longest; what follows is another one. A frame leaves whole, or not at
all, and then its reason leaves by `dropped`.

    RX_ER was high, or it was cut          DAMAGED
    longer than the receiver's longest     TOO_LONG
    no room for all of it                  NO_ROOM

The receiver has room for the smallest power of two that is twice its longest frame or more; and for one byte
besides, once a frame waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q
from spikelock.models.ports import Port

from .ethernet import LONGEST_FRAME
from .protocol import BIT, BYTE, packet_stream

PREAMBLE_BYTES = 7
PREAMBLE = 0x55
FRAME_DELIMITER = 0xD5
GAP_BITS = 96
"""Bit times between two frames, at least."""


class Fault(IntEnum):
    """What befalls a byte on the line; or, if it is a packet's first one, the preamble before it.

    ERROR: RX_ER is high during the byte; or once in the preamble. CUT: CRS_DV falls in the middle of the
    byte, and stays low: the frame ends there; if that is the first byte, there is none.
    TOGGLING: the carrier is lost while data still come, so CRS_DV toggles during the byte; that changes
    nothing. The others are of the preamble. SPOILT: one of its di-bits is 10, its first one if the byte is
    even. LOST: CRS_DV is low for one di-bit, which is 11. After either no frame is seen. LATE: CRS_DV rises
    late, and the PHY has no bits at first. AGAIN: CRS_DV is low for two di-bits, and the rest is a preamble.
    Neither changes anything.
    """

    NONE = 0
    ERROR = 1
    SPOILT = 2
    TOGGLING = 3
    LOST = 4
    LATE = 5
    AGAIN = 6
    CUT = 7


class Drop(IntEnum):
    """Why the receiver drops a frame; the first of these that is true.

    DAMAGED: RX_ER was high, or the frame does not end with a whole byte.
    """

    DAMAGED = 0
    TOO_LONG = 1
    NO_ROOM = 2


@dataclass(frozen=True)
class Params:
    """longest: bytes of a frame with its frame check sequence, of receiver and transmitter.

    transmitter_longest: where it differs, to see what the receiver does then; None is `longest`.
    Raises BadInput where one is not 1 … 1518.
    """

    longest: int = LONGEST_FRAME
    transmitter_longest: int | None = None

    def __post_init__(self) -> None:
        for longest in (self.longest, self.sent_longest):
            if not 1 <= longest <= LONGEST_FRAME:
                raise BadInput(
                    f"frames of up to {longest} bytes: 1 … {LONGEST_FRAME} are possible, "
                    f"and {LONGEST_FRAME} is Ethernet's"
                )

    @property
    def sent_longest(self) -> int:
        """Bytes of a frame that the transmitter sends, at most."""
        return self.longest if self.transmitter_longest is None else self.transmitter_longest


@dataclass(frozen=True)
class State:
    """coming: bytes of the packet that comes. damaged, unseen, held: whether it is. waiting: bytes of whole
    frames that the receiver keeps, and which are a frame's last.
    """

    coming: bytes = b""
    damaged: bool = False
    unseen: bool = False
    held: bool = False
    waiting: tuple[tuple[int, int], ...] = ()


def room(params: Params, waiting: int) -> int:
    """Bytes of a frame for which there is room while so many bytes wait, of which one has moved on."""
    capacity = 2
    while capacity < 2 * params.longest:
        capacity *= 2
    return capacity - max(0, waiting - 1)


def refusal(params: Params, state: State) -> Drop | None:
    """The first reason to drop the frame that has come; None if it is kept."""
    if state.damaged:
        return Drop.DAMAGED
    if len(state.coming) > params.longest:
        return Drop.TOO_LONG
    if len(state.coming) > room(params, len(state.waiting)):
        return Drop.NO_ROOM
    return None


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int, int, int]
) -> tuple[State, list[tuple[int, int]], list[tuple[int]]]:
    """One byte of a packet: what waits leaves with the first one that is not held, a frame with its last."""
    data, last, fault, held = transaction
    output: list[tuple[int, int]] = []
    dropped: list[tuple[int]] = []
    first = not state.coming
    held_now = bool(held) if first else state.held
    waiting = state.waiting
    if first and not held_now:
        output += waiting
        waiting = ()
    damaged = fault in (Fault.ERROR, Fault.CUT) or (not first and state.damaged)
    unseen = fault in (Fault.SPOILT, Fault.LOST, Fault.CUT) if first else state.unseen
    state = State(state.coming + bytes([data]), damaged, unseen, held_now, waiting)
    if not last and len(state.coming) < params.sent_longest:
        return state, output, dropped

    if unseen:
        return State(held=held_now, waiting=waiting), output, dropped
    reason = refusal(params, state)
    frame = [*((byte, 0) for byte in state.coming[:-1]), (state.coming[-1], 1)]
    if reason is not None:
        dropped.append((reason,))
    elif held_now:
        waiting = (*waiting, *frame)
    else:
        output += frame
    return State(held=held_now, waiting=waiting), output, dropped


CORE = Core(
    name="link.rmii",
    params=Params,
    inputs=lambda params: {
        "input": Port({"data": BYTE, "last": BIT, "fault": Q(3, signed=False), "held": BIT})
    },
    outputs=lambda params: {
        "output": packet_stream(),
        "dropped": Port({"reason": Q(2, signed=False)}),
    },
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
