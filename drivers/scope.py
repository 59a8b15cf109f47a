"""A board's probe as a host sees it: set it, wait for its trigger, read the samples around it.

scope = Scope(board)
scope.arm(Setting(Source.OUTPUT, match={"kind": Kind.TICK}, after=20))
board.run(events)
capture = scope.take(timeout=1)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from spikelock.models.board import channels as words
from spikelock.models.board.taps import SAMPLE, TIME, Source, capture_port, layouts
from spikelock.models.errors import BadInput
from spikelock.models.fixed import Ints
from spikelock.models.link.protocol import Channel
from spikelock.models.monitor.probe import Trigger
from spikelock.models.ports import Layout, Records

from .board import Board

QUIET = 0.1
"""Seconds without a sample after which a probe that was disarmed has nothing more to send."""


@dataclass(frozen=True)
class Setting:
    """What a probe shall capture.

    match: fields of the source that the trigger looks at, and the value of each; for EDGE the values do not
    matter. after: samples behind the trigger. occurrences, window: of RATE, how often in how many samples.
    """

    source: Source = Source.OUTPUT
    trigger: Trigger = Trigger.VALUE
    match: Mapping[str, int] = field(default_factory=dict)
    after: int = 0
    occurrences: int = 1
    window: int = 0


@dataclass(frozen=True)
class Capture:
    """Samples around a trigger.

    samples: records with the fields of the source. cycles: of each, counted from the trigger; gaps of 2^22
    clock cycles and more come out too short by a multiple of that. trigger: index of the sample that it was.
    clock: Hz.
    """

    source: Source
    layout: Layout
    samples: Records
    cycles: Ints
    trigger: int
    clock: int

    @property
    def is_stream(self) -> bool:
        """The samples are records that passed, not states that stayed until the next sample."""
        return self.source in (Source.OUTPUT, Source.INPUT, Source.TICKS)


class Scope:
    """The probe of a board. Raises BadInput where it has none."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.depth = board.registers["probe_depth"]
        if not self.depth:
            raise BadInput(
                f"the board {board.capability.board.name} has no probe: build its top with probe_depth=256"
            )
        self.layouts = layouts(board.capability.board.chain)
        self._port = capture_port(self.depth)
        self._source = Source.OUTPUT
        self._came = [np.zeros(0, self._port.dtype)]
        size = words.record_bytes(self._port)
        board.link.words(Channel.PROBES, receive=size, room=max(1024, 2 * self.depth))

    def arm(self, setting: Setting, *, repeat: bool = False) -> None:
        """Sets the probe and lets it capture, once or again and again.

        Raises BadInput for a field that the source does not have, RangeError for a value that does not fit.
        """
        layout = self.layouts[setting.source]
        unknown = setting.match.keys() - layout.fields.keys()
        if unknown:
            raise BadInput(
                f"{setting.source.name} has no field {sorted(unknown)[0]!r}; it has: "
                f"{', '.join(layout.fields)}"
            )
        if not 0 <= setting.after < self.depth:
            raise BadInput(f"after = {setting.after}: 0 … {self.depth - 1} samples follow the trigger")
        mask, value = _mask_and_value(layout, setting.match)
        self.disarm()
        self._source = setting.source
        self.board.registers.update(
            {
                "probe_source": setting.source,
                "probe_trigger": setting.trigger,
                "probe_mask": mask,
                "probe_value": value,
                "probe_after": setting.after,
                "probe_occurrences": setting.occurrences,
                "probe_window": setting.window,
                "probe_repeat": int(repeat),
            }
        )
        self.board.registers["probe_arm"] = 1

    def disarm(self) -> None:
        """Ends capturing; a capture that is on its way is dropped."""
        if self.board.registers["probe_arm"]:
            self.board.registers["probe_arm"] = 0
            while self.board.link.receive(Channel.PROBES, QUIET) is not None:
                pass
        self._came = [np.zeros(0, self._port.dtype)]

    def take(self, timeout: float = 0.0) -> Capture | None:
        """The next whole capture; None where none comes within `timeout` seconds."""
        give_up = self.board.link.clock() + timeout
        while True:
            came = np.concatenate(self._came)
            ends = np.flatnonzero(came["last"])
            if len(ends):
                self._came = [came[ends[0] + 1 :]]
                return self._capture(came[: ends[0] + 1])
            packet = self.board.link.receive(Channel.PROBES, max(0.0, give_up - self.board.link.clock()))
            if packet is None:
                return None
            self._came = [came, words.from_bytes(self._port, packet)]

    def _capture(self, records: Records) -> Capture:
        parts = SAMPLE.unpack(records["sample"].astype(np.uint64)[:, np.newaxis])
        layout = self.layouts[self._source]
        elapsed = np.cumsum(np.diff(parts["time"], prepend=parts["time"][0]) % (1 << TIME.width))
        trigger = int(np.argmax(records["trigger"]))
        return Capture(
            self._source,
            layout,
            layout.unpack(parts["data"].astype(np.uint64)[:, np.newaxis]),
            elapsed - elapsed[trigger],
            trigger,
            self.board.capability.board.clock,
        )


def _mask_and_value(layout: Layout, match: Mapping[str, int]) -> tuple[int, int]:
    """Bits of the fields that are named, and what they shall be."""
    record = layout.records(**{name: [match.get(name, 0)] for name in layout.fields})
    value, mask, offset = int(layout.pack(record)[0, 0]), 0, 0
    for name, q in layout.fields.items():
        mask |= ((1 << q.width) - 1) << offset if name in match else 0
        offset += q.width
    return mask, value
