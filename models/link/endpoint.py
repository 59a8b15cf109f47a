"""One end of a link: the specification of `link.endpoint`, after section 3 of `docs/link.md`.

    send ──▶ slots ──▶ outgoing        DATA, ACKNOWLEDGE, REPEAT, OPEN, OPENED
    receive ◀── buffer ◀── incoming

`send` and `receive` are the packets of this end; `outgoing` and `incoming` are the bodies of frames, those of
`incoming` already checked. A body is `kind, session, number`, a beat each, then the beats of a packet.

What an endpoint alone sends depends on when frames come. What two of them do together does not:

    to_board ──▶ host ──▶ line ──▶ board ──▶ at_board
    at_host ◀── host ◀── line ◀── board ◀── to_host

Whatever the line does, each packet arrives once and in order: that is the reference of `Role.JOINED`, the
hardware of two endpoints and a line each way. The streams `faults_…` say what the line does to the next
frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

from .protocol import BIT, LONGEST_PACKET

HEADER = 3
"""Beats of a body before those of its packet: kind, session, number."""


class Role(Enum):
    """Which end it is: a board answers OPEN, a host sends it. JOINED: both, and a line between them."""

    BOARD = "board"
    HOST = "host"
    JOINED = "joined"


class Fault(IntEnum):
    """What the line does to a frame. HOLD: it comes after the next one. STALL: it comes late."""

    PASS = 0
    DROP = 1
    DOUBLE = 2
    HOLD = 3
    STALL = 4


@dataclass(frozen=True)
class Params:
    """role: which end. width: bits of a beat, 3 or more: 8 on a line of bytes.

    longest: beats of a packet, at most. A longer one is cut in two.
    window: packets that may be sent and not yet acknowledged: a power of two.
    number_bits: bits of a packet's number. No more than half of all numbers may be in the window.
    timeout: cycles after which all that is not acknowledged is sent again. They count while the endpoint has
        nothing to send, so what waits in a slow line behind it must be sent, and be answered, in that time.
    """

    role: Role = Role.BOARD
    width: int = 8
    longest: int = LONGEST_PACKET
    window: int = 4
    number_bits: int = 8
    timeout: int = 1 << 16

    def __post_init__(self) -> None:
        if not 3 <= self.width <= 64:
            raise BadInput(f"width = {self.width}: a beat has 3 … 64 bits, as it holds a kind; 8 is usual")
        if self.longest < 1:
            raise BadInput(f"longest = {self.longest}: a packet has at least one beat")
        if self.window < 1 or self.window & (self.window - 1):
            raise BadInput(f"window = {self.window}: a power of two is needed; 4 is usual")
        if not 1 <= self.number_bits <= self.width:
            raise BadInput(f"number_bits = {self.number_bits}: a number has 1 … {self.width} bits, as a beat")
        if 2 * self.window > 1 << self.number_bits:
            raise BadInput(
                f"window = {self.window}: of {1 << self.number_bits} numbers at most half may be in the "
                f"window, {1 << (self.number_bits - 1)}"
            )
        if self.timeout < 1:
            raise BadInput(f"timeout = {self.timeout}: at least one cycle is needed")

    @property
    def session_bits(self) -> int:
        """Bits of a session."""
        return min(8, self.width)


def packets(params: Params) -> Port:
    """A stream of packets, or of bodies: beats, and which is the last."""
    return Port({"data": unsigned(params.width), "last": BIT})


def inputs(params: Params) -> Mapping[str, Port]:
    """Packets to send and bodies that come in; of two that are joined, packets and faults each way."""
    if params.role is not Role.JOINED:
        return {"send": packets(params), "incoming": packets(params)}
    fault = Port({"fault": unsigned(3)})
    return {
        "to_board": packets(params),
        "to_host": packets(params),
        "faults_to_board": fault,
        "faults_to_host": fault,
    }


def outputs(params: Params) -> Mapping[str, Port]:
    """Packets received and bodies that go out; of two that are joined, the packets at each end.

    session: its number, 0 while there is none. `begins` is 1 for one cycle, in which no beat passes on `send`
    and `receive`: what comes before it belongs to no session any more, half packets too.
    counters: how often all was sent again, and how many frames changed nothing; they wrap.
    """
    if params.role is Role.JOINED:
        return {"at_board": packets(params), "at_host": packets(params)}
    return {
        "receive": packets(params),
        "outgoing": packets(params),
        "session": Port({"number": unsigned(params.session_bits), "begins": BIT}, kind="level"),
        "counters": Port({"replays": unsigned(16), "ignored": unsigned(16)}, kind="level"),
    }


Beats = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class State:
    """Beats of the packets that have begun and not ended, in each direction."""

    to_board: Beats = ()
    to_host: Beats = ()


def deliver(params: Params, begun: Beats, beat: tuple[int, int]) -> tuple[Beats, list[tuple[int, int]]]:
    """One more beat of a packet: what has begun then, and the whole packet, if it ends."""
    data, last = beat
    ends = bool(last) or len(begun) + 1 == params.longest
    begun = (*begun, (data, int(ends)))
    return ((), list(begun)) if ends else (begun, [])


def reference(
    params: Params,
    configuration: Configuration,
    state: State,
    to_board: tuple[int, int] | None,
    to_host: tuple[int, int] | None,
    *faults: tuple[int] | None,
) -> tuple[State, list[tuple[int, int]], list[tuple[int, int]]]:
    """A beat at one end: at the other end the packet arrives when it is whole. Faults change nothing."""
    if to_board is not None:
        begun, arrived = deliver(params, state.to_board, to_board)
        return State(begun, state.to_host), arrived, []
    if to_host is not None:
        begun, arrived = deliver(params, state.to_host, to_host)
        return State(state.to_board, begun), [], arrived
    return state, [], []


CORE = Core(
    name="link.endpoint",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
    groups=lambda params: (("to_board",), ("to_host",), ("faults_to_board",), ("faults_to_host",)),
)
