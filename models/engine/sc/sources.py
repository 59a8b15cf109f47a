"""Sources of numbers for many streams at once: the sequences of `sc.lfsr`, `sc.sobol`, `sc.halton` and
`sc.counter` from their beginning, without a request for each number.

Numbers are asked for block by block, for a few streams at a time, and can be: what a source keeps does not
grow with the length of the streams. A shift register runs through one cycle, whatever its seed; so of a
narrow one that cycle is kept, with the place of each state in it, and every sequence is a slice of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.lfsr import LFSR
from spikelock.models.sc.counter import Params as CounterParams
from spikelock.models.sc.halton import Params as HaltonParams
from spikelock.models.sc.sobol import Params as SobolParams

from .halton import points as halton_points
from .sobol import points as sobol_points

STEPS = 1 << 12
"""Steps of the longest block: whole words."""
TABLED = 22
"""Bits of the widest shift register whose whole cycle is kept."""

Places = NDArray[np.uint32]
Numbers = NDArray[Any]
"""Of the narrowest unsigned type that holds them."""


def narrowest(width: int) -> np.dtype[Any]:
    """The unsigned type for numbers of so many bits."""
    types = map(np.dtype, ("uint8", "uint16", "uint32", "uint64"))
    return next(each for each in types if width <= 8 * each.itemsize)


class Source(ABC):
    """Sequences of numbers of `width` bits, 1 to 62, one for each stream; `shape` arranges the streams."""

    def __init__(self, width: int, shape: tuple[int, ...]) -> None:
        if not 1 <= width <= 62:
            raise RangeError(f"numbers of {width} bits: streams are made of those of 1 … 62")
        self.width = width
        self.shape = shape
        self.dtype = narrowest(width)

    @abstractmethod
    def numbers(self, streams: slice, start: int, stop: int) -> Numbers:
        """Numbers start … stop − 1 of some of the streams, counted in C order: (streams, stop − start).

        start is a multiple of STEPS, and no more numbers than that are asked for.
        """


# ---------------------------------------------------------------- linear-feedback shift registers
class Cyclic(Source):
    """Slices of one cycle of numbers, each from its own place in it.

    cycle: one period, and what follows it for STEPS numbers more. phases: of the streams, in C order.
    """

    def __init__(self, width: int, shape: tuple[int, ...], cycle: Numbers, phases: Places) -> None:
        super().__init__(width, shape)
        self.cycle, self.phases = cycle, phases
        self.period = len(cycle) - STEPS

    def numbers(self, streams: slice, start: int, stop: int) -> Numbers:
        places = (self.phases[streams] + np.int64(start % self.period)) % self.period
        numbers: Numbers = sliding_window_view(self.cycle, stop - start)[places]
        return numbers


class Leaping(Source):
    """A shift register too wide to keep its cycle: every block begins with a jump ahead from the seed."""

    def __init__(self, generator: LFSR, shape: tuple[int, ...], seeds: NDArray[np.int64]) -> None:
        super().__init__(generator.width, shape)
        self.generator, self.seeds = generator, seeds.copy()

    def numbers(self, streams: slice, start: int, stop: int) -> Numbers:
        seeds = self.seeds[streams].astype(np.uint64)
        if start:
            seeds = _linear(_jump(self.generator, start), seeds)
        return self.generator.states(seeds, stop - start).astype(self.dtype)


def lfsr(generator: LFSR, seeds: ArrayLike) -> Source:
    """The states of a shift register from each of the seeds, the seed being the first number.

    Raises RangeError for a seed that is 0 or wider than the register, and for a register of over 62 bits.
    """
    given = np.asarray(seeds)
    flat = integers("seeds", given, given.shape)
    wrong = (flat < 1) | (flat > generator.period)
    if wrong.any():
        raise RangeError(
            f"seed {flat[wrong][0]} of LFSR {generator.name}: it must be 1 … {generator.period}; "
            "a register never leaves the state 0"
        )
    table = _cycle(generator) if generator.width <= TABLED else None
    if table is None:
        return Leaping(generator, given.shape, flat)
    cycle, place = table
    return Cyclic(generator.width, given.shape, cycle, place[flat])


@lru_cache(maxsize=8)
def _cycle(generator: LFSR) -> tuple[Numbers, Places] | None:
    """All states from 1 on, followed by the first STEPS again; and the place of each state among them.

    None where the register has several cycles, as its polynomial is not primitive.
    """
    states = generator.states(1, generator.period)
    if (states[1:] == 1).any():
        return None
    places = np.zeros(generator.period + 1, np.uint32)
    places[states] = np.arange(generator.period, dtype=np.uint32)
    narrow = states.astype(narrowest(generator.width))
    return np.resize(narrow, generator.period + STEPS), places


def _linear(columns: NDArray[np.uint64], states: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A matrix over GF(2), given by where it takes each bit, times each state."""
    result = np.zeros_like(states)
    for bit, column in enumerate(columns):
        result ^= (states >> np.uint64(bit) & np.uint64(1)) * column
    return result


