"""Mistakes that people make in such a core, and what must catch each."""

from __future__ import annotations

from spikelock.models.mutant import Mutant
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

RECEIVER = "link.udp_receiver"


def _bug(name: str, breaks: str, old: str, new: str, case: str = "small") -> KnownBug:
    return KnownBug(name, Mutant(breaks, RECEIVER, old, new), case, Catch(Detector.SCOREBOARD, "rtl"))


BUGS = [
    _bug("frame check ignored", "frames with a wrong check are used", "~crc.match_detected", "Const(0)"),
    _bug(
        "carry is lost",
        "sums do not take their carry back in",
        "(total[:16] + total[16])[:16]",
        "total[:16]",
    ),
    _bug("fragments are taken", "a fragment is taken for a datagram", 'ipv4 & ~matches["whole"]', "Const(0)"),
    _bug(
        "later fragments are taken",
        "only the flag of more fragments counts",
        "20: (0, 0x3F), 21: (0, 0xFF)",
        "20: (0, 0x20)",
    ),
    _bug(
        "padding is summed",
        "the sum of a datagram takes in what follows it",
        "(index >= 34) & (index < self.total_length + 14)",
        "index >= 34",
    ),
    _bug(
        "no checksum is wrong",
        "datagrams without checksum are refused",
        ' & ~(udp & matches["no_checksum"])',
        "",
    ),
    _bug("answers broadcasts", "IP may be broadcast", '(matches["broadcast"] & arp)', 'matches["broadcast"]'),
    _bug(
        "padding is handed on",
        "the payload is as long as the frame",
        "judge.total_length - 28",
        "judge.index - 46",
    ),
    _bug(
        "echo keeps its checksum",
        "the checksum of an echo stays",
        "ones_add(judge.checksum, 0x0800)",
        "judge.checksum",
    ),
    _bug("no end", "no 0 follows a payload", "Mux(ends, 0, read.data)", "read.data"),
    KnownBug(
        "payload runs on in a stall",
        Mutant(
            "the next byte is read whether or not this one was taken",
            RECEIVER,
            "with m.If(output.ready):\n                        m.d.comb += next_position.eq(position + 1)",
            "m.d.comb += next_position.eq(position + 1)\n                    with m.If(output.ready):",
        ),
        "small",
        Catch(Detector.PROTOCOL, "rtl"),
    ),
    KnownBug(
        "a reset forgets to judge anew",
        Mutant("what was found of one frame holds for the next", RECEIVER, "ResetInserter(done)", ""),
        "small",
        Catch(Detector.SCOREBOARD, "rtl"),
    ),
]
