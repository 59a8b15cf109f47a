"""Broken ends of a handshake that proofs and benches must catch alike."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

HANDSHAKE = "aer.handshake"

DATA_CHANGED_TOO_EARLY = Mutant(
    "the next event is on the data wires before this one has been read",
    HANDSHAKE,
    """            m.d.sync += [self.data.eq(self.input.payload), loaded.eq(1)]
""",
    """            m.d.sync += loaded.eq(1)
        with m.If(self.input.valid):
            m.d.sync += self.data.eq(self.input.payload)
""",
)
DATA_WITH_REQUEST = Mutant(
    "the request rises together with the data",
    HANDSHAKE,
    "self.data.eq(self.input.payload), loaded.eq(1)]",
    "self.data.eq(self.input.payload), loaded.eq(1), self.request.level.eq(1)]",
)
REQUEST_DROPPED = Mutant(
    "the request falls before the acknowledge has risen",
    HANDSHAKE,
    "m.d.sync += self.request.level.eq(1)",
    "m.d.sync += self.request.level.eq(~self.request.level)",
)
NO_WAIT_FOR_LOW = Mutant(
    "the sender does not wait until the acknowledge has fallen",
    HANDSHAKE,
    "self.input.ready.eq(~loaded & ~acknowledged)",
    "self.input.ready.eq(~loaded)",
)
NEVER_LOWERED = Mutant(
    "the sender waits for the acknowledge to fall before its request does",
    HANDSHAKE,
    "m.d.sync += [self.request.level.eq(0), loaded.eq(0)]",
    "m.d.sync += loaded.eq(0)",
)
SENDER_WITHOUT_SYNCHRONISER = Mutant(
    "the acknowledge passes one flip-flop only",
    HANDSHAKE,
    """self.acknowledge.level, acknowledged, stages=self.params.stages, reset_less=False
        )
""",
    """self.acknowledge.level, Signal(), stages=self.params.stages, reset_less=False
        )
        m.d.sync += acknowledged.eq(self.acknowledge.level)
""",
)

RECEIVER_WITHOUT_SYNCHRONISER = Mutant(
    "the request passes one flip-flop only",
    HANDSHAKE,
    """self.request.level, requested, stages=self.params.stages, reset_less=False
        )
""",
    """self.request.level, Signal(), stages=self.params.stages, reset_less=False
        )
        m.d.sync += requested.eq(self.request.level)
""",
)

STAGE_MISSING = Mutant(
    "a receiver of three stages has two",
    HANDSHAKE,
    """self.request.level, requested, stages=self.params.stages, reset_less=False
        )
""",
    """self.request.level, Signal(), stages=self.params.stages, reset_less=False
        )
        m.submodules.two = FFSynchronizer(self.request.level, requested, stages=2, reset_less=False)
""",
)

ACKNOWLEDGE_DROPPED = Mutant(
    "the acknowledge falls before the request does, and the event is read again",
    HANDSHAKE,
    "with m.If(~requested):",
    "with m.If(~requested | self.acknowledge.level):",
)
OVERWRITTEN = Mutant(
    "an event is read while the one before still waits",
    HANDSHAKE,
    "free.eq(~self.output.valid | self.output.ready)",
    "free.eq(1)",
)
DOUBLED_ON_STALL = Mutant(
    "an event that was stalled is offered again when it has been taken",
    HANDSHAKE,
    "        with m.If(self.output.ready):",
    """        stalled = Signal()
        m.d.sync += stalled.eq(self.output.valid & ~self.output.ready)
        with m.If(self.output.ready & ~stalled):""",
)

DATA_READ_LATE = Mutant(
    "the data are read a cycle after they were acknowledged",
    HANDSHAKE,
    """                self.output.payload.eq(self.data),
            ]
""",
    """            ]
        before = Signal()
        m.d.sync += before.eq(self.acknowledge.level)
        with m.If(self.acknowledge.level & ~before):
            m.d.sync += self.output.payload.eq(self.data)
""",
)
