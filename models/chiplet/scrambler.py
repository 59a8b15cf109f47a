"""Scrambling, frame-synchronous: the specification of `chiplet.scrambler`.

To the beats on the line bits of an endless stream are added, modulo 2, `width` to a beat, the first to bit 0:

    k[n] = k[n − 3] + k[n − 4] + k[n − 5] + k[n − 16]

of the feedback polynomial 1 + x^3 + x^4 + x^5 + x^16, as the scrambler of PCI Express 1.0 and 2.0 (Base
Specification, section 4.2.3), from sixteen ones on. It is primitive: the stream repeats after 65,535 bits.

A beat with `seed` carries no data, so on the line it is the stream itself. The far end takes its state from
it. After 16 bits of seeds in a row it undoes what was done, whatever it missed before; so IEEE 802.11 begins
each frame (section 17.3.5.5). A wrong bit on the line makes one wrong bit of data, not three, as a
self-synchronising scrambler would.

The hardware is a scrambler and a descrambler. The core is the two joined by a line that changes and loses
beats, as each beat says: `flips` are the bits that it changes, and a beat that is `lost` does not arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

DEGREE = 16
"""Bits of the stream that decide all that follow."""

BIT = unsigned(1)


@dataclass(frozen=True)
class Params:
    """width: bits of a beat, 1 … 64."""

    width: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 64:
            raise BadInput(f"width = {self.width}: a beat has 1 … 64 bits")

    @property
    def seed_beats(self) -> int:
        """Beats with `seed` after which the far end knows the stream."""
        return -(-DEGREE // self.width)


def inputs(params: Params) -> Mapping[str, Port]:
    """Beats, and what the line does to each."""
    data = unsigned(params.width)
    return {"input": Port({"data": data, "seed": BIT, "flips": data, "lost": BIT})}


def outputs(params: Params) -> Mapping[str, Port]:
    """What is sent to the line, and what the far end makes of what comes: 0 for a seed or a beat lost."""
    data = unsigned(params.width)
    return {"output": Port({"line": data, "data": data})}


@dataclass(frozen=True)
class State:
    """The last bits of the stream, the oldest first, as each end knows them."""

    here: tuple[int, ...] = (1,) * DEGREE
    there: tuple[int, ...] = (1,) * DEGREE


def following(known: tuple[int, ...], count: int) -> list[int]:
    """The next `count` bits of the stream."""
    stream = list(known)
    for _ in range(count):
        stream.append((stream[-3] + stream[-4] + stream[-5] + stream[-16]) % 2)
    return stream[DEGREE:]


def bits(word: int, count: int) -> list[int]:
    """The bits of a word, bit 0 first."""
    return [word >> place & 1 for place in range(count)]


def word(some: list[int]) -> int:
    """The word of these bits, bit 0 first."""
    return sum(bit << place for place, bit in enumerate(some))


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int, int, int]
) -> tuple[State, list[tuple[int, int]]]:
    """One beat there."""
    data, seed, flips, lost = transaction
    stream = following(state.here, params.width)
    line = word(stream) ^ (0 if seed else data)
    here = (*state.here, *stream)[-DEGREE:]
    if lost:
        return State(here, state.there), [(line, 0)]
    came = line ^ flips
    known = bits(came, params.width) if seed else following(state.there, params.width)
    return State(here, (*state.there, *known)[-DEGREE:]), [(line, came ^ word(known))]


CORE = Core(
    name="chiplet.scrambler",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(),
    reference=reference,
    timing=lambda params: Timing(latency=0, interval=1),
)
