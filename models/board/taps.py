"""What a board's probe can be put on, and what its samples mean there.

A sample is 24 bits of data and the time, in clock cycles modulo 2^22. Where a stream is tapped, a sample is
a record that passes; elsewhere there is one whenever the data change.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from spikelock.models.errors import RangeError
from spikelock.models.fabric import chain
from spikelock.models.fixed import unsigned
from spikelock.models.monitor import probe
from spikelock.models.ports import Layout, Port

DATA = unsigned(24)
TIME = unsigned(22)
RATE_WIDTH = 16


class Source(IntEnum):
    """Where the probe is put: the register `probe_source`."""

    OUTPUT = 0
    INPUT = 1
    LEVELS = 2
    HANDSHAKES = 3
    TICKS = 4
    LINK = 5


WHAT: Mapping[Source, str] = {
    Source.OUTPUT: "events that the chain sends",
    Source.INPUT: "events that are handed to the chain",
    Source.LEVELS: "events that wait before and behind the chain",
    Source.HANDSHAKES: "valid and ready of the chain's streams, and what holds the chain",
    Source.TICKS: "neuron spikes of each tick",
    Source.LINK: "what the link counts: frames dropped, replays, overruns",
}


SAMPLE = Layout({"data": DATA, "time": TIME})
"""A sample, as the probe takes it."""


def capture_port(depth: int) -> Port:
    """What the channel PROBES carries."""
    return probe.outputs(probe.Params(SAMPLE.width, depth, RATE_WIDTH))["output"]


def layouts(params: chain.Params) -> Mapping[Source, Layout]:
    """The data of a sample, for each source. Raises RangeError where an event has more bits than a sample."""
    (incoming,) = chain.inputs(params).values()
    (outgoing,) = chain.outputs(params).values()
    if outgoing.width > DATA.width:
        raise RangeError(
            f"events of {outgoing.width} bits do not fit the {DATA.width} bits of a sample: a board with a "
            f"probe has at most {1 << (DATA.width - 2)} addresses; probe_depth=0 makes one without"
        )
    bit, byte = unsigned(1), unsigned(8)
    handshakes = ("input_valid", "input_ready", "output_valid", "output_ready", "idle", "run", "stopped")
    return {
        Source.OUTPUT: outgoing,
        Source.INPUT: incoming,
        Source.LEVELS: Layout({"waiting": unsigned(12), "leaving": unsigned(12)}),
        Source.HANDSHAKES: Layout(dict.fromkeys(handshakes, bit)),
        Source.TICKS: Layout({"spikes": unsigned(16)}),
        Source.LINK: Layout({"errors": byte, "replays": byte, "overruns": byte}),
    }
