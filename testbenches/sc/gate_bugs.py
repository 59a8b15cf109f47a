"""Mistakes that people make in `sc.gate`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.sc.gate import BROKEN
from spikelock.models.sc.gate import Gate
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("not-is-another", BROKEN[Gate.NOT], "not", SCOREBOARD),
    KnownBug("and-is-another", BROKEN[Gate.AND], "and", SCOREBOARD),
    KnownBug("xnor-is-another", BROKEN[Gate.XNOR], "xnor", SCOREBOARD),
    KnownBug("or-is-another", BROKEN[Gate.OR], "or", SCOREBOARD),
    KnownBug("xor-is-another", BROKEN[Gate.XOR], "xor", SCOREBOARD),
    KnownBug("mux-is-another", BROKEN[Gate.MUX], "mux", SCOREBOARD),
)
