"""Energy of a run on a package, from counted events.

No chip of this design has been made, so the constants are those that others have measured or specified for
theirs, each named; what comes out is a plan, and right to its order of magnitude. All can be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from spikelock.models.errors import BadInput


@dataclass(frozen=True)
class Constants:
    """hop, synapse, update: pJ. bit: pJ on a bridge. flit: bits that an event is on a bridge's line. lanes:
    bits a cycle of a bridge. idle: W of a die that does nothing.
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
    flit: int = 72
    """Body and CRC-32 of one word: `kind`, `mark`, three numbers of 6 bits, a word of 18 bits (an event with
    a key of 16), to whole bytes (`docs/bridge.md`, rule 2). Flits that are sent again are not counted."""
    lanes: int = 8
    """Of a bridge, in each direction; a bit each in a cycle of the sending die's clock."""
    idle: float = 0.01
    """A small die's leakage and clock tree: an assumption, to be replaced by the report of a synthesis."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), int(field.name in ("flit", "lanes"))
            if not value >= least:
                raise BadInput(f"{field.name} = {value}: {least} or more is needed")

    @property
    def bridge(self) -> float:
        """pJ of an event over a bridge."""
        return self.bit * self.flit


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
            "bridges": self.bridged * constants.bridge,
        }


def utilisation(events: float, seconds: float, clock: float, constants: Constants) -> float:
    """Part of a bridge's bits that events take which pass in some seconds. clock: the sender's, in Hz."""
    return events * constants.flit / (constants.lanes * clock * seconds)
