"""A soak of a link: packets of all lengths are echoed, and each byte that comes back is looked at."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from spikelock.models.errors import LineLost
from spikelock.models.link.protocol import Channel

from .connection import LONGEST_WORDS
from .link import Link

MOST_UNDERWAY = 128
"""Packets that were sent and are not echoed yet, at most."""

MOST_RESUMED = 10
"""Times that a line is resumed with nothing coming in between."""

LONGEST_SILENCE = 10.0
"""Seconds after which an echo counts as lost."""


@dataclass
class Soak:
    """What came of a soak. sent, echoed: packets and bytes; resumed: times that the line was lost."""

    sent: int = 0
    echoed: int = 0
    resumed: int = 0
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether every byte came back once and in order."""
        return not self.problem


def soak(link: Link, packets: int, seed: int = 0, resume: bool = True, longest: int = LONGEST_WORDS) -> Soak:
    """Sends packets of random bytes over ECHO, and compares what comes back; stops at the first difference.

    longest: bytes of a packet, at most. A line that is lost is resumed, unless it shall not be. Raises
    SessionLost where a board was restarted meanwhile, and what else `Link.send` and `Link.resume` raise.
    """
    chance = random.Random(seed)
    result = Soak()
    expected: deque[bytes] = deque()
    lost = 0
    while not result.problem and (result.sent < packets or expected):
        try:
            if lost:
                link.resume()
            if result.sent < packets and len(expected) < MOST_UNDERWAY:
                packet = chance.randbytes(chance.randint(1, longest))
                expected.append(packet)
                result.sent += 1
                link.send(Channel.ECHO, packet)
            full = result.sent == packets or len(expected) >= MOST_UNDERWAY
            echo = link.receive(Channel.ECHO, LONGEST_SILENCE if full else 0.0)
            lost = 0
        except LineLost:
            lost += 1
            result.resumed += 1
            if lost > MOST_RESUMED or not resume:
                raise
            continue
        if echo is not None:
            result.problem = _compare(echo, expected, result)
        elif full:
            result.problem = (
                f"packet {result.echoed} of {result.sent} was not echoed in {LONGEST_SILENCE:g} s"
            )
    return result


def _compare(echo: bytes, expected: deque[bytes], result: Soak) -> str:
    """What is wrong with an echo; a board may cut packets anew."""
    while echo:
        if not expected:
            return f"{len(echo)} bytes came back that were not sent, after packet {result.echoed}"
        wanted = expected[0]
        size = min(len(wanted), len(echo))
        if wanted[:size] != echo[:size]:
            return f"packet {result.echoed} came back as {echo[:8].hex()}…, not {wanted[:8].hex()}…"
        echo = echo[size:]
        if size == len(wanted):
            expected.popleft()
            result.echoed += 1
        else:
            expected[0] = wanted[size:]
    return ""
