"""The board's own registers. What stands below address 0x1000, in this order (rule 5.2 of `docs/link.md`).

Those of `CONTROL` a host may write; all others show a state or a count. A count of n bits counts modulo 2^n,
so that the difference of two readings is right as long as less than 2^n happened between them.
"""

from __future__ import annotations

from spikelock.models.fixed import unsigned
from spikelock.models.ports import Register, RegisterMap

from .description import BoardParams

MAGIC = 0x4B4C_5053
"""Reads as the letters SPLK, lowest byte first."""

MAP_VERSION = 1
"""Of this map."""

CHAIN_REGISTERS = 0x1000
"""Address of the chain's first register."""

CONTROL: RegisterMap = {
    "scratch": Register(unsigned(32), 0, "nothing but a value, to be written and read back"),
    "run": Register(unsigned(1), 0, "1: the chain works; 0: it is held in reset; 0 when a session begins"),
    "pause": Register(unsigned(1), 0, "1: no more events are handed to the chain; they wait"),
    "lockstep": Register(
        unsigned(1),
        0,
        "1: the chain works a tick at a time, and stops where its events are not the expected ones; while "
        "`run` is 0, when it is to be set, events that wait are dropped",
    ),
    "probe_arm": Register(unsigned(1), 0, "1: the probe captures; set the registers below while it is 0"),
    "probe_repeat": Register(unsigned(1), 0, "1: one capture follows the other"),
    "probe_source": Register(unsigned(3), 0, "what is tapped: see `models/board/taps.py`"),
    "probe_trigger": Register(unsigned(2), 0, "0 VALUE, 1 EDGE, 2 RATE, 3 STOPPED: the lockstep has stopped"),
    "probe_mask": Register(unsigned(24), 0, "bits of a sample's data that the trigger looks at"),
    "probe_value": Register(unsigned(24), 0, "what these bits shall be"),
    "probe_after": Register(unsigned(12), 0, "samples after the trigger, less than `probe_depth`"),
    "probe_occurrences": Register(unsigned(16), 1, "of RATE: how often the value occurs"),
    "probe_window": Register(unsigned(16), 0, "of RATE: in so many samples; 0 is 65,536"),
}
"""Registers that can be written."""


def missing(board: BoardParams) -> frozenset[str]:
    """Registers of `CONTROL` for monitors that a board does not have: they keep their reset values."""
    lockstep = set() if board.lockstep else {"lockstep"}
    probe = {name for name in CONTROL if name.startswith("probe_") and not board.probe_depth}
    return frozenset(lockstep | probe)


STATUS: RegisterMap = {
    "magic": Register(unsigned(32), MAGIC, "says that this is such a board"),
    "map_version": Register(unsigned(8), MAP_VERSION, "of this register map"),
    "clock": Register(unsigned(32), 0, "Hz"),
    "cycles": Register(unsigned(32), 0, "clock cycles since power-up"),
    "link_frames": Register(unsigned(16), 0, "whole frames received"),
    "link_errors": Register(unsigned(16), 0, "received and dropped as no frame, a wrong CRC among them"),
    "link_line_errors": Register(unsigned(16), 0, "bytes without a stop bit; over Ethernet, damaged frames"),
    "link_overruns": Register(unsigned(16), 0, "bytes that came before there was room for them"),
    "link_replays": Register(unsigned(16), 0, "times that packets were sent again"),
    "link_refused": Register(unsigned(16), 0, "packets and words dropped by rule 4.3"),
    "events_in": Register(unsigned(32), 0, "events handed to the chain"),
    "events_out": Register(unsigned(32), 0, "events that came from the chain"),
    "spikes_of_tick": Register(unsigned(16), 0, "neuron spikes of the tick before the last mark"),
    "events_waiting": Register(unsigned(16), 0, "events before the chain"),
    "events_leaving": Register(unsigned(16), 0, "events behind the chain, not yet sent"),
    "stopped": Register(unsigned(1), 0, "1: the lockstep has found a difference; 0 when `run` is 0"),
    "stopped_index": Register(unsigned(32), 0, "then: how many events were as expected before it"),
    "stopped_expected": Register(unsigned(32), 0, "then: the bits of the expected event"),
    "stopped_actual": Register(unsigned(32), 0, "then: the bits of the event that came instead"),
    "probe_depth": Register(unsigned(16), 0, "samples that a capture has at most; 0: there is no probe"),
    "dropped": Register(unsigned(16), 0, "events that came without room for them; anything but 0 is a fault"),
}
"""Registers that can be read only."""

REGISTERS: RegisterMap = {**CONTROL, **STATUS}
"""All of them, by address."""