@lru_cache(maxsize=1024)
def _jump(generator: LFSR, steps: int) -> NDArray[np.uint64]:
    """The matrix of so many steps, by squaring: they are linear over GF(2)."""
    units = np.uint64(1) << np.arange(generator.width, dtype=np.uint64)
    if steps == 0:
        return units
    half = _jump(generator, steps // 2)
    columns = _linear(half, half)
    return _linear(generator.states(units, 2)[:, 1].astype(np.uint64), columns) if steps % 2 else columns


# ---------------------------------------------------------------- other sources
class Counting(Source):
    """start, start + 1, … of each stream, wrapping at 2^width."""

    def __init__(self, width: int, shape: tuple[int, ...], starts: NDArray[np.int64]) -> None:
        super().__init__(width, shape)
        self.starts = starts.copy()

    def numbers(self, streams: slice, start: int, stop: int) -> Numbers:
        values = self.starts[streams, np.newaxis] + np.arange(start, stop)
        return (values & (1 << self.width) - 1).astype(self.dtype)


class Points(Source):
    """Low-discrepancy sequences, one of a few for each stream, with a digital shift.

    block: STEPS numbers of one of the sequences, from a place on. which: sequence of each stream.
    """

    def __init__(
        self,
        width: int,
        shape: tuple[int, ...],
        block: Callable[[Any, int], Numbers],
        sequences: list[Any],
        which: NDArray[np.int64],
        shifts: NDArray[np.int64],
    ) -> None:
        super().__init__(width, shape)
        self.block, self.sequences, self.which = block, sequences, which
        self.shifts = shifts.astype(self.dtype)

    def numbers(self, streams: slice, start: int, stop: int) -> Numbers:
        used, which = np.unique(self.which[streams], return_inverse=True)
        blocks = [self.block(self.sequences[k], start)[: stop - start].astype(self.dtype) for k in used]
        numbers: Numbers = np.stack(blocks)[which] ^ self.shifts[streams, np.newaxis]
        return numbers


def counter(width: int, starts: ArrayLike) -> Source:
    """Counters as `sc.counter`, from a start each. Raises RangeError for a start outside 0 … 2^width − 1."""
    given = np.asarray(starts)
    flat = integers("starts", given, given.shape)
    CounterParams(width, int(flat.min(initial=0)))
    CounterParams(width, int(flat.max(initial=0)))
    return Counting(width, given.shape, flat)


def sobol(width: int, dimensions: ArrayLike, shifts: ArrayLike = 0) -> Source:
    """Sobol sequences as `sc.sobol`. Raises RangeError for a dimension or a shift that it does not have."""
    dimension, shift = np.broadcast_arrays(np.asarray(dimensions), np.asarray(shifts))
    kinds, which = np.unique(integers("dimensions", dimension, dimension.shape), return_inverse=True)
    flat = integers("shifts", shift, shift.shape)
    SobolParams(0, width, int(flat.min(initial=0)))
    SobolParams(0, width, int(flat.max(initial=0)))
    sequences = [SobolParams(int(kind), width) for kind in kinds]
    return Points(width, dimension.shape, _sobol_block, sequences, which, flat)


def halton(width: int, bases: ArrayLike) -> Source:
    """Halton sequences as `sc.halton`. Raises RangeError for a base that it does not have."""
    given = np.asarray(bases)
    kinds, which = np.unique(integers("bases", given, given.shape), return_inverse=True)
    sequences = [HaltonParams(int(kind), width) for kind in kinds]
    return Points(width, given.shape, _halton_block, sequences, which, np.zeros(given.size, np.int64))


@lru_cache(maxsize=128)
def _sobol_block(sequence: SobolParams, start: int) -> Numbers:
    return sobol_points(sequence, np.arange(start, start + STEPS))


@lru_cache(maxsize=128)
def _halton_block(sequence: HaltonParams, start: int) -> Numbers:
    return halton_points(sequence, np.arange(start, start + STEPS))


class Turned(Source):
    """The numbers of another source, their bits turned left by some places."""

    def __init__(self, source: Source, rotation: int) -> None:
        super().__init__(source.width, source.shape)
        self.source, self.rotation = source, rotation

    def numbers(self, streams: slice, start: int, stop: int) -> Numbers:
        numbers = self.source.numbers(streams, start, stop).astype(np.uint64)
        high = numbers << np.uint64(self.rotation) & np.uint64((1 << self.width) - 1)
        return (high | numbers >> np.uint64(self.width - self.rotation)).astype(self.dtype)


def integers(what: str, given: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int64]:
    values = np.asarray(given)
    if values.dtype.kind not in "iu":
        raise BadInput(f"{what} of type {values.dtype}: they are integers; quantise.py makes them")
    try:
        return np.broadcast_to(values, shape).astype(np.int64, copy=False).ravel()
    except ValueError:
        raise BadInput(f"{what} in the shape {values.shape}: it must be {shape}, or one for all") from None
