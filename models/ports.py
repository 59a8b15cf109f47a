"""Ports, registers and memories of a core: what the RTL, the benches, drivers and docs all derive from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Q

Records = NDArray[Any]
"""Transactions of one port: a one-dimensional structured array, a record each, an int64 a field."""

Words = NDArray[np.uint64]
"""The same transactions as bits: shape (transactions, words), 64 bits a word, low word first."""


@dataclass(frozen=True)
class Layout:
    """Named fields of a bit vector, the first field in the lowest bits (as Amaranth's `StructLayout`)."""

    fields: Mapping[str, Q]

    def __post_init__(self) -> None:
        for name, q in self.fields.items():
            if q.width > 64:
                raise RangeError(f"field {name} has {q.width} bits; a field has at most 64: split it in two")

    @cached_property
    def width(self) -> int:
        """Bits of one record."""
        return sum(q.width for q in self.fields.values())

    @cached_property
    def words(self) -> int:
        """64-bit words of one record."""
        return max(1, -(-self.width // 64))

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Record type: int64 for every field (uint64 for an unsigned one of 64 bits)."""
        return np.dtype(
            [(n, np.int64 if q.signed or q.width < 64 else np.uint64) for n, q in self.fields.items()]
        )

    def records(self, *columns: Any, **named: Any) -> Records:
        """Builds checked records from one array per field, in field order or by name.

        Raises BadInput where columns are missing or differ in length, RangeError where a value does not fit.
        """
        given = dict(zip(self.fields, columns, strict=False)) | named
        if given.keys() != self.fields.keys() or len(columns) + len(named) > len(self.fields):
            raise BadInput(f"fields given: {', '.join(given) or 'none'}; needed: {', '.join(self.fields)}")
        arrays = [np.atleast_1d(np.asarray(a)) for a in given.values()]
        if any(a.ndim > 1 for a in arrays):
            raise BadInput(f"columns of shapes {[a.shape for a in arrays]}; a column has one dimension")
        lengths = {len(a) for a in arrays}
        if len(lengths) > 1:
            raise BadInput(f"fields of different lengths: {sorted(lengths)}; all must be equal")
        out = np.zeros(lengths.pop() if lengths else 0, self.dtype)
        for name, array in zip(given, arrays, strict=True):
            if not _all_integers(array):
                raise BadInput(
                    f"field {name} has dtype {array.dtype}; raw integers are needed (quantise it first)"
                )
            self._check_range(name, array)
            out[name] = array
        return out

    def from_tuples(self, rows: Iterable[tuple[int, ...]]) -> Records:
        """Records from an iterable of tuples in field order. Raises as `records` does."""
        columns = list(zip(*rows, strict=True)) or [()] * len(self.fields)
        # object: no integer is converted
        return self.records(*(np.array(column, object) for column in columns))

    def _check_range(self, name: str, array: NDArray[Any]) -> None:
        q = self.fields[name]
        if array.size and not (q.minimum <= int(array.min()) and int(array.max()) <= q.maximum):
            bad = int(array.min()) if int(array.min()) < q.minimum else int(array.max())
            raise RangeError(f"{name} = {bad} does not fit {q}: {q.minimum} … {q.maximum}")

    def pack(self, records: Records) -> Words:
        """Bits of each record, shape (n, words)."""
        out = np.zeros((len(records), self.words), np.uint64)
        for name, offset, q in self._offsets():
            bits = records[name].astype(np.uint64) & np.uint64((1 << q.width) - 1)
            word, shift = divmod(offset, 64)
            out[:, word] |= bits << np.uint64(shift)
            if shift + q.width > 64:
                out[:, word + 1] |= bits >> np.uint64(64 - shift)
        return out

    def unpack(self, words: Words) -> Records:
        """Inverse of `pack`; bits above `width` are ignored."""
        out = np.zeros(len(words), self.dtype)
        for name, offset, q in self._offsets():
            word, shift = divmod(offset, 64)
            bits = words[:, word] >> np.uint64(shift)
            if shift + q.width > 64:
                bits |= words[:, word + 1] << np.uint64(64 - shift)
            bits &= np.uint64((1 << q.width) - 1)
            if q.signed:  # sign-extend by moving the sign bit to bit 63 and back
                up = np.int64(64 - q.width)
                out[name] = (bits.astype(np.int64) << up) >> up
            else:
                out[name] = bits
        return out

    def _offsets(self) -> Iterable[tuple[str, int, Q]]:
        offset = 0
        for name, q in self.fields.items():
            yield name, offset, q
            offset += q.width


def to_bits(layout: Layout, records: Records) -> list[int]:
    """The bits of each record as one integer."""
    return [sum(int(word) << (64 * i) for i, word in enumerate(row)) for row in layout.pack(records)]


def from_bits(layout: Layout, bits: Sequence[int]) -> Records:
    """Inverse of `to_bits`."""
    mask = (1 << 64) - 1
    rows = [[(value >> (64 * i)) & mask for i in range(layout.words)] for value in bits]
    return layout.unpack(np.array(rows, np.uint64).reshape(len(bits), layout.words))


def _all_integers(array: NDArray[Any]) -> bool:
    if array.dtype.kind == "O":
        return all(isinstance(value, int | np.integer | np.bool_) for value in array)
    return array.dtype.kind in "iub" or not array.size


@dataclass(frozen=True)
class Port(Layout):
    """A port of a core.

    A *stream* follows Amaranth's `lib.stream`: a transaction passes on a clock edge with valid and ready both
    high; valid never waits for ready, and a payload holds while it is stalled. A *level* is a plain signal.
    """

    kind: Literal["stream", "level"] = "stream"
    clock: str = "sync"


@dataclass(frozen=True)
class Register:
    """A value a host may set at run time: its format, its value after reset, and what it means."""

    q: Q
    reset: int
    doc: str

    def __post_init__(self) -> None:
        if not self.q.minimum <= self.reset <= self.q.maximum:
            raise RangeError(
                f"reset value {self.reset} does not fit {self.q}: {self.q.minimum} … {self.q.maximum}"
            )


RegisterMap = Mapping[str, Register]
"""Registers by name. The address of a register is its position in the map."""


@dataclass(frozen=True)
class Memory:
    """A memory a host loads, through the core's `load` stream, before the core runs."""

    depth: int
    layout: Layout
    doc: str


MemoryMap = Mapping[str, Memory]
"""Memories by name. The number of a memory, in the `load` stream, is its position in the map."""


def index_bits(values: int) -> int:
    """Bits of an index into `values` things, at least 1."""
    return max(1, (values - 1).bit_length())


def register_request(registers: RegisterMap) -> Port:
    """What a host asks of a register bank: to write data to an address, or to read it.

    Raises BadInput where there are no registers.
    """
    if not registers:
        raise BadInput("there are no registers: a register bank is for a core that has some")
    data = max(register.q.width for register in registers.values())
    address = Q(index_bits(len(registers)), signed=False)
    return Port({"write": Q(1, signed=False), "address": address, "data": Q(data, signed=False)})


def register_reply(registers: RegisterMap) -> Port:
    """What a register bank answers to each read: the bits of the register, 0 where there is none."""
    return Port({"data": register_request(registers).fields["data"]})


def load_port(memories: MemoryMap) -> Port:
    """The `load` stream of a core with memories: number of the memory, address in it, bits of the record."""
    return Port(
        {
            "memory": Q(index_bits(len(memories)), signed=False),
            "address": Q(index_bits(max(m.depth for m in memories.values())), signed=False),
            "data": Q(max(m.layout.width for m in memories.values()), signed=False),
        }
    )


def load_records(memories: MemoryMap, contents: Mapping[str, Records]) -> Records:
    """Transactions for the `load` stream that write the given contents, each memory from address 0 up."""
    port = load_port(memories)
    parts = [port.records([], [], [])]
    for number, (name, memory) in enumerate(memories.items()):
        if name in contents:
            data = memory.layout.pack(contents[name])[:, 0]
            parts.append(port.records(np.full(len(data), number), np.arange(len(data)), data))
    return np.concatenate(parts)


def inspect_port(inspected: MemoryMap) -> Port:
    """The level by which a board reads memories of a core: number of the memory, address in it.

    Held for two cycles. If the port `inspected` says in the first that the core is idle, it has the bits of
    the record in the second.
    """
    load = load_port(inspected)
    return Port({name: load.fields[name] for name in ("memory", "address")}, kind="level")


def inspected_port(inspected: MemoryMap) -> Port:
    """What the core answers: the bits of a record, and whether it is idle in this cycle."""
    return Port({"data": load_port(inspected).fields["data"], "idle": Q(1, signed=False)}, kind="level")
