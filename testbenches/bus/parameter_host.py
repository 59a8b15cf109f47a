"""A host of `bus.parameter_bank` at random: sets that are summed as they should be, and every mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from zlib import crc32

import numpy as np

from spikelock.models.bus.parameter_bank import REQUEST, Command, Params
from spikelock.models.fixed import Q
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Stimulus

Row = tuple[int, int, int, int, int]


def requests(params: Params) -> Stimulus:
    """At first a set of which every bit differs from the reset values. Then writes, applies with the right
    sum and with others, and all else a host can ask for.
    """

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        host = _Host(params, random)
        rows = [*host.first_set(), *(host.request() for _ in range(size))]
        return {"request": REQUEST.from_tuples(rows[:size])}

    return stimulus


class _Host:
    def __init__(self, params: Params, random: np.random.Generator) -> None:
        self.params, self.random = params, random
        self.summed = b""
        self.kept = False
        self.bit = 0
        self.weights: dict[Callable[[], Row], int] = {
            self.write_at_random: 41,
            self.apply: 18,
            self.apply_with_another_sum: 5,
            self.rollback: 9,
            self.begin: 7,
            self.clear: 4,
            self.write_what_does_not_fit: 4,
            self.write_where_nothing_is: 6,
            self.ask_another_bank: 6,
            self.ask_for_nothing_known: 4,
        }

    def request(self) -> Row:
        weights = np.array(list(self.weights.values()))
        return list(self.weights)[self.random.choice(len(weights), p=weights / weights.sum())]()

    def word(self) -> int:
        return int(self.random.integers(1 << 32))

    def next_bit(self, first: int, end: int) -> int:
        """One bit after the other, so that each gets its turn."""
        self.bit += 1
        return 1 << first + self.bit % (end - first)

    def other(self, command: int, bank: int | None = None, low: int | None = None) -> Row:
        """A request of which some words say nothing."""
        bank = self.params.bank if bank is None else bank
        return command, bank, self.word(), self.word() if low is None else low, self.word()

    def any_value(self, q: Q) -> int:
        if self.random.random() < 0.3:
            return int(self.random.choice(np.array([q.minimum, q.maximum, 0], object)))
        return int.from_bytes(self.random.bytes(8)) % (1 << q.width) + q.minimum

    def write_of(self, entry: int, value: int) -> Row:
        bits = value % (1 << 64)
        return Command.WRITE, self.params.bank, entry, bits % (1 << 32), bits >> 32

    def first_set(self) -> Iterator[Row]:
        for entry, (_, register) in enumerate(self.params.registers):
            yield self.write(entry, register.q.maximum + register.q.minimum - register.reset)
        yield self.apply()

    def write_at_random(self) -> Row:
        entry = int(self.random.integers(len(self.params.registers)))
        return self.write(entry, self.any_value(self.params.registers[entry][1].q))

    def write(self, entry: int, value: int) -> Row:
        row = self.write_of(entry, value)
        self.summed += b"".join(word.to_bytes(4, "little") for word in row[1:])
        return row

    def apply(self) -> Row:
        row = self.other(Command.APPLY, low=crc32(self.summed))
        self.kept = self.kept or self.summed != b""
        self.summed = b""
        return row

    def apply_with_another_sum(self) -> Row:
        return self.other(Command.APPLY, low=crc32(self.summed) ^ 1 << int(self.random.integers(32)))

    def rollback(self) -> Row:
        if self.kept:
            self.summed = b""
        self.kept = False
        return self.other(Command.ROLLBACK)

    def begin(self) -> Row:
        self.summed = b""
        return self.other(Command.BEGIN)

    def clear(self) -> Row:
        return self.other(Command.CLEAR)

    def write_what_does_not_fit(self) -> Row:
        """Often just beyond the format; or a bit too much anywhere."""
        formats = [register.q for _, register in self.params.registers]
        entry = int(self.random.choice([i for i, q in enumerate(formats) if q.width < 64]))
        q = formats[entry]
        beyond = [q.maximum + 1, q.minimum - 1, q.maximum + self.next_bit(q.width, 64)]
        return self.write_of(entry, beyond[self.random.integers(3)])

    def write_where_nothing_is(self) -> Row:
        """Just behind the last entry, or at an entry with one bit more."""
        count = len(self.params.registers)
        entry = count + int(self.random.integers(4))
        if self.random.random() < 0.8:
            entry = int(self.random.integers(count)) | self.next_bit(count.bit_length(), 32)
        return Command.WRITE, self.params.bank, entry, int(self.random.integers(2)), 0

    def ask_another_bank(self) -> Row:
        bank = self.params.bank ^ self.next_bit(0, 32)
        if self.random.random() < 0.5:
            return Command.WRITE, bank, 0, 0, 0
        return self.other(int(self.random.integers(len(Command))), bank)

    def ask_for_nothing_known(self) -> Row:
        return self.other(int(self.random.integers(len(Command), 8)))
