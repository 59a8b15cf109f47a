"""Events on wires without a clock: the specification of `aer.handshake`, four-phase bundled data.

    input ──▶ sender ── request, data ──▶ receiver ──▶ output
                     ◀── acknowledge ───

The protocol is that of J. Sparsø and S. Furber (eds.), Principles of Asynchronous Circuit Design, 2001,
section 2.1.1, with a push channel and early data:

    1. the data are on their wires; then the request rises
    2. the receiver has read the data; the acknowledge rises
    3. the request falls; from when the acknowledge has risen the data may change
    4. the acknowledge falls

Each edge waits for the one before, so neither end needs the other's clock. Both pass the wire that comes to
them through `stages` flip-flops. The data need none: they are read after the request has been seen, if only
they arrive no later than it (the *bundling constraint*).

When an end raises its wire depends on its clock and on the wires. What both together do does not: each event
arrives once and in order. That is the reference of `Role.JOINED`, a sender and a receiver and wires between
them. The stream `delays` says how long these take, one record a handshake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

from .event import Format

DELAY_BITS = 4
"""Of a delay in `delays`."""


class Role(Enum):
    """SENDER, RECEIVER: one end. JOINED: both, and wires between them."""

    SENDER = "sender"
    RECEIVER = "receiver"
    JOINED = "joined"


@dataclass(frozen=True)
class Params:
    """role: which end it is, or both. event: the format of events; all of its bits are data.

    stages: flip-flops of a synchroniser, 2 … 4.
    """

    role: Role = Role.SENDER
    event: Format = field(default_factory=Format)
    stages: int = 2

    def __post_init__(self) -> None:
        if not 2 <= self.stages <= 4:
            raise RangeError(f"stages = {self.stages}: a synchroniser has 2 … 4 flip-flops; 2 is usual")


def wire() -> Port:
    """A request or an acknowledge."""
    return Port({"level": unsigned(1)}, kind="level")


def data(params: Params) -> Port:
    """The wires of the data: an event."""
    return Port(params.event.port().fields, kind="level")


def delays() -> Port:
    """What wires do in a handshake. request, acknowledge: cycles by which an edge comes later. data: cycles
    from when the request rises to when the data are right at the other end; no more than `request`.
    """
    return Port({name: unsigned(DELAY_BITS) for name in ("request", "acknowledge", "data")})


def inputs(params: Params) -> Mapping[str, Port]:
    """Events to send, and the wires that come to an end."""
    if params.role is Role.SENDER:
        return {"input": params.event.port(), "acknowledge": wire()}
    if params.role is Role.RECEIVER:
        return {"request": wire(), "data": data(params)}
    return {"input": params.event.port(), "delays": delays()}


def outputs(params: Params) -> Mapping[str, Port]:
    """Events received, and the wires that leave an end."""
    if params.role is Role.SENDER:
        return {"request": wire(), "data": data(params)}
    if params.role is Role.RECEIVER:
        return {"output": params.event.port(), "acknowledge": wire()}
    return {"output": params.event.port()}


def reference(
    params: Params,
    configuration: Configuration,
    state: None,
    event: tuple[int, ...] | None,
    delay: tuple[int, ...] | None,
) -> tuple[None, list[tuple[int, ...]]]:
    """An event arrives. Delays change nothing."""
    return None, [event] if event else []


COSTED: Mapping[str, Params] = {"receiver": Params(Role.RECEIVER)}
"""Configurations whose cost is reported, besides the default: the other end."""

CORE = Core(
    name="aer.handshake",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
    groups=lambda params: (("input",), ("delays",)),
)
