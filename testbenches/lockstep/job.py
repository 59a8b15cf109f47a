"""What one run is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spikelock.models.errors import BadInput
from spikelock.models.ports import Records

from .stalls import NONE, Stall

Values = Records | Mapping[str, int]
"""What a level holds: one value per field, or records, one a cycle, of which the last one stays."""


@dataclass(frozen=True)
class Job:
    """Input transactions, what is expected of them, and the circumstances.

    inputs: transactions by stream; a stream that is not named offers none.
    expected: the transactions that output streams must give. counts: just their number.
    levels: new values of level inputs; one that is not named keeps its value.
    stalls: of all streams, or by stream. seed: of the stall patterns.
    resets: cycles of the first clock at which a reset of `reset_length` cycles begins. No handshake takes
        place in reset; a transaction offered at that moment is offered again afterwards, and what the design
        held is lost.

    The run ends once all inputs are taken and, where outputs were announced by `expected` or `counts`,
    `drain` cycles after the last of them: more than announced is a problem. Where none were, it ends after
    `drain` cycles without a handshake. It fails
        after `patience` cycles without a handshake,
        after `limit` cycles in all (20 million, and 100 a transaction, where none is given),
        where an output breaks the stream protocol: valid drops or the payload changes before it is accepted,
        where an assertion in the design fails,
        with `stop_at_mismatch`, at the first transaction that is not the expected one.

    stamps: note the cycle of every transaction. watch: record level outputs and probes in every cycle.
    """

    inputs: Mapping[str, Records] = field(default_factory=dict)
    expected: Mapping[str, Records] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, Values] = field(default_factory=dict)
    stalls: Stall | Mapping[str, Stall] = NONE
    seed: int = 0
    resets: Sequence[int] = ()
    reset_length: int = 1
    stop_at_mismatch: bool = False
    drain: int = 64
    patience: int = 10_000
    limit: int | None = None
    stamps: bool = False
    watch: bool = False

    def __post_init__(self) -> None:
        for name, least in (("reset_length", 1), ("drain", 0), ("patience", 1), ("limit", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise BadInput(f"Job.{name} = {value}: must be {least} or more")
        if any(cycle < 0 for cycle in self.resets):
            raise BadInput(f"Job.resets = {tuple(self.resets)}: cycles count from 0")
        if any(count < 0 for count in self.counts.values()):
            raise BadInput(f"Job.counts = {dict(self.counts)}: a count is 0 or more")

    def stall_of(self, stream: str) -> Stall:
        """The stall of one stream."""
        return self.stalls if isinstance(self.stalls, Stall) else self.stalls.get(stream, NONE)
