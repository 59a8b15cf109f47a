"""Flits on the lanes of a line and off them: the specification of `chiplet.framing`, sections 2 and 5 to 7 of
`docs/bridge.md`.

A flit is, in beats of `lanes` bits, lowest bits first:

    seeds       of the scrambler, where there is one: as many beats of zeros as hold 16 bits
    body        with zeros behind it up to whole bytes and whole beats
    CRC-32      of the body, zeros and all

All beats of it are scrambled; then they get check bits, where they are protected. `frame` is 1 in the first.

The hardware is a transmitter and a receiver. The core is the two joined by a line that does what each flit
says: in `length` beats of it, from beat `at` on, `flips`, `check_flips` and `frame_flip` are changed. Between
two flits the line and its clock rest. `output` gives the bodies of flits that are good, and whether a lane
was put right in one; `dropped` why one was dropped.

    a beat has more wrong bits than can be put right    UNCORRECTABLE
    another flit began before it was whole              CUT_SHORT
    the CRC is another                                  WRONG_CRC
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, index_bits

from . import scrambler, secded

LANES = (1, 2, 4, 8, 16, 32)
CRC_BITS = 32
BIT = unsigned(1)


class Drop(IntEnum):
    """Why a flit is dropped."""

    WRONG_CRC = 0
    CUT_SHORT = 1
    UNCORRECTABLE = 2


@dataclass(frozen=True)
class Params:
    """width: bits of a body; of the core at most 64. lanes: bits of a beat: 1, 2, 4, 8, 16 or 32.

    scrambled: there is a scrambler. protected: each beat has check bits on lanes of their own.
    """

    width: int = 24
    lanes: int = 8
    scrambled: bool = True
    protected: bool = True

    def __post_init__(self) -> None:
        if self.width < 1:
            raise BadInput(f"width = {self.width}: a body has at least one bit")
        if self.lanes not in LANES:
            raise BadInput(f"lanes = {self.lanes}: {', '.join(map(str, LANES))} are possible")

    @property
    def code(self) -> secded.Params:
        """Of a beat."""
        return secded.Params(self.lanes)

    @property
    def check_lanes(self) -> int:
        """Lanes of check bits."""
        return self.code.check_bits if self.protected else 0

    @property
    def seed_beats(self) -> int:
        """Beats before the body."""
        return scrambler.Params(self.lanes).seed_beats if self.scrambled else 0

    @property
    def body_beats(self) -> int:
        """Beats of the body, with the zeros behind it."""
        unit = max(8, self.lanes)
        return -(-self.width // unit) * unit // self.lanes

    @property
    def crc_beats(self) -> int:
        """Beats of the CRC."""
        return CRC_BITS // self.lanes

    @property
    def beats(self) -> int:
        """Beats of a flit."""
        return self.seed_beats + self.body_beats + self.crc_beats


def inputs(params: Params) -> Mapping[str, Port]:
    """Bodies, and what the line does to their flits."""
    fields = {"body": unsigned(params.width), "flips": unsigned(params.lanes)}
    if params.protected:
        fields["check_flips"] = unsigned(params.check_lanes)
    place = unsigned(index_bits(params.beats))
    return {"input": Port({**fields, "frame_flip": BIT, "at": place, "length": place})}


def outputs(params: Params) -> Mapping[str, Port]:
    """Bodies of good flits; reasons of others."""
    corrected = {"corrected": BIT} if params.protected else {}
    return {
        "output": Port({"body": unsigned(params.width), **corrected}),
        "dropped": Port({"reason": unsigned(2)}),
    }


Bits = tuple[int, ...]


@dataclass(frozen=True)
class State:
    """here, there: what the two ends know of the scrambler's stream. come: the bits of the flit that comes,
    as they are put right and unscrambled, or None while none has begun. corrected, beyond: of its beats.
    """

    here: Bits = (1,) * scrambler.DEGREE
    there: Bits = (1,) * scrambler.DEGREE
    come: Bits | None = None
    corrected: int = 0
    beyond: int = 0


Good = list[tuple[int, ...]]
Reasons = list[tuple[int]]


def flit(params: Params, body: int) -> list[int]:
    """Its beats, before they are scrambled."""
    size = params.body_beats * params.lanes
    crc = zlib.crc32(body.to_bytes(size // 8, "little"))
    bits = (body | crc << size) << (params.seed_beats * params.lanes)
    return [bits >> (beat * params.lanes) & ((1 << params.lanes) - 1) for beat in range(params.beats)]


def receive(
    params: Params, state: State, data: int, check: int, frame: int, good: Good, reasons: Reasons
) -> State:
    """One beat comes."""
    corrected = beyond = 0
    if params.protected:
        data, corrected, beyond = secded.decode(params.code, data, check)
    come, before = state.come, (state.corrected, state.beyond)
    if frame:
        if come is not None:
            reasons.append((Drop.CUT_SHORT,))
        come, before = (), (0, 0)
    there = state.there
    if params.scrambled:
        in_seed = come is not None and len(come) < params.seed_beats * params.lanes
        stream = scrambler.bits(data, params.lanes) if in_seed else scrambler.following(there, params.lanes)
        there = (*there, *stream)[-scrambler.DEGREE :]
        data ^= scrambler.word(stream)
    if come is None:
        return State(state.here, there)
    come = (*come, *scrambler.bits(data, params.lanes))
    corrected, beyond = corrected | before[0], beyond | before[1]
    if len(come) < params.beats * params.lanes:
        return State(state.here, there, come, corrected, beyond)
    size = params.body_beats * params.lanes
    rest = scrambler.word(list(come[params.seed_beats * params.lanes :]))
    body, crc = rest & ((1 << size) - 1), rest >> size
    if beyond:
        reasons.append((Drop.UNCORRECTABLE,))
    elif zlib.crc32(body.to_bytes(size // 8, "little")) != crc:
        reasons.append((Drop.WRONG_CRC,))
    else:
        good.append((body & ((1 << params.width) - 1), *([corrected] if params.protected else [])))
    return State(state.here, there)


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, ...]
) -> tuple[State, Good, Reasons]:
    """One flit there, and what arrives of it and of what came before."""
    body, flips, *check_flips, frame_flip, at, length = transaction
    good: Good = []
    reasons: Reasons = []
    for place, beat in enumerate(flit(params, body)):
        if params.scrambled:
            stream = scrambler.following(state.here, params.lanes)
            beat ^= scrambler.word(stream)
            here = (*state.here, *stream)[-scrambler.DEGREE :]
            state = State(here, state.there, state.come, state.corrected, state.beyond)
        check = secded.encode(params.code, beat) if params.protected else 0
        frame = int(place == 0)
        if at <= place < at + length:
            beat, frame = beat ^ flips, frame ^ frame_flip
            check ^= sum(check_flips)
        state = receive(params, state, beat, check, frame, good, reasons)
    return state, good, reasons


COSTED: Mapping[str, Params] = {"plain": Params(scrambled=False, protected=False)}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="chiplet.framing",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)
