"""Energy of a run on a package, from counted events.

No chip of this design has been made, so the constants are those that others have measured or specified for
theirs, each named; what comes out is a plan, and right to its order of magnitude. All can be replaced.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from spikelock.models.chiplet import bridge
from spikelock.models.errors import BadInput

EVENT = bridge.Params(width=18)
"""The bridge of a package, where nothing else is said: an event with a key of 16 bits is a word."""


@dataclass(frozen=True)
class Constants:
    """hop, synapse, update: pJ. bit: pJ on a wire of a bridge. idle: W of a die that does nothing. line: the
    bridges, whose flits say how many bits an event is there and how many cycles it takes.
    """

    hop: float = 4.0
    """An event over one router and its link. Loihi, 14 nm, 0.75 V: 3.0 pJ a tile east or west, 4.0 pJ north
    or south (Davies et al., "Loihi", IEEE Micro 38(1), 2018, table 2)."""
    synapse: float = 23.6
    """A weight added to an accumulator. Loihi, at least (the same table)."""
    update: float = 81.0
    """A neuron's step in one tick. Loihi, of an active neuron; 52 pJ of an inactive one (the same table)."""
    bit: float = 0.5
    """A bit between two dies. UCIe, standard package, up to 16 GT/s; 0.25 pJ on an advanced package (UCIe 1.0
    specification, table of key performance targets; Das Sharma, Hot Interconnects 2025)."""
    idle: float = 0.01
    """A small die's leakage and clock tree: an assumption, to be replaced by the report of a synthesis."""
    line: bridge.Params = EVENT
    """As `chiplet.bridge` has it. Flits that are sent again, and idle ones, are not counted."""

    def __post_init__(self) -> None:
        for name in ("hop", "synapse", "update", "bit", "idle"):
            if not 0 <= (value := getattr(self, name)) < math.inf:
                raise BadInput(f"{name} = {value}: 0 or more is needed")

    @property
    def beats(self) -> int:
        """Cycles of the sending die that an event takes on a bridge."""
        return self.line.framing.beats

    @property
    def bits(self) -> int:
        """That an event is on all wires of a bridge: data, check bits, frame."""
        wires = self.line.lanes + self.line.framing.check_lanes + 1
        return self.beats * wires


@dataclass(frozen=True)
class Counts:
    """What a run did on a die, or on all: events over on-die links, weights added, neuron steps, events that
    left it over bridges.
    """

    hops: int = 0
    synapses: int = 0
    updates: int = 0
    bridged: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def picojoules(self, constants: Constants) -> Mapping[str, float]:
        """By what it went into."""
        return {
            "hops": self.hops * constants.hop,
            "synapses": self.synapses * constants.synapse,
            "updates": self.updates * constants.update,
            "bridges": self.bridged * constants.bits * constants.bit,
        }


def utilisation(events: float, seconds: float, clock: float, constants: Constants) -> float:
    """Part of a bridge's cycles that events take which pass in some seconds. clock: the sender's, in Hz."""
    return events * constants.beats / (clock * seconds)
