"""Records and their bits: packing against one big integer, fields that cross 64-bit words, and refusals.

A check takes the packing function, so that the same check is shown to reject wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fixed import Q, signed, unsigned
from spikelock.models.ports import (
    Layout,
    Memory,
    Port,
    Records,
    Register,
    Words,
    index_bits,
    load_port,
    load_records,
)

formats = st.builds(Q, st.integers(1, 64), st.just(0), st.booleans())
layouts = st.lists(formats, min_size=1, max_size=8).map(
    lambda qs: Layout({f"f{i}": q for i, q in enumerate(qs)})
)
CROSSING = Layout({"a": unsigned(40), "b": signed(48), "c": signed(64), "d": unsigned(64), "e": signed(1)})
"""Fields b, c and d each lie in two words."""


def values(q: Q) -> st.SearchStrategy[int]:
    edges = [
        value for value in (q.minimum, q.minimum + 1, -1, 0, 1, q.maximum) if q.minimum <= value <= q.maximum
    ]
    return st.sampled_from(edges) | st.integers(q.minimum, q.maximum)


def rows(layout: Layout) -> st.SearchStrategy[list[tuple[int, ...]]]:
    return st.lists(st.tuples(*(values(q) for q in layout.fields.values())), max_size=5)


def bits(layout: Layout, row: tuple[int, ...]) -> int:
    """The record as one integer, first field lowest."""
    total, offset = 0, 0
    for value, q in zip(row, layout.fields.values(), strict=True):
        total += (value % 2**q.width) << offset
        offset += q.width
    return total


def check_pack(pack: Callable[[Records], Words], layout: Layout, some: list[tuple[int, ...]]) -> None:
    words = pack(layout.from_tuples(some))
    assert words.shape == (len(some), layout.words)
    assert words.dtype == np.uint64
    for row, line in zip(some, words.tolist(), strict=True):
        assert sum(word << 64 * i for i, word in enumerate(line)) == bits(layout, row), row


def check_unpack(
    unpack: Callable[[Words], Records], layout: Layout, some: list[tuple[int, ...]], above: int
) -> None:
    """`above` fills the bits above the record, which must not matter."""
    whole = [bits(layout, row) | above << layout.width for row in some]
    words = [[one >> 64 * i & (2**64 - 1) for i in range(layout.words)] for one in whole]
    records = unpack(np.array(words, np.uint64).reshape(len(some), layout.words))
    assert records.dtype == layout.dtype
    assert records.tolist() == some


@settings(deadline=None)
@given(st.data(), layouts)
def test_pack_and_unpack(data: st.DataObject, layout: Layout) -> None:
    some = data.draw(rows(layout))
    check_pack(layout.pack, layout, some)
    check_unpack(layout.unpack, layout, some, above=data.draw(st.sampled_from([0, 2**64 - 1])))
    records = layout.from_tuples(some)
    assert (layout.unpack(layout.pack(records)) == records).all()


EXTREMES = [
    tuple(q.minimum for q in CROSSING.fields.values()),
    tuple(q.maximum for q in CROSSING.fields.values()),
]


def test_fields_that_cross_words() -> None:
    assert (CROSSING.width, CROSSING.words) == (217, 4)
    some = [*EXTREMES, (1, -1, -2, 3, -1), (2**39, 2**46, 2**62, 2**63, 0)]
    check_pack(CROSSING.pack, CROSSING, some)
    check_unpack(CROSSING.unpack, CROSSING, some, above=2**39 - 1)


def pack_without_mask(records: Records) -> Words:
    return _pack(records, mask=False)


def pack_without_carry(records: Records) -> Words:
    return _pack(records, carry=False)


def pack_first_field_highest(records: Records) -> Words:
    return CROSSING.pack(records)[:, ::-1]


def _pack(records: Records, mask: bool = True, carry: bool = True) -> Words:
    out, offset = np.zeros((len(records), CROSSING.words), np.uint64), 0
    for name, q in CROSSING.fields.items():
        value = records[name].astype(np.uint64) & np.uint64(2**q.width - 1 if mask else 2**64 - 1)
        word, shift = divmod(offset, 64)
        out[:, word] |= value << np.uint64(shift)
        if carry and shift + q.width > 64:
            out[:, word + 1] |= value >> np.uint64(64 - shift)
        offset += q.width
    return out


@pytest.mark.parametrize("wrong", [pack_without_mask, pack_without_carry, pack_first_field_highest])
def test_the_pack_check_rejects(wrong: Callable[[Records], Words]) -> None:
    check_pack(_pack, CROSSING, EXTREMES)
    with pytest.raises(AssertionError):
        check_pack(wrong, CROSSING, EXTREMES)


def unpack_without_sign(words: Words) -> Records:
    plain = Layout({name: unsigned(q.width) for name, q in CROSSING.fields.items()})
    return plain.unpack(words).astype(CROSSING.dtype)


def unpack_low_words_only(words: Words) -> Records:
    return CROSSING.unpack(words & np.array([2**64 - 1, 2**64 - 1, 2**64 - 1, 0], np.uint64))


@pytest.mark.parametrize("wrong", [unpack_without_sign, unpack_low_words_only])
def test_the_unpack_check_rejects(wrong: Callable[[Words], Records]) -> None:
    check_unpack(CROSSING.unpack, CROSSING, EXTREMES, above=0)
    with pytest.raises(AssertionError):
        check_unpack(wrong, CROSSING, EXTREMES, above=0)


# ---------------------------------------------------------------- records

PAIR = Layout({"spike": unsigned(1), "membrane": signed(16, 8)})


@settings(deadline=None)
@given(st.data(), layouts)
def test_records_by_position_by_name_and_by_row_are_the_same(data: st.DataObject, layout: Layout) -> None:
    some = data.draw(rows(layout))
    columns = [np.array([row[i] for row in some], layout.dtype[name]) for i, name in enumerate(layout.fields)]
    by_name = layout.records(**dict(zip(layout.fields, columns, strict=True)))
    assert layout.records(*columns).tolist() == by_name.tolist() == layout.from_tuples(some).tolist() == some


@settings(deadline=None)
@given(st.data(), formats, st.integers(0, 3))
def test_a_value_that_does_not_fit_is_refused_wherever_it_stands(
    data: st.DataObject, q: Q, place: int
) -> None:
    layout = Layout({"x": q})
    beyond = [value for value in (q.minimum - 1, q.maximum + 1) if -(2**63) <= value < 2**64]
    if not beyond:
        return
    bad = data.draw(st.sampled_from(beyond))
    column = np.full(4, 0, np.uint64 if bad >= 2**63 else np.int64)
    column[place] = bad
    with pytest.raises(RangeError, match=f"^x = {bad} does not fit"):
        layout.records(column)


@pytest.mark.parametrize(
    ("columns", "named", "message"),
    [
        (([0],), {}, "fields given: spike; needed: spike, membrane"),
        ((), {}, "fields given: none; needed"),
        (([0], [0], [0]), {}, "needed: spike, membrane"),
        (([0],), {"voltage": [0]}, "fields given: spike, voltage"),
        (([0, 1], [0]), {}, r"different lengths: \[1, 2\]"),
        (([0], [0.5]), {}, "field membrane has dtype float64; raw integers are needed"),
        (([0], [None]), {}, "field membrane has dtype object"),
        (([0], [0]), {"membrane": [1]}, "needed: spike, membrane"),
        (([[0, 1]], [[0, 1]]), {}, "a column has one dimension"),
    ],
    ids=["missing", "none", "too many", "unknown", "lengths", "float", "object", "twice", "table"],
)
def test_wrong_columns_are_refused(columns: tuple[Any, ...], named: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        PAIR.records(*columns, **named)


def test_wrong_rows_are_refused() -> None:
    wide = Layout({"x": unsigned(64)})
    assert wide.from_tuples([(2**63,), (1,)]).tolist() == [
        (2**63,),
        (1,),
    ]  # a list of both becomes float64 in NumPy
    for layout in (wide, Layout({"x": signed(64)})):
        for value in (2**64, -(2**63) - 1, 2**100):
            with pytest.raises(RangeError, match=f"^x = {value} does not fit"):
                layout.from_tuples([(0,), (value,)])
    with pytest.raises(BadInput, match=r"field membrane .* raw integers are needed"):
        PAIR.from_tuples([(1, 2), (1, 2.5)])  # type: ignore[list-item]
    with pytest.raises(BadInput, match="needed: spike, membrane"):
        PAIR.from_tuples([(1, 2, 3)])
    with pytest.raises(ValueError, match="shorter"):
        PAIR.from_tuples([(1, 2), (1,)])


def test_records_take_booleans_scalars_and_nothing() -> None:
    assert PAIR.records(np.array([True, False]), [1, 2]).tolist() == [(1, 1), (0, 2)]
    assert PAIR.records(1, membrane=-5).tolist() == [(1, -5)]
    assert PAIR.records([], []).tolist() == PAIR.from_tuples([]).tolist() == []


def test_widths_and_words() -> None:
    assert (PAIR.width, PAIR.words) == (17, 1)
    assert [Layout({"x": unsigned(n), "y": unsigned(m)}).words for n, m in ((1, 1), (32, 32), (64, 1))] == [
        1,
        1,
        2,
    ]
    assert PAIR.dtype["membrane"] == CROSSING.dtype["c"] == np.int64
    assert CROSSING.dtype["d"] == np.uint64
    with pytest.raises(RangeError, match="field x has 65 bits; a field has at most 64"):
        Layout({"x": unsigned(65)})


def test_ports_and_registers() -> None:
    assert (Port({"x": unsigned(1)}).kind, Port({"x": unsigned(1)}).clock) == ("stream", "sync")
    for value in (-129, 128):
        with pytest.raises(RangeError, match=f"reset value {value} does not fit"):
            Register(signed(8), value, "an example")
    assert [Register(signed(8), value, "an example").reset for value in (-128, 127)] == [-128, 127]


# ---------------------------------------------------------------- loading memories

STORES = {
    "weights": Memory(5, Layout({"target": unsigned(10), "weight": signed(6)}), "an example"),
    "biases": Memory(3, Layout({"bias": signed(20)}), "an example"),
}


def test_load_port_is_as_wide_as_the_largest_memory() -> None:
    assert {name: q.width for name, q in load_port(STORES).fields.items()} == {
        "memory": 1,
        "address": 3,
        "data": 20,
    }
    assert [index_bits(values) for values in (1, 2, 3, 4, 5, 1024, 1025)] == [1, 1, 2, 2, 3, 10, 11]


def test_load_records_write_each_memory_from_address_0_up() -> None:
    weights = STORES["weights"].layout.from_tuples([(1023, -1), (0, 31), (512, -32)])
    biases = STORES["biases"].layout.from_tuples([(-1,), (5,)])
    second = [(1, 0, 2**20 - 1), (1, 1, 5)]
    first = [(0, 0, 2**16 - 1), (0, 1, 31 << 10), (0, 2, 32 << 10 | 512)]
    assert load_records(STORES, {"biases": biases, "weights": weights}).tolist() == first + second
    assert load_records(STORES, {"biases": biases}).tolist() == second
    assert load_records(STORES, {"weights": weights[:0]}).tolist() == load_records(STORES, {}).tolist() == []
