"""Broken bridges: what the proofs, the bench or both must find."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

BRIDGE = "chiplet.bridge"
CROSSING = "crossing"

REPLAY_OFF_BY_ONE = Mutant(
    "what is sent again begins one word late",
    BRIDGE,
    "Mux(restarts | (started < acknowledged), 0,",
    "Mux(restarts | (started < acknowledged), restarts & (sent > acknowledged),",
)
STALE_CREDIT = Mutant(
    "the credit of a flit is that of when its word was first taken, not of now",
    BRIDGE,
    "self.given.eq(self.given + (self.receive.valid & self.receive.ready))",
    "self.given.eq(self.given + (is_data & (ahead + 1)[-1]))",
)
CREDIT_TOO_MANY = Mutant(
    "credit is given for one word too many",
    BRIDGE,
    "init=self.params.depth)",
    "init=self.params.depth + 1)",
)
CREDIT_LEAKS = Mutant(
    "the credit of a word that leaves while another comes is lost",
    BRIDGE,
    "(self.receive.valid & self.receive.ready))",
    "(self.receive.valid & self.receive.ready & ~keeps))",
)
CREDIT_IGNORED = Mutant("words are sent without credit", BRIDGE, " & (number != limit)", "")
NUMBER_NOT_CHECKED = Mutant(
    "a word is taken whatever its number", BRIDGE, "keeps.eq(is_data & (ahead == 0))", "keeps.eq(is_data)"
)
WINDOW_TOO_LARGE = Mutant(
    "the window is one word too large", BRIDGE, "(used != params.window)", "(used != params.window + 1)"
)
NEVER_AGAIN = Mutant(
    "nothing is sent again unless it is asked for",
    BRIDGE,
    "restarts.eq((self.comes & flit.mark) | expired)",
    "restarts.eq(self.comes & flit.mark)",
)
AGAIN_FOR_NOTHING = Mutant(
    "words are sent again when others are acknowledged",
    BRIDGE,
    "restarts.eq((self.comes & flit.mark) | expired)",
    "restarts.eq((self.comes & flit.mark) | expired | (acknowledged != 0))",
)
DEAD_UNSEEN = Mutant(
    "a dead line is not reported",
    BRIDGE,
    "with m.Elif(quiet == params.silence - 1):\n            m.d.sync += [self.up.eq(0), heard.eq(0)]",
    "with m.Elif(quiet == params.silence - 1):\n            pass",
)
HEARS_ALL = Mutant(
    "what was sent before an end went down counts as training",
    BRIDGE,
    "heard.eq(heard + is_training)",
    "heard.eq(heard + 1)",
)
DEAF_UNSEEN = Mutant(
    "an end that is not heard any more goes on",
    BRIDGE,
    "m.d.sync += [self.up.eq(0), heard.eq(0)]\n            with m.Elif(~self.hears)",
    "m.d.sync += heard.eq(0)\n            with m.Elif(~self.hears)",
)
UNCHECKED = Mutant(
    "a word leaves the framing before its check",
    "chiplet.framing",
    "good = crc.match_detected",
    "good = ~crc.match_detected | 1",
)
BINARY_POINTERS = Mutant(
    "the pointers of the crossing are no Gray code",
    CROSSING,
    "from amaranth.lib.fifo import AsyncFIFO",
    "from spikelock.formal.chiplet.binary_pointers import AsyncFIFO",
)
DROPPED_ON_FULL = Mutant(
    "a word that comes when all slots are full is dropped",
    BRIDGE,
    "self.send.ready.eq(used != params.window),\n            filled.eq(self.send.valid & self.send.ready)",
    "self.send.ready.eq(1),\n            filled.eq(self.send.valid & (used != params.window))",
)
DOUBLED_ON_STALL = Mutant(
    "a word whose taker stalls for a cycle is delivered twice",
    BRIDGE,
    "queue.r_en.eq(self.receive.ready),\n        ]",
    'queue.r_en.eq(self.receive.ready & ~(stalled := Signal(name="stalled"))),\n        ]\n'
    "        m.d.sync += stalled.eq(self.receive.valid & ~self.receive.ready)",
)
UNSETTLED = Mutant(
    "old words come out of the crossing after a reset", CROSSING, "fifo.r_rdy & settled", "fifo.r_rdy"
)
REPORTED_LATE = Mutant(
    "a dead line is reported one cycle late",
    BRIDGE,
    "quiet == params.silence - 1",
    "quiet == params.silence",
)
ASKS_NEVER = Mutant(
    "what is missing is not asked for", BRIDGE, "m.d.sync += [self.ask.eq(1), asked.eq(1)]", "pass"
)
LATE_AGAIN = Mutant(
    "what is not acknowledged is sent again one cycle late",
    BRIDGE,
    "expired.eq(waits & (timer == params.timeout - 1))",
    "expired.eq(waits & (timer == params.timeout))",
)
OTHER_KIND = Mutant(
    "an IDLE is of no kind that there is",
    BRIDGE,
    "Mux(starts, Kind.DATA, Kind.IDLE)",
    "Mux(starts, Kind.DATA, 3)",
)
CUT_UNCOUNTED = Mutant(
    "a flit that is cut short is not counted",
    "chiplet.framing",
    "self.drops.eq((whole & ~good) | cut)",
    "self.drops.eq(whole & ~good)",
)
GAP = Mutant(
    "flits are sent with gaps between them",
    "chiplet.framing",
    "self.input.ready.eq(~self.sending | (place == params.beats - 1))",
    "self.input.ready.eq(~self.sending)",
)
NOT_PUT_RIGHT = Mutant(
    "a wrong lane is not put right",
    "chiplet.framing",
    "line.eq(decoder.output)",
    "line.eq(self.beat.data)",
)
PADDED = Mutant(
    "behind a body there are no zeros",
    "chiplet.framing",
    "body.eq(self.input.payload)",
    "body.eq(Cat(self.input.payload, Const(-1, 64)))",
)
OVERFULL = Mutant(
    "a flit that finds no room is not counted",
    BRIDGE,
    "receiver.drops | (receiver.arrives & ~crossing.incoming.ready)",
    "receiver.drops",
)
WHOLE_WINDOW = Mutant(
    "when a whole window is acknowledged at once, it still counts as sent",
    BRIDGE,
    "sent.eq(Mux(started > sent, started, sent) - acknowledged)",
    "sent.eq(Mux(started > sent, started, sent) - Mux(acknowledged == params.window, 0, acknowledged))",
)
