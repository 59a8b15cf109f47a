"""Broken endpoints: what the proofs, the bench or both must find."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

ENDPOINT = "link.endpoint"

REPLAY_OFF_BY_ONE = Mutant(
    "what is sent again begins one packet late",
    ENDPOINT,
    "Mux(restarts | (started < self.acknowledged), 0,",
    "Mux(restarts | (started < self.acknowledged), restarts & (sent > self.acknowledged),",
)
STALE_ACKNOWLEDGEMENT = Mutant(
    "an acknowledgement that comes late counts as a new one",
    ENDPOINT,
    "is_word & (advance <= self.sent)",
    "is_word",
)
NUMBER_NOT_CHECKED = Mutant(
    "a packet is delivered whatever its number",
    ENDPOINT,
    "storing.eq(ahead == 0)",
    "storing.eq(1)",
)
ACKNOWLEDGED_UNDELIVERED = Mutant(
    "a packet for which there was no room is acknowledged",
    ENDPOINT,
    "with m.If(self.buffer.kept):",
    "with m.If(storing):",
)
WINDOW_TOO_LARGE = Mutant(
    "the window is one packet too large",
    ENDPOINT,
    "(used != params.window)",
    "(used != params.window + 1)",
)
SESSION_IGNORED = Mutant(
    "a packet of another session is taken",
    ENDPOINT,
    "own.eq(self.open & (session == self.number))",
    "own.eq(self.open)",
)
SLOT_REFILLED = Mutant(
    "a slot is filled anew while what was in it is being sent",
    ENDPOINT,
    " & ~in_use),",
    "),",
)
OLD_UNDER_NEW_SESSION = Mutant(
    "a frame that has begun takes the new session",
    ENDPOINT,
    "out.payload.data.eq(session)",
    "out.payload.data.eq(self.number)",
)
PACKETS_SURVIVE = Mutant(
    "packets to be sent outlive their session",
    ENDPOINT,
    "for register in (base, used, sent, upcoming, fill_index, timer)",
    "for register in (base, sent, upcoming, fill_index, timer)",
)
DELIVERIES_SURVIVE = Mutant(
    "packets that were received outlive their session",
    ENDPOINT,
    "self.buffer.clear.eq(self.begin)",
    "self.buffer.clear.eq(0)",
)
OPENED_TWICE = Mutant(
    "an OPEN that comes twice begins a session twice",
    ENDPOINT,
    "(session != 0) & (session != self.number)",
    "(session != 0)",
)
NEVER_AGAIN = Mutant(
    "nothing is sent again unless it is asked for",
    ENDPOINT,
    "restarts.eq(self.rewind | (self.open & self.expired))",
    "restarts.eq(self.rewind)",
)
PACKETS_WAIT = Mutant(
    "packets wait until nothing else is to be sent",
    ENDPOINT,
    "packet & (turn | ~others)",
    "packet & ~others",
)
ASKED_TWICE = Mutant(
    "what is asked for is asked for again, where a packet comes too early as REPEAT begins",
    ENDPOINT,
    "with m.If(~asked):",
    "with m.If(self.ask | ~asked):",
)
DUPLICATE_UNANSWERED = Mutant(
    "a packet that was already delivered is not acknowledged",
    ENDPOINT,
    "m.d.comb += ignored.eq(1)\n                        m.d.sync += self.acknowledge.eq(1)",
    "m.d.comb += ignored.eq(1)",
)
ANSWERS_WAIT = Mutant(
    "acknowledgements wait until no packet is to be sent",
    ENDPOINT,
    "packet & (turn | ~others)",
    "packet",
)
