"""What an endpoint counts."""

from __future__ import annotations

from dataclasses import dataclass, field

MICROSECONDS = 1_000_000
BINS_OF_AN_OCTAVE = 4
OCTAVES = 26


@dataclass(slots=True)
class Histogram:
    """Times on a logarithmic scale, a quarter of an octave a bin, from 1 µs to a minute; `worst` is exact."""

    counts: list[int] = field(default_factory=lambda: [0] * (BINS_OF_AN_OCTAVE * OCTAVES))
    worst: float = 0.0

    def add(self, seconds: float) -> None:
        """Counts one."""
        time = max(1, int(seconds * MICROSECONDS))
        octave = time.bit_length() - 1
        quarter = (time << 2 >> octave) & 3
        self.counts[min(BINS_OF_AN_OCTAVE * octave + quarter, len(self.counts) - 1)] += 1
        self.worst = max(self.worst, seconds)

    def quantile(self, fraction: float) -> float:
        """The time in seconds, to a quarter of an octave, that so many of all do not exceed; 0 for none."""
        wanted = fraction * sum(self.counts)
        below = 0
        for number, count in enumerate(self.counts):
            below += count
            if count and below >= wanted:
                octave, quarter = divmod(number, BINS_OF_AN_OCTAVE)
                return min(self.worst, (5 + quarter) / 4 * (1 << octave) / MICROSECONDS)
        return 0.0


@dataclass(slots=True)
class Statistics:
    """Counts since a link was made.

    frames and bytes: on the line. packets: those of channels, each once. replays: times that packets were
    sent again; frames_replayed: how many. repeats: REPEATs received. not_frames: what came and is no frame by
    COBS or by its length. crc_errors: what came with a wrong CRC. foreign: frames of other sessions.
    refused: packets that break rule 4. round_trips: from sending a packet to its acknowledgement, of packets
    that were sent only once.
    """

    frames_sent: int = 0
    frames_received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    packets_sent: int = 0
    packets_received: int = 0
    replays: int = 0
    frames_replayed: int = 0
    repeats: int = 0
    not_frames: int = 0
    crc_errors: int = 0
    foreign: int = 0
    refused: int = 0
    round_trips: Histogram = field(default_factory=Histogram)
