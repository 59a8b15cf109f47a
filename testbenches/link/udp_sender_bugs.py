"""Mistakes that people make in such a core, and what must catch each."""

from __future__ import annotations

from spikelock.models.mutant import Mutant
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SENDER = "link.udp_sender"


def _bug(name: str, breaks: str, old: str, new: str, case: str = "small") -> KnownBug:
    return KnownBug(name, Mutant(breaks, SENDER, old, new), case, Catch(Detector.SCOREBOARD, "rtl"))


EMPTY_SENT = Mutant("a 0 alone is sent", SENDER, "(zero & (count == 0)) | ~", "~")
UNKNOWN_SENT = Mutant("something is sent although nobody is known", SENDER, " | ~self.registers.known", "")
NEVER_FULL = Mutant("a payload may be too long", SENDER, "zero | (count == params.longest - 1)", "zero")

BUGS = [
    KnownBug(
        "carry is lost",
        Mutant("the sum does not take its carry back in", SENDER, "once[:16] + once[16]", "once[:16]"),
        "large",
        Catch(Detector.PROOF, "datagrams"),
    ),
    _bug("length without header", "the length of IPv4 is that of UDP", "count + 28)", "count + 8)"),
    _bug(
        "zero stays",
        "the 0 at the end of a frame is not sent",
        "last = position == count - 1",
        "last = position == count - 2",
    ),
    _bug(
        "little-endian",
        "the lowest byte travels first",
        "reversed(range(0, len(whole), 8))",
        "range(0, len(whole), 8)",
    ),
    KnownBug("zeros are sent", EMPTY_SENT, "small", Catch(Detector.SCOREBOARD, "rtl")),
    KnownBug("sends to nobody", UNKNOWN_SENT, "small", Catch(Detector.PROOF, "datagrams")),
    KnownBug("never full", NEVER_FULL, "small", Catch(Detector.SCOREBOARD, "rtl")),
]
