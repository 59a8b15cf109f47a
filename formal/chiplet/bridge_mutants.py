"""Broken bridges: what the proofs, the bench or both must find."""

from __future__ import annotations

from spikelock.models.mutant import Mutant

BRIDGE = "chiplet.bridge"

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
    BRIDGE,
    "from amaranth.lib.fifo import AsyncFIFO, SyncFIFO",
    "from amaranth.lib.fifo import SyncFIFO\nfrom spikelock.formal.chiplet.binary_pointers import AsyncFIFO",
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
    "old flits come out of the crossing after a reset", BRIDGE, "fifo.r_rdy & settled", "fifo.r_rdy"
)
